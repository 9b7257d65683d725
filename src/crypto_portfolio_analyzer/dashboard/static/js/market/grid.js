// A windowed grid: a few recycled rows stand for any number of symbols. Slot k always shows row first + k, so that
// document order is visual order. Focus stays on the grid itself; the active row is a symbol, not a position.

import { el, fromTemplate, partsOf } from "../dom.js";

const SPARE = 4;

export class Grid {
  /** `paint(slot, key)` fills a row; `open(key)` follows it. */
  constructor(parts, { columns, paint, open, sort }) {
    this.parts = parts;
    this.paint = paint;
    this.open = open;
    this.keys = [];
    this.slots = [];
    this.active = null;
    this.first = 0;
    this.#head(columns, sort);
    this.columns = columns.length + 1;
    parts.grid.setAttribute("aria-colcount", this.columns);
    parts.body.addEventListener("scroll", () => this.place(), { passive: true });
    parts.grid.addEventListener("keydown", (event) => this.#key(event));
    parts.slots.addEventListener("click", (event) => this.#click(event));
    parts.grid.addEventListener("focus", () => this.#focused());
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(parts.body);
  }

  stop() {
    this.watcher.disconnect();
  }

  /** Show these keys in this order. */
  show(keys) {
    this.keys = keys;
    this.parts.grid.setAttribute("aria-rowcount", keys.length + 1);
    this.resize();
  }

  resize() {
    this.height = parseFloat(getComputedStyle(this.parts.grid).getPropertyValue("--row")) || 32;
    const wanted = Math.min(this.keys.length, Math.ceil(this.parts.body.clientHeight / this.height) + SPARE);
    while (this.slots.length < wanted) this.#add();
    while (this.slots.length > wanted) this.slots.pop().row.remove();
    this.parts.space.style.height = `${this.keys.length * this.height}px`;
    this.place(true);
  }

  /** Let each slot show what its place holds now. */
  place(again = false) {
    const most = Math.max(0, this.keys.length - this.slots.length);
    const first = Math.min(most, Math.max(0, Math.floor(this.parts.body.scrollTop / this.height) - 1));
    if (first === this.first && !again) return;
    this.first = first;
    this.parts.slots.style.transform = `translateY(${first * this.height}px)`;
    this.slots.forEach((slot, index) => {
      const key = this.keys[first + index];
      if (slot.key !== key) {
        slot.key = key;
        slot.shown = {};
      }
      slot.row.id = `row-${first + index}`;
      slot.row.setAttribute("aria-rowindex", first + index + 2);
      this.#mark(slot);
      this.paint(slot, key);
    });
    this.#descend();
  }

  each(visit) {
    for (const slot of this.slots) if (slot.key !== undefined) visit(slot, slot.key);
  }

  activate(key) {
    this.active = key;
    const index = this.keys.indexOf(key);
    if (index >= 0) this.#reveal(index);
    for (const slot of this.slots) this.#mark(slot);
    this.#descend();
  }

  step(by) {
    const index = this.keys.indexOf(this.active);
    const next = Math.min(this.keys.length - 1, Math.max(0, index + by));
    if (this.keys.length) this.activate(this.keys[next]);
  }

  sorted(column, direction) {
    for (const cell of this.parts.head.children) {
      cell.setAttribute("aria-sort", cell.dataset.column === column ? direction : "none");
    }
  }

  #head(columns, sort) {
    for (const column of columns) {
      const label = el("span", { "data-t": column.word, class: column.isQuiet ? "out" : "" });
      const inside = column.sorts ? el("button", { type: "button", tabindex: "-1", onclick: () => sort(column.name) }, label) : label;
      this.parts.head.append(
        el("span", { class: `c-${column.name}`, role: "columnheader", "data-column": column.name, "aria-sort": "none" }, inside),
      );
    }
    this.parts.head.append(el("span", { role: "columnheader" }, el("span", { class: "out", "data-t": "more" })));
  }

  #add() {
    const { root } = fromTemplate("t-row");
    this.parts.slots.append(root);
    this.slots.push({ row: root, parts: partsOf(root), key: undefined, shown: {}, flashed: 0 });
  }

  #mark(slot) {
    const isActive = slot.key !== undefined && slot.key === this.active;
    slot.row.classList.toggle("active", isActive);
    slot.row.setAttribute("aria-selected", String(isActive));
  }

  #descend() {
    const index = this.keys.indexOf(this.active);
    const isShown = index >= this.first && index < this.first + this.slots.length;
    if (isShown) this.parts.grid.setAttribute("aria-activedescendant", `row-${index}`);
    else this.parts.grid.removeAttribute("aria-activedescendant");
  }

  #reveal(index) {
    const body = this.parts.body;
    const top = index * this.height;
    if (top < body.scrollTop) body.scrollTop = top;
    else if (top + this.height > body.scrollTop + body.clientHeight) body.scrollTop = top + this.height - body.clientHeight;
    this.place();
  }

  #focused() {
    const { grid } = this.parts;
    if (this.active === null && this.keys.length && grid.matches(":focus-visible")) setTimeout(() => this.active ?? this.step(0));
  }

  #key(event) {
    if (event.target !== this.parts.grid) return;
    const page = Math.max(1, Math.floor(this.parts.body.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.step(steps[event.key]);
    else if (event.key === "Enter" && this.active !== null) this.open(this.active);
    else return;
    event.preventDefault();
  }

  #click(event) {
    const slot = this.slots.find((each) => each.row.contains(event.target));
    if (slot?.key === undefined || event.target.closest("a, button")) return;
    if (matchMedia("(max-width: 720px)").matches) this.open(slot.key);
    else this.activate(slot.key);
  }
}
