// A wavy line below the part of a field that cannot be read: a copy of the text behind it, seen only by its line.

import { el } from "../dom.js";

export class Underline {
  constructor(typed, mirror) {
    Object.assign(this, { typed, mirror });
    typed.addEventListener("scroll", () => this.#follow());
    typed.addEventListener("input", () => this.clear());
  }

  clear() {
    this.mirror.replaceChildren();
    this.typed.removeAttribute("aria-invalid");
  }

  /** Underline from `start` to `end` (exclusive), counted in code points as the parser does. */
  show(start, end) {
    const letters = [...this.typed.value];
    const from = Math.min(start, Math.max(0, letters.length - 1));
    const to = Math.max(end, from + 1);
    const part = (...range) => letters.slice(...range).join("");
    this.mirror.replaceChildren(part(0, from), el("mark", { class: "wave", "data-start": String(start), "data-end": String(end) }, part(from, to) || " "), part(to));
    this.typed.setAttribute("aria-invalid", "true");
    this.#follow();
  }

  #follow() {
    this.mirror.scrollTop = this.typed.scrollTop;
  }
}
