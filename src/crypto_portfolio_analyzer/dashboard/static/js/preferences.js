// How the page looks and speaks to one person: the server keeps it, the browser remembers it for the first paint.

import { get, put } from "./api.js";
import { setZone } from "./format.js";
import { language, speak } from "./i18n.js";
import { recall, remember } from "./memory.js";

export const THEMES = ["auto", "light", "dark"];
export const COLOURS = ["teal", "blue", "green", "redup"];

/** What holds in this browser now. */
export function preferred() {
  return {
    language,
    zone: recall("zone"),
    theme: recall("theme", "auto"),
    colours: recall("colours", "teal"),
    letters: recall("letters") !== "off",
  };
}

/** Look and speak so from now on; what is left out or null stays as it is. */
export function wear({ language: spoken, zone, theme, colours, letters }) {
  if (zone !== undefined) wearZone(zone);
  if (THEMES.includes(theme)) {
    remember("theme", theme === "auto" ? null : theme);
    pin("theme", theme === "auto" ? null : theme);
  }
  if (COLOURS.includes(colours)) {
    remember("colours", colours === "teal" ? null : colours);
    pin("colours", colours === "teal" ? null : colours);
  }
  if (typeof letters === "boolean") remember("letters", letters ? null : "off");
  document.dispatchEvent(new Event("looks"));
  if (spoken && spoken !== language) speak(spoken);
}

/** Take over what the server keeps; its defaults leave alone what was chosen in this browser. */
export async function fetchPreferences() {
  const told = await get("/api/auth/preferences");
  const changed = Object.entries(told).filter(([name, value]) => value !== null && !(name === "theme" && value === "auto"));
  wear(Object.fromEntries(changed));
}

let writing = Promise.resolve();

/** Change something, here at once and at the server for the other devices; one change after the other. */
export function prefer(change) {
  wear(change);
  writing = writing.catch(() => {}).then(async () => {
    const kept = await get("/api/auth/preferences");
    await put("/api/auth/preferences", { ...kept, ...change });
  });
  return writing;
}

function wearZone(zone) {
  try {
    setZone(zone);
    remember("zone", zone);
  } catch {
    setZone(null); // a zone that this browser does not know
  }
}

function pin(name, value) {
  if (value === null) delete document.documentElement.dataset[name];
  else document.documentElement.dataset[name] = value;
}

wearZone(recall("zone"));
