// What an alert would have done: when it would have fired in the last 30 days, what the price did then, how often with
// other thresholds, and what would make a loud one quieter.

import { post } from "../api.js";
import { el } from "../dom.js";
import { duration, figure, integer, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { ThresholdSlider } from "./slider.js";
import { rangeOf, thresholdOf, withThreshold } from "./threshold.js";

const BACKTEST_MS = 250;
const DAYS = 30;
const STEPS = 21;
const LOUD = 20; // firings a day
const DAY = 86_400; // seconds
const QUIETER = [
  ["hysteresis", { rearm: { percent: 0.5 } }],
  ["cooldownShort", { cooldown_seconds: 3600 }],
];

export class Preview {
  /** `asked()` is the question now, `price()` the price of its symbol, `changed()` follows a change by the slider. */
  constructor({ parts, asked, price, changed, refused }) {
    Object.assign(this, { parts, asked, price, changed, refused });
    this.timer = 0;
    this.asking = null;
    this.swept = ""; // the question whose thresholds are shown
    this.slider = new ThresholdSlider((value) => this.#moved(value));
    parts.sweep.replaceChildren(this.slider.root);
  }

  pause() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  stop() {
    this.pause();
  }

  ask() {
    this.pause();
    this.timer = setTimeout(() => this.#run(), BACKTEST_MS);
  }

  async #run() {
    this.asking = new AbortController();
    const { signal } = this.asking;
    const { trigger, ...asked } = this.asked();
    if (!asked.condition || !asked.symbol) return;
    // "Only once" would always count one: how often it became true is what one wants to know
    const question = { ...asked, days: DAYS, ...(trigger === "once" ? {} : { trigger }) };
    try {
      const told = await post("/api/alerts/backtest", question, signal);
      this.#show(told);
      await this.#loud(told, question, signal);
      await this.#sweep(question, signal);
    } catch (refusal) {
      if (refusal.name === "AbortError") return;
      if (refusal.status === undefined) throw refusal;
      if (refusal.status === 401) this.refused(refusal);
      else this.#nothing();
    }
  }

  #nothing() {
    const { parts } = this;
    parts.past.textContent = "";
    parts.times.replaceChildren();
    parts.louder.replaceChildren();
    this.slider.hide();
  }

  #show(told) {
    const { parts } = this;
    parts.past.textContent = this.#words(told);
    const [first, last] = [Date.parse(told.first_at), Date.parse(told.last_at)];
    parts.times.replaceChildren(...told.firings.map((firing) => {
      const mark = el("i");
      mark.style.left = `${(100 * (Date.parse(firing.event_at) - first)) / Math.max(1, last - first)}%`;
      return mark;
    }));
  }

  #words(told) {
    if (!told.bars) return t("pastNone");
    const span = told.days < 1.5 ? duration(told.days * DAY, language) : t("daysMany", { n: Math.round(told.days) });
    const parts = [t(told.count === 1 ? "pastOnce" : "pastTimes", { n: integer(told.count, language), span })];
    for (const [span, word] of [["1h", "pastAfter"], ["24h", "pastAfterDay"]]) {
      const median = told.after[span]?.median_percent;
      if (typeof median === "number") parts.push(t(word, { percent: percent(median, language) }));
    }
    if (told.suppressed) parts.push(t("pastSwallowed", { n: integer(told.suppressed, language) }));
    if (told.approximated) parts.push(`≈ ${t("approximated")}`);
    return parts.join(" · ");
  }

  /** More than twenty a day: offer what would make it quieter, each with its own count. */
  async #loud(told, question, signal) {
    const { parts } = this;
    const isLoud = told.count / Math.max(1, told.days) > LOUD;
    parts.louder.replaceChildren();
    if (!isLoud) return;
    const offers = [];
    for (const [word, change] of QUIETER) {
      const { count } = await post("/api/alerts/backtest", { ...question, ...change }, signal);
      const span = change.rearm ? `${figure(change.rearm.percent, language)} %` : duration(change.cooldown_seconds, language);
      offers.push(el("button", { class: "button", type: "button", onclick: () => this.#quieten(change) }, t("quieter", { what: `${t(word)} ${span}`, n: integer(count, language) })));
    }
    parts.louder.replaceChildren(el("span", { class: "warning" }, t("loud", { n: integer(Math.round(told.count / Math.max(1, told.days)), language) })), ...offers);
  }

  #quieten({ rearm, cooldown_seconds: cooldown }) {
    if (rearm) this.parts.rearm.value = String(rearm.percent);
    else this.parts.cooldown.value = String(cooldown);
    this.changed();
  }

  // --- thresholds ---

  async #sweep(question, signal) {
    const place = thresholdOf(question.condition);
    if (!place) return this.slider.hide();
    const key = JSON.stringify({ ...question, condition: withThreshold(question.condition, place, "…") });
    if (key === this.swept && this.slider.has(place.value)) return this.slider.choose(place.value);
    try {
      const { sweep } = await post("/api/alerts/backtest", { ...question, sweep: { ...rangeOf(place, this.price()), steps: STEPS } }, signal);
      this.swept = key;
      this.slider.show(sweep, place.value);
    } catch (refusal) {
      if (refusal.status !== 422) throw refusal;
      this.slider.hide(); // more than one request may cost
    }
  }

  #moved(value) {
    const { condition } = this.parts;
    const place = thresholdOf(condition.value);
    if (!place) return;
    condition.value = withThreshold(condition.value, place, value);
    this.changed();
  }
}
