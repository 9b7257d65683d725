// A new alert: a sentence while typing, what it would have done, and only then a button.

import { get, post } from "./api.js";
import { leafTable } from "./alert.js";
import { sentenceOf } from "./alerts.js";
import { bdi, el, fromTemplate } from "./dom.js";
import { percent } from "./format.js";
import { language, t } from "./i18n.js";
import { text } from "./text.js";

const VALIDATE_MS = 150;
const BACKTEST_MS = 400;
const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"];
const TRIGGERS = ["once", "every_time", "once_per_bar", "once_per_bar_close", "once_per_minute"];
const PRESETS = {
  presetLevel: (price) => `price crosses above ${round(price * 1.005)}`,
  presetMove: () => "price moves by 3% in 15m",
  presetRsi: () => "rsi(14) on 1h < 30",
  presetCross: () => "(ema(20) crosses above ema(50)) on 15m",
  presetVolume: () => "volume on 5m > 3 * sma(volume, 20) on 5m",
  presetSilent: () => "feed.age > 30s",
};

const round = (price) => (price ? Number(price.toPrecision(5)) : 65000);

export class AlertEditor {
  constructor({ store, session, go, toast }) {
    Object.assign(this, { store, session, go, toast });
    Object.assign(this, fromTemplate("t-editor"));
    this.asking = {};
    this.timers = {};
    this.valid = null;
  }

  get title() {
    return t("newAlert");
  }

  start() {
    const { parts } = this;
    const wish = new URLSearchParams(location.search);
    parts.timeframe.replaceChildren(...TIMEFRAMES.map((name) => el("option", { value: name }, name)));
    this.#words();
    parts.symbol.value = (wish.get("symbol") ?? [...this.store.prices.keys()][0] ?? "BTC").replace("-", "/");
    parts.condition.value = wish.get("condition") ?? PRESETS.presetLevel(this.#price());
    for (const field of [parts.condition, parts.symbol]) field.addEventListener("input", () => this.#changed());
    for (const field of [parts.timeframe, parts.trigger]) field.addEventListener("change", () => this.#changed());
    parts.form.addEventListener("submit", (event) => this.#create(event));
    parts.fix.addEventListener("click", () => this.#fix());
    this.#offerChannels();
    this.#changed();
    parts.condition.focus();
  }

  stop() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    for (const asking of Object.values(this.asking)) asking.abort();
  }

  retell() {
    this.#words();
    this.#changed();
  }

  linkChanged() {}

  key() {
    return false;
  }

  /** Whom to tell; nothing chosen means the channels that are told by default. */
  async #offerChannels() {
    if (!this.session.isUser) return;
    try {
      const { channels } = await get("/api/channels");
      const choices = channels.map((channel) => el("label", { class: "check" }, el("input", { type: "checkbox", value: channel.id, checked: channel.default }), el("span", {}, bdi(text("name", channel.name)))));
      this.parts.channels.replaceChildren(...choices);
      this.parts.tell.hidden = !choices.length;
    } catch (refusal) {
      this.session.refused(refusal, () => this.#offerChannels());
    }
  }

  #price() {
    return this.store.prices.get(this.parts.symbol.value.toUpperCase())?.price ?? null;
  }

  #words() {
    const { parts } = this;
    const chosen = parts.trigger.value || "once";
    parts.trigger.replaceChildren(...TRIGGERS.map((name) => el("option", { value: name }, t(`trigger_${name}`))));
    parts.trigger.value = chosen;
    const use = (name) => () => {
      parts.condition.value = PRESETS[name](this.#price());
      this.#changed();
      parts.condition.focus();
    };
    parts.presets.replaceChildren(...Object.keys(PRESETS).map((name) => el("button", { class: "button", type: "button", onclick: use(name) }, t(name))));
  }

  #changed() {
    clearTimeout(this.timers.backtest);
    this.asking.backtest?.abort();
    this.#later("validate", VALIDATE_MS, (signal) => this.#validate(signal));
  }

  /** Ask after a pause in typing; each question ends the one before. */
  #later(name, pause, ask) {
    clearTimeout(this.timers[name]);
    this.asking[name]?.abort();
    this.timers[name] = setTimeout(async () => {
      this.asking[name] = new AbortController();
      try {
        await ask(this.asking[name].signal);
      } catch (refusal) {
        if (refusal.name !== "AbortError" && refusal.status === 401) this.session.refused(refusal, () => this.#changed());
      }
    }, pause);
  }

  #asked() {
    const { parts } = this;
    return { symbol: parts.symbol.value.trim(), condition: parts.condition.value.trim(), timeframe: parts.timeframe.value, trigger: parts.trigger.value };
  }

  async #validate(signal) {
    const told = await post("/api/alerts/validate", this.#asked(), signal);
    const { parts } = this;
    this.valid = told.valid ? told : null;
    parts.create.disabled = !told.valid;
    if (told.valid) this.#later("backtest", BACKTEST_MS - VALIDATE_MS, (again) => this.#backtest(again));
    const [error] = told.errors ?? [];
    parts.error.hidden = told.valid;
    parts.sentence.classList.toggle("faint", !told.valid);
    if (told.valid) {
      parts.sentence.textContent = text("note", sentenceOf(told.sentence));
      parts.now.textContent = t(`now_${told.holds_now}`);
      parts.cautions.replaceChildren(...(told.cautions ?? []).map((each) => el("li", {}, text("note", `${each.message}; ${each.remedy}`))));
      parts.leaves.replaceChildren(...(told.leaves?.length ? [leafTable(told.leaves)] : []));
    } else if (error) this.#complain(error);
  }

  #complain(error) {
    const { parts } = this;
    const condition = parts.condition.value.trim();
    const hasPlace = Number.isInteger(error.start);
    const place = hasPlace ? `${condition}\n${" ".repeat(error.start)}${"^".repeat(Math.max(1, error.end - error.start))}` : "";
    parts.place.textContent = place;
    parts.problem.textContent = text("note", error.message ?? error.problem);
    parts.fix.hidden = !error.fix;
    parts.fix.dataset.fix = error.fix ?? "";
  }

