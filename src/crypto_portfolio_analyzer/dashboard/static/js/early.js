// Runs before the first paint, so that a pinned theme or language never flickers.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const colours = localStorage.getItem("colours");
    if (/^(blue|green|redup)$/.test(colours)) root.dataset.colours = colours;
    const language = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
    root.lang = language === "de" ? "de" : "en";
  } catch {
    root.lang = "en"; // storage is refused: defaults
  }
})();
