// The nearest alert of each symbol. Which one that is the server tells now and then; how far it is follows the price.

import { get } from "../api.js";
import { compact, figure, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const LEARN_MS = 15_000;
const SOON_MS = 1000;

export class Nearest {
  constructor(store, session) {
    Object.assign(this, { store, session });
    this.by = new Map(); // symbol -> what the server told
    this.version = 0;
    this.soon = () => this.#again(SOON_MS);
  }

  start() {
    this.stopped = false;
    this.store.addEventListener("firing", this.soon);
    return this.learn();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.learning);
    this.store.removeEventListener("firing", this.soon);
  }

  async learn() {
    clearTimeout(this.learning);
    if (!this.session.isUser || this.stopped) return;
    try {
      const { nearest } = await get("/api/nearest");
      this.by = new Map(nearest.map((near) => [near.symbol, near]));
      this.version += 1;
    } catch {
      // the banner tells; what was known stays
    }
    this.#again(LEARN_MS);
  }

  #again(wait) {
    clearTimeout(this.learning);
    if (!this.stopped) this.learning = setTimeout(() => this.learn(), wait);
  }

  /** How near it is, in percent of the price where that can be told; null: there is none. */
  score(symbol) {
    const near = this.by.get(symbol);
    if (!near) return null;
    const live = this.#percent(near, symbol);
    if (live !== null) return live;
    if (near.distance === null) return Infinity;
    const unit = Math.abs(near.need ?? near.value ?? 0);
    return unit ? (100 * Math.abs(near.distance)) / unit : Math.abs(near.distance);
  }

  #percent(near, symbol) {
    const price = this.store.prices.get(symbol)?.price;
    if (near.kind !== "price" || near.need === null || !price) return near.percent;
    return (100 * Math.abs(near.need - price)) / price;
  }

  /** Its level or question, how far that is, and the whole for a tooltip; null: there is none. */
  words(symbol) {
    const near = this.by.get(symbol);
    if (!near) return null;
    const price = this.store.prices.get(symbol)?.price ?? near.value;
    const isLevel = near.kind === "price" && near.need !== null;
    const side = isLevel && price !== null ? (near.need >= price ? "above" : "below") : null;
    const away = this.#percent(near, symbol);
    const distance = away !== null ? percent(away, language, away < 10 ? 1 : 0).replace("+", "") : near.distance === null ? "" : compact(near.distance, language);
    return {
      side,
      what: isLevel ? figure(near.need, language) : brief(near.text),
      distance,
      path: `/alerts/${encodeURIComponent(near.alert_id)}`,
      whole: [text("name", near.name), text("sentence", near.text), near.alerts > 1 ? t("andMore", { n: near.alerts - 1 }) : ""].filter(Boolean).join(" · "),
    };
  }
}

/** A question in as few letters as say it: `rsi(14) on 1h < 30` is `RSI<30`. */
function brief(question) {
  const short = text("sentence", question)
    .replace(/\s+on \w+/g, "")
    .replace(/\b(price|crosses|crosses above|crosses below)\b/g, (word) => (word === "price" ? "" : word))
    .replace(/^\s*moves by /, "±")
    .replace(/^\s*rises by /, "+")
    .replace(/^\s*falls by /, "−")
    .replace(/ in /, " / ")
    .replace(/\s*([<>])\s*/g, "$1")
    .trim();
  return short.replace(/^([a-z]+)(\([\d, ]+\))?/, (whole, name, sizes = "") => (short.length > 16 ? name.toUpperCase() : name.toUpperCase() + sizes));
}
