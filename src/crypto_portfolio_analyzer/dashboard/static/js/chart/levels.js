// The levels of alerts on a chart: which there are, how each stands, moved by pointer or by keys, with Undo.

import { get, inPath, patch, post } from "../api.js";
import { figure, fullPrice } from "../format.js";
import { language, t } from "../i18n.js";

const COUNT_MS = 350;
const REST = ["paused", "done", "expired"];
const SWEEP_STEPS = 21;

const SPARE = 3; // digits beyond the tick's first: enough for ticks like 0.125

/** A level as the tick has it, without the noise of binary fractions. */
export function snapped(price, tick) {
  const digits = Math.max(0, Math.min(100, SPARE - Math.floor(Math.log10(tick))));
  return Number((Math.round(price / tick) * tick).toFixed(digits));
}

/** A number as conditions write it: a point, no exponent. */
export function plain(value) {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "").replace(/\.$/, "") : text;
}

export const relationWords = (relation) => t(`relation_${relation}`);

/** Holds the alerts and levels of one symbol; tells `changed` when they or one in hand did. */
export class Levels {
  constructor({ symbol, session, toast, speak, digits, tick, changed, span }) {
    Object.assign(this, { symbol, session, toast, speak, digits, tick, changed, span });
    this.alerts = new Map();
    this.levels = [];
    this.held = null; // the level in hand: { key, price, words }
    this.hovered = null;
    this.stopped = false;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.counting);
    this.asking?.abort();
  }

  async learn() {
    if (!this.session.isUser || this.stopped) return;
    const symbol = inPath(this.symbol);
    const [{ alerts }, { levels }] = await Promise.all([get(`/api/alerts?symbol=${symbol}`), get(`/api/market/${symbol}/levels`)]);
    if (this.stopped) return;
    this.alerts = new Map(alerts.map((alert) => [alert.id, alert]));
    this.levels = levels.map((level, place) => ({ ...level, key: `${level.alert_id} ${place}`, price: Number(level.value) }));
    this.changed();
  }

  /** An alert that was just made: drawn before anything is asked again. */
  add(alert, level) {
    this.alerts.set(alert.id, alert);
    this.levels.push({ ...level, alert_id: alert.id, revision: alert.revision, key: `${alert.id} new`, price: Number(level.value) });
    this.changed();
    this.learn().catch(() => {}); // the line stands already; the next look mends the rest
  }

  /** Lines as the chart draws them. */
  lines() {
    return this.levels.map((level) => {
      const alert = this.alerts.get(level.alert_id);
      const isHeld = this.held?.key === level.key;
      const price = isHeld ? this.held.price : level.price;
      const standing = alert?.standings?.find((each) => each.symbol === this.symbol);
      return {
        id: level.key,
        price,
        from: isHeld ? level.price : undefined,
        state: standing?.state ?? alert?.state ?? "armed",
        severity: alert?.severity,
        words: [relationWords(level.relation), isHeld ? this.held.words : ""].filter(Boolean).join(" · "),
        number: fullPrice(price, this.digits(), language),
        isActive: isHeld,
        isHovered: this.hovered === level.key,
      };
    });
  }

  find(key) {
    return this.levels.find((level) => level.key === key);
  }

  /** Lines that a person may move: not those that are done. */
  get movable() {
    return [...this.levels].sort((a, b) => b.price - a.price).filter((level) => !REST.slice(1).includes(this.alerts.get(level.alert_id)?.state));
  }

  /* in hand */

  take(key) {
    const level = this.find(key);
    if (!level) return;
    this.held = { key, price: level.price, words: "" };
    this.counts = null;
    this.#count(level);
    this.changed();
  }

  /** The next line by key, and what it is in words. */
  takeNext() {
    const order = this.movable;
    if (!order.length) {
      this.speak(t("noLines"));
      return false;
    }
    const place = order.findIndex((level) => level.key === this.held?.key);
    const level = order[(place + 1) % order.length];
    this.take(level.key);
    this.speak(t("lineInHand", { words: this.told(level), price: this.number(level.price) }));
    return true;
  }

  told(level) {
    return `${this.alerts.get(level.alert_id)?.name ?? ""}: ${relationWords(level.relation)}`;
  }

  number(price) {
    return fullPrice(price, this.digits(), language);
  }

  moveTo(price) {
    if (!this.held || !(price > 0)) return;
    this.held.price = snapped(price, this.tick());
    this.held.words = this.#counted();
    this.changed();
  }

  step(ticks) {
    if (!this.held) return;
    this.moveTo(this.held.price + ticks * this.tick());
    this.speak(this.number(this.held.price));
  }

  /** Put it back where it was. */
  restore() {
    if (!this.held) return false;
    this.held = null;
    this.changed();
    this.speak(t("lineRestored"));
    return true;
  }

  async save() {
    const { held } = this;
    const level = held && this.find(held.key);
    if (!level) return;
    if (held.price === level.price) {
      this.restore();
      return;
    }
    const alert = this.alerts.get(level.alert_id);
    const before = { condition: alert.condition, price: level.price };
    level.price = held.price;
    this.held = null;
    this.changed();
    await this.#write(level, `${level.before}${plain(held.price)}${level.after}`, before);
  }

  /** Change an alert's condition, and offer to take that back. */
  async #write(level, condition, before) {
    const path = `/api/alerts/${encodeURIComponent(level.alert_id)}`;
    try {
      const made = await patch(path, { condition }, { "if-match": `"${this.alerts.get(level.alert_id).revision}"` });
      this.alerts.set(made.id, made);
      level.revision = made.revision;
      const words = t("lineMoved", { price: this.number(level.price) });
      this.speak(words);
      this.toast(words, t("undo"), () => this.#undo(level, before));
      await this.learn();
    } catch (refusal) {
      level.price = before.price;
      this.changed();
      this.session.refused(refusal, () => this.learn());
    }
  }

  async #undo(level, before) {
    const path = `/api/alerts/${encodeURIComponent(level.alert_id)}`;
    try {
      const made = await patch(path, { condition: before.condition }, { "if-match": `"${this.alerts.get(level.alert_id).revision}"` });
      this.alerts.set(made.id, made);
      const found = this.levels.find((each) => each.key === level.key) ?? level;
      found.price = before.price;
      this.changed();
      await this.learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#undo(level, before));
    }
  }

  /* what a moved line would have done */

  #count(level) {
    clearTimeout(this.counting);
    this.asking?.abort();
    this.counting = setTimeout(() => this.#sweep(level), COUNT_MS);
  }

  async #sweep(level) {
    const alert = this.alerts.get(level.alert_id);
    // A sweep varies the first number of a condition: only where that is the level in hand does it say anything
    if (!alert || /\d/.test(level.before.replace(/\d+[mhdw]\b/g, ""))) return;
    this.asking = new AbortController();
    const body = { condition: `${level.before}${plain(level.price)}${level.after}`, symbol: this.symbol, timeframe: alert.timeframe, trigger: alert.trigger === "once" ? "every_time" : alert.trigger, cooldown_seconds: alert.cooldown_seconds, days: 30, sweep: { ...this.span(level.price), steps: SWEEP_STEPS } };
    try {
      const told = await post("/api/alerts/backtest", body, this.asking.signal);
      this.counts = told.sweep;
      if (this.held?.key === level.key) this.moveTo(this.held.price);
    } catch {
      // No bars, or asked anew: the line moves without a count
    }
  }

  #counted() {
    if (!this.counts?.length) return "";
    const near = this.counts.reduce((a, b) => (Math.abs(b.value - this.held.price) < Math.abs(a.value - this.held.price) ? b : a));
    return t("ghostCount", { n: figure(near.count, language) });
  }
}
