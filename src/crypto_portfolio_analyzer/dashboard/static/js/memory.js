// What the page remembers between visits. A browser may refuse to: then nothing is remembered.

export function recall(key, otherwise = null) {
  try {
    return localStorage.getItem(key) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // refused: the setting holds until the page is closed
  }
}
