// Colours of the theme for canvases, which cannot read custom properties.

const probe = document.createElement("span");
probe.hidden = true;
document.documentElement.append(probe);
let seen = {};

/** A token's colour now, as `rgb()` or, with `alpha`, `rgba()`. */
export function colour(name, alpha = 1) {
  if (!(name in seen)) {
    probe.style.color = `var(--${name})`;
    seen[name] = channels(getComputedStyle(probe).color);
  }
  const rgb = seen[name].join(", ");
  return alpha === 1 ? `rgb(${rgb})` : `rgba(${rgb}, ${alpha})`;
}

export function forgetColours() {
  seen = {};
}

// Mixed colours compute to `color(srgb 0.1 0.2 0.3)`, others to `rgb(1, 2, 3)`
function channels(text) {
  const numbers = text.match(/[\d.]+/g).slice(0, 3).map(Number);
  return text.startsWith("color") ? numbers.map((number) => Math.round(number * 255)) : numbers;
}