  #fix() {
    this.parts.condition.value = this.parts.fix.dataset.fix;
    this.#changed();
    this.parts.condition.focus();
  }

  async #backtest(signal) {
    const { parts } = this;
    const asked = this.#asked();
    if (!asked.condition || !asked.symbol) return;
    try {
      const told = await post("/api/alerts/backtest", { ...asked, days: 30 }, signal);
      parts.past.textContent = this.#past(told);
    } catch (refusal) {
      if (refusal.name === "AbortError" || refusal.status === 401) throw refusal;
      parts.past.textContent = "";
    }
  }

  #past(told) {
    if (!told.bars) return t("pastNone");
    const days = Math.max(0.04, told.days ?? told.bars / 1440);
    const after = told.after_1h ?? told.after?.["1h"];
    const median = typeof after?.median_percent === "number" ? ` · ${t("pastAfter", { percent: percent(after.median_percent, language) })}` : "";
    const words = t(told.count === 1 ? "pastOne" : "pastMany", { n: told.count, days: days < 1 ? days.toFixed(1) : Math.round(days) });
    const note = told.approximated ? ` · ${t("approximated")}` : "";
    return `${words}${median}${note}`;
  }

  async #create(event) {
    event.preventDefault();
    const { parts } = this;
    const asked = this.#asked();
    const name = parts.name.value.trim() || `${asked.symbol} ${asked.condition}`.slice(0, 60);
    const channels = [...parts.channels.querySelectorAll("input:checked")].map((input) => input.value);
    const body = { ...asked, name, cooldown_seconds: Number(parts.cooldown.value), fresh: parts.fresh.checked, message: parts.message.value.trim(), channels };
    try {
      const made = await post("/api/alerts?source=page", body);
      this.toast(t("createdAlert", { name: text("name", made.name) }));
      this.go("/alerts");
    } catch (refusal) {
      const [first] = refusal.problem?.errors ?? [];
      if (refusal.status === 422 && first) {
        parts.error.hidden = false;
        this.#complain({ ...first, message: `${first.path}: ${first.problem ?? first.message}${first.remedy ? `; ${first.remedy}` : ""}` });
      } else this.session.refused(refusal, () => parts.form.requestSubmit());
    }
  }
}
