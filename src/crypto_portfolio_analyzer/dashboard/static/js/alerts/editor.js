// An alert in the making or being changed: a sentence while typing, what it would have done, and only then a button.

import { leafTable } from "./alert.js";
import { alertPath, awayWords, sentenceOf } from "./alerts.js";
import { get, patch, post } from "../api.js";
import { Completion } from "./completion.js";
import { bdi, el, fromTemplate } from "../dom.js";
import { figure } from "../format.js";
import { language, t } from "../i18n.js";
import { Preview } from "./preview.js";
import { text } from "../text.js";
import { Underline } from "./underline.js";

const VALIDATE_MS = 150;
const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"];
const TRIGGERS = ["once", "every_time", "once_per_bar", "once_per_bar_close", "once_per_minute"];
const SEVERITIES = ["info", "warning", "critical"];
const EXPIRIES = ["", "1d", "7d", "30d", "90d"];
const EDGES = /\b(cross|enters|exits|breaks_)/i;
const PRESETS = {
  presetLevel: (price) => `price crosses above ${round(price * 1.005)}`,
  presetMove: () => "price moves by 3% in 15m",
  presetRsi: () => "rsi(14) on 1h < 30",
  presetCross: () => "(ema(20) crosses above ema(50)) on 15m",
  presetVolume: () => "volume on 5m > 3 * sma(volume, 20) on 5m",
  presetBreak: () => "close > highest(high, 20)[1]",
  presetHigh: () => "price crosses above highest(high, 365) on 1d",
  presetDrawdown: () => "price < 0.9 * highest(high, 30) on 1d",
  presetSilent: () => "feed.age > 30s",
};

const round = (price) => (price ? Number(price.toPrecision(5)) : 65000);

