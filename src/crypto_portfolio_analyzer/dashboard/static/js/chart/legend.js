// The legend: what stands under the crosshair, or at the newest bar – open to volume, and each indicator in its pane.

import { HUES, reading } from "./canvas.js";
import { indicatorName } from "./indicators.js";
import { el, icon, write } from "../dom.js";
import { compact, percent, price } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

export class Legend {
  constructor(place, remove) {
    Object.assign(this, { place, remove });
    this.values = new Map();
    this.build([]);
  }

  /** Rows for the bar and for each indicator; placed by `settle`. */
  build(indicators) {
    this.indicators = indicators;
    this.cells = Object.fromEntries(["open", "high", "low", "close", "volume", "change"].map((name) => [name, el("b", {})]));
    const cell = (letter, name) => el("span", {}, el("i", {}, t(letter)), this.cells[name]);
    const bar = el("div", { class: "legend-row" }, cell("letterO", "open"), cell("letterH", "high"), cell("letterL", "low"), cell("letterC", "close"), el("span", {}, this.cells.change), cell("letterV", "volume"));
    this.groups = new Map([[0, [bar]]]);
    this.values.clear();
    for (const each of indicators) this.groups.set(each.at, [...(this.groups.get(each.at) ?? []), this.#row(each)]);
    this.blocks = [...this.groups].map(([pane, rows]) => [pane, el("div", { class: "legend" }, ...rows)]);
    this.place.replaceChildren(...this.blocks.map(([, block]) => block));
  }

  #row(each) {
    const swatch = (line) => {
      const value = el("b", { class: line.hue === null ? "" : `hue-${line.hue % HUES}` });
      this.values.set(line, value);
      return el("span", { title: indicatorName(each, line) }, line.name && each.lines.length > 1 ? el("i", {}, text("name", line.name)) : null, value);
    };
    const words = t("removeIndicator", { name: text("sentence", each.spelling) });
    const close = el("button", { class: "legend-close", type: "button", title: words, "aria-label": words, onclick: () => this.remove(each.spelling) }, icon("close", "icon-14"));
    const settling = each.settled_at === null ? el("span", { class: "chip chip-late", title: t("settlingWhy") }, t("settling")) : null;
    return el("div", { class: "legend-row" }, el("span", { class: "legend-name" }, text("sentence", each.spelling)), ...each.lines.map(swatch), settling, close);
  }

  /** Put each block at the top of its pane. */
  settle(tops) {
    this.blocks.forEach(([pane, block]) => {
      block.style.transform = `translateY(${tops[pane] ?? 0}px)`;
      block.hidden = tops[pane] === undefined;
    });
  }

  /** Tell a bar (undefined: a gap) and the indicators at its time. */
  tell(bar, time, digits) {
    const number = (value) => (value === undefined ? "–" : price(value, digits, language));
    for (const name of ["open", "high", "low", "close"]) write(this.cells[name], number(bar?.[name]));
    write(this.cells.volume, compact(bar?.volume, language));
    const change = bar ? (bar.close / bar.open - 1) * 100 : undefined;
    write(this.cells.change, percent(change, language));
    const tone = bar && bar.close !== bar.open ? (bar.close > bar.open ? "up" : "down") : "";
    for (const name of ["open", "high", "low", "close", "change"]) this.cells[name].className = tone;
    for (const [line, cell] of this.values) write(cell, reading(line.values.get(time)));
  }

  /** The same in words, for readers. */
  words(bar, time, when, digits) {
    const number = (value) => price(value, digits, language);
    const told = bar ? t("barWords", { time: when, open: number(bar.open), high: number(bar.high), low: number(bar.low), close: number(bar.close), change: percent((bar.close / bar.open - 1) * 100, language) }) : when;
    const others = this.indicators.map((each) => `${each.spelling} ${each.lines.map((line) => reading(line.values.get(time))).join(", ")}`);
    return [told, ...others].join(". ");
  }
}
