// A slider over thresholds, each with how often it would have fired; moving it asks nobody.

import { el } from "../dom.js";
import { figure } from "../format.js";
import { language, t } from "../i18n.js";

export class ThresholdSlider {
  /** `moved(value)` is called with every move. */
  constructor(moved) {
    this.bars = el("div", { class: "sweep-bars", "aria-hidden": "true" });
    this.range = el("input", { type: "range", min: "0", step: "1" });
    this.told = el("output", { class: "sweep-told" });
    this.ends = el("div", { class: "sweep-ends faint" });
    this.root = el("div", { class: "sweep", hidden: true }, this.told, el("div", { class: "sweep-box" }, this.bars, this.range), this.ends);
    this.points = [];
    this.range.addEventListener("input", () => {
      this.#tell();
      moved(this.points[Number(this.range.value)].value);
    });
  }

  hide() {
    this.root.hidden = true;
    this.points = [];
  }

  /** Show what a sweep told; the point nearest to `value` is chosen. */
  show(points, value) {
    this.points = points;
    const most = Math.max(1, ...points.map((point) => point.count));
    this.bars.replaceChildren(...points.map((point) => {
      const bar = el("i");
      bar.style.height = `${Math.round((100 * point.count) / most)}%`;
      return bar;
    }));
    this.range.max = String(points.length - 1);
    this.range.setAttribute("aria-label", t("sweepWord"));
    this.ends.replaceChildren(el("span", {}, figure(points[0].value, language)), el("span", {}, figure(points.at(-1).value, language)));
    this.root.hidden = false;
    this.choose(value);
  }

  choose(value) {
    if (!this.points.length) return;
    const distance = ({ value: other }) => Math.abs(other - value);
    const nearest = this.points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
    this.range.value = String(this.points.indexOf(nearest));
    this.#tell();
  }

  /** Whether a value is one of those that were swept. */
  has(value) {
    return this.points.some((point) => point.value === value);
  }

  #tell() {
    const index = Number(this.range.value);
    const { value, count } = this.points[index];
    const words = t("sweepAt", { value: figure(value, language), n: count });
    this.told.textContent = words;
    this.range.setAttribute("aria-valuetext", words);
    [...this.bars.children].forEach((bar, place) => bar.classList.toggle("chosen", place === index));
  }
}