export class AlertEditor {
  constructor({ store, session, go, toast, id = null }) {
    Object.assign(this, { store, session, go, toast, id });
    Object.assign(this, fromTemplate("t-editor"));
    const { parts } = this;
    this.alert = null; // the one that is changed
    this.valid = null;
    this.timer = 0;
    this.asking = null;
    this.underline = new Underline(parts.condition, parts.mirror);
    this.completion = new Completion(parts.condition, parts.offers, parts.signature);
    this.preview = new Preview({ parts, asked: () => this.#asked(), price: () => this.#price(), changed: () => this.#changed(), refused: (refusal) => this.session.refused(refusal, () => this.#changed()) });
  }

  get title() {
    return t(this.id ? "editAlert" : "newAlert");
  }

  get symbol() {
    return this.parts.symbol.value.trim();
  }

  async start() {
    const { parts } = this;
    parts.timeframe.replaceChildren(...TIMEFRAMES.map((name) => el("option", { value: name }, name)));
    parts.symbols.replaceChildren(...[...this.store.prices.keys()].slice(0, 200).map((market) => el("option", { value: market })));
    this.#words();
    for (const field of [parts.condition, parts.symbol, parts.cooldown, parts.rearm]) field.addEventListener("input", () => this.#changed());
    for (const field of [parts.timeframe, parts.trigger, parts.fresh]) field.addEventListener("change", () => this.#changed());
    parts.condition.addEventListener("keydown", (event) => this.#keyed(event));
    parts.form.addEventListener("submit", (event) => this.#save(event));
    parts.fix.addEventListener("click", () => this.#fix());
    if (!this.id) this.#begin();
    try {
      await this.#learn();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      this.session.refused(refusal, () => this.start());
    }
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.preview.stop();
    this.completion.stop();
  }

  retell() {
    this.#words();
    this.#changed();
  }

  linkChanged() {}

  key() {
    return false;
  }

  // --- what is asked ---

  #begin() {
    const { parts } = this;
    const wish = new URLSearchParams(location.search);
    parts.symbol.value = (wish.get("symbol") ?? [...this.store.prices.keys()][0] ?? "BTC").replace("-", "/");
    parts.condition.value = wish.get("condition") ?? PRESETS.presetLevel(this.#price());
    this.#changed();
    parts.condition.focus();
  }

  async #learn() {
    if (!this.session.isUser) return;
    const [{ channels }, alert] = await Promise.all([get("/api/channels"), this.id ? get(`/api/alerts/${encodeURIComponent(this.id)}`) : null]);
    const told = (channel) => (alert ? alert.channels.includes(channel.id) : channel.default);
    const choices = channels.map((channel) => el("label", { class: "check" }, el("input", { type: "checkbox", value: channel.id, checked: told(channel) }), el("span", {}, bdi(text("name", channel.name)))));
    this.parts.channels.replaceChildren(...choices);
    this.parts.tell.hidden = !choices.length;
    if (alert) this.#load(alert);
  }

  #load(alert) {
    const { parts } = this;
    this.alert = alert;
    if (!TIMEFRAMES.includes(alert.timeframe)) parts.timeframe.append(el("option", { value: alert.timeframe }, alert.timeframe));
    parts.symbol.value = alert.watchlist ?? alert.symbols.join(", ");
    parts.symbol.readOnly = alert.watchlist !== null;
    for (const name of ["condition", "timeframe", "trigger", "severity", "name", "message"]) parts[name].value = alert[name];
    parts.cooldown.value = String(alert.cooldown_seconds);
    parts.rearm.value = alert.rearm?.percent ?? "";
    parts.fresh.checked = alert.fresh;
    this.#words();
    this.#changed();
    parts.condition.focus();
  }

  #price() {
    const symbol = this.symbol.toUpperCase();
    return (this.store.prices.get(symbol) ?? this.store.prices.get(`${symbol}/USDT`))?.price ?? null;
  }

  #words() {
    const { parts } = this;
    const options = (values, words) => values.map((value) => el("option", { value }, words(value)));
    const refill = (part, values, words) => {
      const chosen = part.value;
      part.replaceChildren(...options(values, words));
      part.value = values.includes(chosen) ? chosen : values[0];
    };
    parts.heading.textContent = t(this.id ? "editAlert" : "newAlert");
    parts.create.textContent = t(this.id ? "save" : "create");
    refill(parts.trigger, TRIGGERS, (name) => t(`trigger_${name}`));
    refill(parts.severity, SEVERITIES, (name) => t(`severity_${name}`));
    const keeps = this.alert?.expires_at ? ["keep"] : [];
    refill(parts.expires, [...keeps, ...EXPIRIES], (span) => (span === "keep" ? t("expiresKeep") : span ? t("expiresIn", { span }) : t("never")));
    const use = (name) => () => {
      parts.condition.value = PRESETS[name](this.#price());
      parts.condition.focus();
      this.#changed();
    };
    parts.presets.replaceChildren(...Object.keys(PRESETS).map((name) => el("button", { class: "button", type: "button", onclick: use(name) }, t(name))));
  }

  #asked() {
    const { parts } = this;
    const percent = Number(parts.rearm.value);
    return {
      symbol: this.symbol.split(",")[0].trim(),
      condition: parts.condition.value.trim(),
      timeframe: parts.timeframe.value,
      trigger: parts.trigger.value,
      cooldown_seconds: Number(parts.cooldown.value) || 0,
      rearm: percent > 0 ? { percent } : null,
      fresh: parts.fresh.checked,
    };
  }

  // --- while typing ---

  /** Validate after a pause in typing; each question ends the one before. */
  #changed() {
    this.preview.pause();
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = setTimeout(async () => {
      this.asking = new AbortController();
      try {
        await this.#validate(this.asking.signal);
      } catch (refusal) {
        if (refusal.name === "AbortError") return;
        if (refusal.status === undefined) throw refusal;
        this.session.refused(refusal, () => this.#changed());
      }
    }, VALIDATE_MS);
  }

  async #validate(signal) {
    const { condition, symbol, timeframe } = this.#asked();
    const told = await post("/api/alerts/validate", { condition, symbol: this.alert?.watchlist || !symbol || symbol === "*" ? null : symbol, timeframe }, signal);
    const { parts } = this;
    this.valid = told.valid ? told : null;
    parts.create.disabled = !told.valid;
    parts.error.hidden = told.valid;
    parts.sentence.classList.toggle("faint", !told.valid);
    if (!told.valid) {
      this.preview.stop();
      return this.#complain(told.errors[0], parts.condition.value.length - parts.condition.value.trimStart().length);
    }
    this.underline.clear();
    parts.sentence.textContent = text("note", sentenceOf(told.sentence));
    parts.now.textContent = this.#now(told);
    parts.cautions.replaceChildren(...told.cautions.map((each) => el("li", {}, text("note", `${each.message}; ${each.remedy}`))));
    parts.leaves.replaceChildren(...(told.leaves.length ? [leafTable(told.leaves)] : []));
    if (!this.alert?.watchlist && symbol !== "*") this.preview.ask();
  }

  /** True now or not, how far away, and what arming will do. */
  #now(told) {
    const { parts } = this;
    const isEdge = EDGES.test(told.condition);
    const [leaf] = told.leaves;
    const price = this.#price();
    const near = told.leaves.length === 1 && leaf.left?.text === "price" && leaf.distance !== null && price ? awayWords((100 * leaf.distance) / price) : "";
    const state = told.holds_now && parts.fresh.checked && !isEdge ? t("now_waits") : t(`now_${told.holds_now}`);
    const why = told.holds_now === null && told.unknown ? text("sentence", told.unknown) : "";
    return [state, why, near, isEdge ? t("edgeArming") : ""].filter(Boolean).join(" · ");
  }

  /** Say what is wrong, below the place; `offset` is what was trimmed before it. */
  #complain(error, offset = 0) {
    const { parts } = this;
    if (!error) return;
    parts.error.hidden = false;
    const isThere = error.path === "condition" && Number.isInteger(error.start);
    if (isThere) this.underline.show(error.start + offset, error.end + offset);
    parts.problem.textContent = text("note", [isThere ? "" : error.path, error.message ?? error.problem, error.remedy].filter(Boolean).join(" · "));
    parts.fix.hidden = !error.fix;
    parts.fix.dataset.fix = error.fix ?? "";
    parts.fixed.textContent = text("note", error.fix ?? "");
  }

