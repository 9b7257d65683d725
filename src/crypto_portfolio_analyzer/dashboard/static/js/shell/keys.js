// Keys: single letters that act, unless somebody is typing or has switched them off; Ctrl K and / find everything.

import { preferred } from "../preferences.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], dialog";
const SECOND_KEY_MS = 1500;

/** What the map of keys shows, in its order: the keys, and the word for what they do. */
export const KEY_MAP = [
  ["Ctrl K  /", "keySearch"],
  ["n", "keyNew"],
  ["g m", "keyGoMarket"],
  ["g c", "keyGoChart"],
  ["g a", "keyGoAlerts"],
  ["g f", "keyGoFirings"],
  ["g d", "keyGoDeliveries"],
  ["g p", "keyGoPortfolio"],
  ["g k", "keyGoChannels"],
  ["g s", "keyGoSystem"],
  ["g o", "keyGoSettings"],
  ["↑ ↓  j k", "keyMove"],
  ["Enter", "keyOpen"],
  ["*", "keyStar"],
  ["h", "keyHold"],
  ["e", "keyExplain"],
  ["p", "keyPause"],
  ["s", "keySilence"],
  ["x", "keySelect"],
  ["[ ]", "keyNext"],
  ["1 … 6", "keyFrame"],
  ["?", "keyHelp"],
  ["Esc", "keyEscape"],
];

export class Keys {
  /** `places` maps the letter after `g` to a path or a function that returns one; `commands` a key to what it does. */
  constructor({ places, commands, find, view, go }) {
    Object.assign(this, { places, commands, find, view, go });
    this.awaitingSince = -Infinity; // when `g` was pressed
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) this.find();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING) || !this.#mayAct(event.key)) return;
    if (this.#act(event.key, event.timeStamp)) event.preventDefault();
  }

  #mayAct(key) {
    return key.length > 1 || preferred().letters;
  }

  #act(key, at) {
    const isSecond = at - this.awaitingSince < SECOND_KEY_MS;
    this.awaitingSince = -Infinity;
    if (isSecond && key in this.places) {
      const place = this.places[key];
      this.go(typeof place === "function" ? place() : place);
    } else if (key === "g") this.awaitingSince = at;
    else if (this.view().key(key)) return true;
    else if (key in this.commands) this.commands[key]();
    else return false;
    return true;
  }
}
