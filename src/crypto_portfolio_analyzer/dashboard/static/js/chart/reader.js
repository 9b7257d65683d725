// What a chart says besides its drawing: the legend, how much is out of sight, the table, and words for readers.

import { barTime } from "./frames.js";
import { Legend } from "./legend.js";
import { showTable } from "./table.js";
import { write } from "../dom.js";
import { fullPrice, percent } from "../format.js";
import { language, t } from "../i18n.js";

export class ChartReader {
  constructor(view) {
    this.view = view;
    this.legend = new Legend(view.parts.legends, (expression) => view.indicators.remove(expression));
  }

  /** The legend anew, for other indicators or another language. */
  build() {
    this.tops = null; // its rows go to their panes with the next frame
    this.legend.build(this.view.canvas.indicators);
    this.tell();
  }

  tell() {
    const time = this.view.pointedAt ?? this.view.bars.last?.time;
    if (this.view.canvas && time !== undefined) this.legend.tell(this.view.bars.at(time), time, this.view.places());
  }

  /** Words over the canvas follow what is drawn in it. */
  settle() {
    const tops = this.view.canvas.paneTops();
    const key = tops.join();
    if (key !== this.tops) {
      this.tops = key;
      this.legend.settle(tops);
    }
    const { above, below } = this.view.canvas.lines.count(this.view.canvas.height);
    for (const [chip, count, word] of [[this.view.parts.above, above, "moreAbove"], [this.view.parts.below, below, "moreBelow"]]) {
      chip.hidden = !count;
      if (count) write(chip, t(word, { n: count }));
    }
    const foot = Math.round(this.view.canvas.height);
    if (foot !== this.foot) {
      this.foot = foot;
      this.view.parts.below.style.top = `${foot - this.view.parts.below.offsetHeight - 36}px`;
    }
  }

  /** Make room in the scale for every alert line, or no longer. */
  fit() {
    const { lines, chart } = this.view.canvas;
    lines.isFit = !lines.isFit;
    chart.priceScale("right").applyOptions({ autoScale: true });
    lines.refresh();
  }

  speak(words) {
    this.view.parts.spoken.textContent = words;
  }

  /** Say the bar that was walked to. */
  walked(bar) {
    this.view.pointedAt = bar.time;
    this.tell();
    const group = this.view.firings.at(bar.time);
    const fired = group ? `. ${t("firedHere", { n: group.firings.length })}` : "";
    this.speak(this.legend.words(bar, bar.time, barTime(bar.time, this.view.frame, language), this.view.places()) + fired);
  }

  summary() {
    const seen = this.view.bars.all.slice(-100);
    if (!seen.length) return;
    const number = (value) => fullPrice(value, this.view.places(), language);
    const state = this.view.store.prices.get(this.view.symbol);
    const told = { symbol: this.view.symbol, timeframe: this.view.frame, price: number(seen.at(-1).close), change: percent(state?.change_percent_24h, language), low: number(Math.min(...seen.map((bar) => bar.low))), high: number(Math.max(...seen.map((bar) => bar.high))) };
    this.view.parts.box.setAttribute("aria-label", t("chartOf", told));
  }

  table() {
    const { bars, box, asTable } = this.view.parts;
    bars.hidden = !bars.hidden;
    box.hidden = !bars.hidden;
    asTable.setAttribute("aria-pressed", String(!bars.hidden));
    if (!bars.hidden) this.rows();
  }

  rows() {
    showTable(this.view.parts.bars, { bars: this.view.bars, indicators: this.view.canvas?.indicators ?? [], digits: this.view.places() });
  }
}
