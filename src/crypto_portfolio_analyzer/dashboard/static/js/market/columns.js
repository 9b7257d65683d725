// The market's columns: which there are, how wide they may be, and which of them somebody wants to see.

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";

const KEY = "columns";
const ALL = [
  { name: "star", word: "starred", width: "28px", isQuiet: true },
  { name: "symbol", word: "symbol", width: "minmax(112px, 1.3fr)", sorts: true },
  { name: "price", word: "price", width: "minmax(100px, 1fr)", sorts: true },
  { name: "change", word: "change", width: "minmax(84px, 0.8fr)", sorts: true },
  { name: "trend", word: "trend", width: "104px", mayGo: true },
  { name: "volume", word: "volume", width: "minmax(60px, 0.6fr)", sorts: true, mayGo: true },
  { name: "near", word: "nearestAlert", width: "minmax(124px, 1.2fr)", sorts: true, mayGo: true },
  { name: "source", word: "source", width: "minmax(72px, 0.7fr)", sorts: true, mayGo: true },
  { name: "age", word: "age", width: "minmax(84px, 0.8fr)", sorts: true, mayGo: true },
];
const HIDDEN = ["source"]; // until it is asked for

export class Columns {
  constructor(parts) {
    this.parts = parts;
    this.hidden = new Set(recall(KEY)?.split(" ") ?? HIDDEN);
    this.all = ALL;
    this.draw();
    this.#wear();
  }

  draw() {
    const boxes = ALL.filter((column) => column.mayGo).map(({ name, word }) => {
      const box = el("input", { type: "checkbox", checked: !this.hidden.has(name), onchange: () => this.#toggle(name, box.checked) });
      return el("label", { class: "check" }, box, el("span", {}, t(word)));
    });
    this.parts.columnsBox.replaceChildren(...boxes);
  }

  #toggle(name, isShown) {
    if (isShown) this.hidden.delete(name);
    else this.hidden.add(name);
    remember(KEY, [...this.hidden].join(" "));
    this.#wear();
  }

  #wear() {
    const { grid } = this.parts;
    const widths = ALL.filter((column) => !this.hidden.has(column.name)).map((column) => column.width);
    grid.style.setProperty("--columns", [...widths, "28px"].join(" "));
    for (const { name } of ALL) grid.classList.toggle(`no-${name}`, this.hidden.has(name));
  }
}