  #keyed(event) {
    if (event.key === "." && (event.ctrlKey || event.metaKey) && !this.parts.fix.hidden) {
      event.preventDefault();
      this.#fix();
    } else if (event.key === "Enter" && !event.shiftKey && !event.defaultPrevented) {
      event.preventDefault(); // a condition is one line
      if (!this.parts.create.disabled) this.parts.form.requestSubmit();
    }
  }

  #fix() {
    const { condition, fix } = this.parts;
    condition.value = fix.dataset.fix;
    this.underline.clear();
    condition.focus();
    this.#changed();
  }

  // --- done ---

  async #save(event) {
    event.preventDefault();
    const { parts } = this;
    if (parts.create.disabled) return;
    const body = this.#body();
    try {
      const made = this.id ? await patch(`/api/alerts/${encodeURIComponent(this.alert.id)}?source=page`, body) : await post("/api/alerts?source=page", body);
      this.#told(made);
      this.go(this.id ? alertPath(made) : "/alerts");
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      const [first] = refusal.problem?.errors ?? [];
      if (refusal.status === 422 && first) this.#complain(first);
      else this.session.refused(refusal, () => parts.form.requestSubmit());
    }
  }

  #body() {
    const { parts } = this;
    const { symbol, ...asked } = this.#asked();
    const symbols = this.symbol.split(",").map((each) => each.trim()).filter(Boolean);
    const subject = this.alert?.watchlist ? { watchlist: this.alert.watchlist } : symbols.length > 1 ? { symbols } : { symbol };
    const expiry = parts.expires.value === "keep" ? {} : { expires_at: parts.expires.value || null };
    const level = this.alert?.rearm?.level;
    const rearm = level && !asked.rearm ? { rearm: { level } } : {}; // set by level elsewhere: it stays
    return {
      ...asked,
      ...rearm,
      ...subject,
      ...expiry,
      name: parts.name.value.trim() || `${this.symbol} ${asked.condition}`.slice(0, 60),
      message: parts.message.value.trim(),
      severity: parts.severity.value,
      channels: [...parts.channels.querySelectorAll("input:checked")].map((input) => input.value),
    };
  }

  #told(made) {
    const name = text("name", made.name);
    if (!this.id) return this.toast(t("createdAlert", { name }));
    const { alert, session } = this;
    const before = Object.fromEntries(["name", "condition", "timeframe", "trigger", "cooldown_seconds", "rearm", "fresh", "expires_at", "severity", "message", "channels"].map((field) => [field, alert[field]]));
    const rearm = before.rearm && (before.rearm.level === null ? { percent: before.rearm.percent } : { level: before.rearm.level });
    const back = async () => {
      try {
        await patch(`/api/alerts/${encodeURIComponent(alert.id)}?source=page`, { ...before, rearm, ...(alert.watchlist ? { watchlist: alert.watchlist } : { symbols: alert.symbols }) });
      } catch (refusal) {
        session.refused(refusal, back);
      }
    };
    this.toast(t("changedAlert", { name, n: figure(made.revision, language) }), t("undo"), back);
  }
}
