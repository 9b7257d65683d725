// A new alert from the chart: a sentence with two blanks, what it means now, what it would have done, and a button.

import { get, post } from "../api.js";
import { plain, snapped } from "./levels.js";
import { bdi, el, icon } from "../dom.js";
import { fullPrice, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const VALIDATE_MS = 150;
const BACKTEST_MS = 400;
const DAYS = 30;
const SWEEP_STEPS = 21;
const DAY_MS = 86_400_000;
const WORDS = { above: "crosses above", below: "crosses below", either: "crosses", over: ">", under: "<" };
const TRIGGERS = ["once", "every_time", "once_per_bar", "once_per_minute"];
const EXPIRES = [1, 7, 30, 0];

/** A number in the reader's own writing; null if it is none. */
export function readNumber(written, spoken) {
  const bare = written.replace(/[\s\u00a0'’]/g, "");
  const [group, point] = spoken === "de" ? [".", ","] : [",", "."];
  // 64.5 in German is no group of three: a point was meant
  const isGroups = new RegExp(`^\\d{1,3}(\\${group}\\d{3})+(\\${point}\\d*)?$`).test(bare);
  const isBare = new RegExp(`^\\d*\\${point}?\\d*$`).test(bare);
  const number = Number(isGroups ? bare.replaceAll(group, "").replace(point, ".") : isBare ? bare.replace(point, ".") : bare);
  return bare !== "" && Number.isFinite(number) && number > 0 ? number : null;
}

/** Open the popover of a chart's view under a line at `y` (px), within the box; on a phone it is a sheet. */
export function openPopover(view, level, y, { box, floats }) {
  const popover = new AlertPopover(houseOf(view), level, floats);
  const room = box.clientHeight - popover.root.offsetHeight - 8;
  popover.root.style.top = `${Math.max(8, Math.min(room, (y ?? box.clientHeight / 3) + 20))}px`;
  popover.focus();
  return popover;
}

/** What the popover needs of the chart's view. */
function houseOf(view) {
  return {
    symbol: view.symbol,
    session: view.session,
    digits: () => view.places(),
    tick: () => view.tick(),
    price: () => view.store.prices.get(view.symbol)?.price,
    span: (at) => view.span(at),
    ghost: (popover) => {
      view.popover = popover;
      view.linesChanged();
    },
    made: (alert, level) => {
      view.levels.add(alert, level);
      const words = t("createdAlert", { name: text("name", alert.name) });
      view.reader.speak(words);
      view.toast(words);
    },
    closed: () => {
      view.popover = null;
      view.linesChanged();
      if (view.alive) view.parts.box.focus({ preventScroll: true });
    },
  };
}

export class AlertPopover {
  /** `house` gives symbol, frame, session, digits(), tick(), price(), span(level), made(alert, level), ghost(level), closed(). */
  constructor(house, level, place) {
    Object.assign(this, house);
    this.house = house;
    this.relation = level >= (house.price() ?? 0) ? "above" : "below";
    this.level = snapped(level, house.tick());
    this.timers = {};
    this.asking = {};
    this.isValid = false;
    this.#build();
    place.append(this.root);
    this.#offerChannels();
    this.#changed(true);
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  close() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    for (const asking of Object.values(this.asking)) asking.abort();
    this.root.remove();
    this.house.closed();
  }

  /** Take a level from elsewhere: a click on the chart, the slider. */
  moveTo(level) {
    this.level = snapped(level, this.house.tick());
    this.field.value = this.#written(this.level);
    this.#changed();
  }

  get condition() {
    return `price ${WORDS[this.relation]} ${plain(this.level)}`;
  }

  #written(level) {
    return fullPrice(level, this.house.digits(), language);
  }

  #build() {
    const option = (value, words, chosen) => el("option", { value, selected: value === chosen }, words);
    this.which = el("select", { class: "field", "aria-label": t("relationWord"), onchange: () => this.#chose() }, ...Object.keys(WORDS).map((each) => option(each, t(`relation_${each}`), this.relation)));
    this.field = el("input", { class: "field", inputmode: "decimal", autocomplete: "off", maxlength: "32", "aria-label": t("level"), value: this.#written(this.level), oninput: () => this.#typed(), onkeydown: (event) => this.#stepped(event) });
    this.trigger = el("select", { class: "field", "aria-label": t("triggerWord") }, ...TRIGGERS.map((each) => option(each, t(`trigger_${each}`), "once")));
    this.expires = el("select", { class: "field", "aria-label": t("expiresWord") }, ...EXPIRES.map((days) => option(String(days), days ? t(days === 1 ? "expiresDay" : "expiresDays", { n: days }) : t("expiresNever"), "30")));
    this.channels = el("div", { class: "pop-channels", role: "group", "aria-label": t("tellWord") });
    this.sentence = el("p", { class: "pop-sentence" });
    this.now = el("p", { class: "mute pop-now" });
    this.past = el("p", { class: "pop-past" }, t("pastAsking"));
    this.strip = el("div", { class: "pop-strip", "aria-hidden": "true" });
    this.slider = el("input", { type: "range", min: "0", max: String(SWEEP_STEPS - 1), value: String((SWEEP_STEPS - 1) / 2), "aria-label": t("sliderLevel"), oninput: () => this.#slid() });
    this.ends = [el("span"), el("span")];
    this.create = el("button", { class: "button primary", disabled: true }, t("create"));
    this.note = el("span", {}, t("neverOnArming"));
    this.more = el("a", { class: "button bare", "data-link": "", href: "/alerts/new" }, t("moreOptions"));
    const cancel = el("button", { class: "button", type: "button", onclick: () => this.close() }, t("cancel"));
    const head = el("div", { class: "pop-ask" }, el("span", {}, t("tellMeWhen"), " ", el("b", {}, bdi(text("symbol", this.house.symbol)))), this.which, this.field);
    this.root = el(
      "form",
      { class: "alert-pop float", role: "dialog", "aria-label": t("newAlert"), autocomplete: "off", onsubmit: (event) => this.#submit(event), onkeydown: (event) => this.#key(event) },
      head,
      el("div", { class: "pop-told", "aria-live": "polite" }, this.sentence, this.now),
      el("div", { class: "pop-how" }, this.trigger, this.expires, this.channels),
      el("div", { class: "pop-try" }, this.past, this.strip, el("div", { class: "pop-slider" }, this.ends[0], this.slider, this.ends[1])),
      el("p", { class: "mute pop-note" }, icon("info", "icon-14"), this.note),
      el("div", { class: "acts" }, this.more, cancel, this.create),
    );
  }

  #key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  #chose() {
    this.relation = this.which.value;
    this.note.textContent = t(["over", "under"].includes(this.relation) ? "firesAtLevel" : "neverOnArming");
    this.#changed();
  }

  #typed() {
    const level = readNumber(this.field.value, language);
    if (level === null) {
      this.isValid = false;
      this.create.disabled = true;
      this.#say(t("noNumber"), true);
      return;
    }
    this.level = level;
    this.#changed();
  }

  /** Arrows move the level by a tick, with Shift by ten, as a line in the chart. */
  #stepped(event) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    this.moveTo(this.level + way * (event.shiftKey ? 10 : 1) * this.house.tick());
  }

  #slid() {
    const { start, to } = this.range ?? {};
    if (start === undefined) return;
    this.level = snapped(start + ((to - start) * Number(this.slider.value)) / (SWEEP_STEPS - 1), this.house.tick());
    this.field.value = this.#written(this.level);
    const point = this.sweep?.[Number(this.slider.value)];
    const words = point ? t("sliderCount", { price: this.#written(this.level), n: point.count }) : this.#written(this.level);
    this.slider.setAttribute("aria-valuetext", words);
    if (point) this.past.textContent = this.#counted(point.count, null);
    this.#changed(false, true);
  }

  #changed(isFirst = false, isSlid = false) {
    this.house.ghost(this);
    this.isValid = false;
    const path = new URLSearchParams({ symbol: this.house.symbol.replace("/", "-"), condition: this.condition });
    this.more.href = `/alerts/new?${path}`;
    this.#later("validate", isFirst ? 0 : VALIDATE_MS, (signal) => this.#validate(signal));
    if (!isSlid) this.#later("backtest", BACKTEST_MS, (signal) => this.#backtest(signal));
  }

  /** Ask after a pause; each question ends the one before. */
  #later(name, pause, ask) {
    clearTimeout(this.timers[name]);
    this.asking[name]?.abort();
    this.timers[name] = setTimeout(async () => {
      this.asking[name] = new AbortController();
      try {
        await ask(this.asking[name].signal);
      } catch (refusal) {
        if (refusal.name !== "AbortError") this.house.session.refused(refusal, () => this.#changed());
      }
    }, pause);
  }

  #say(words, isError = false) {
    this.sentence.textContent = words;
    this.sentence.classList.toggle("error", isError);
    if (isError) this.now.textContent = "";
  }

  async #validate(signal) {
    const told = await post("/api/alerts/validate", { condition: this.condition, symbol: this.house.symbol }, signal);
    this.isValid = told.valid;
    this.create.disabled = !told.valid;
    if (!told.valid) {
      this.#say(text("note", told.errors[0]?.message), true);
      return;
    }
    this.#say(text("note", told.sentence[language]));
    const price = this.house.price();
    const away = price ? t("away", { percent: percent(Math.abs((this.level / price - 1) * 100), language).replace("+", "") }) : "";
    const isNow = told.holds_now === true;
    this.now.textContent = [t(isNow ? "now_true" : told.holds_now === false ? "notYetTrue" : "now_null"), away].filter(Boolean).join(" · ");
  }

  async #backtest(signal) {
    const { from, to } = this.house.span(this.level);
    const body = { condition: this.condition, symbol: this.house.symbol, days: DAYS, sweep: { from, to, steps: SWEEP_STEPS } };
    let told;
    try {
      told = await post("/api/alerts/backtest", body, signal);
    } catch (refusal) {
      if (refusal.name === "AbortError" || refusal.status === 401) throw refusal;
      this.past.textContent = t("pastNone");
      return;
    }
    this.range = { start: from, to };
    this.sweep = told.sweep;
    this.slider.value = String(Math.round(((this.level - from) / (to - from)) * (SWEEP_STEPS - 1)));
    this.ends.forEach((end, place) => (end.textContent = this.#written([from, to][place])));
    this.past.textContent = told.bars ? this.#counted(told.count, told) : t("pastNone");
    this.#marks(told);
  }

  #counted(count, told) {
    const days = told ? Math.max(0.1, told.days) : (this.days ?? DAYS);
    if (told) this.days = days;
    const words = t(count === 1 ? "pastOne" : "pastMany", { n: count, days: days < 1 ? days.toFixed(1) : Math.round(days) });
    const median = told?.after?.["1h"]?.median_percent;
    return typeof median === "number" ? `${words} · ${t("pastAfter", { percent: percent(median, language) })}` : words;
  }

  /** When it would have fired, as strokes over the span that was tried. */
  #marks(told) {
    const [start, end] = [Date.parse(told.first_at), Date.parse(told.last_at)];
    const strokes = told.firings.slice(-60).map((firing) => {
      const stroke = el("i");
      stroke.style.left = `${((Date.parse(firing.event_at) - start) / Math.max(1, end - start)) * 100}%`;
      return stroke;
    });
    this.strip.replaceChildren(...strokes);
  }

  async #offerChannels() {
    try {
      const { channels } = await get("/api/channels");
      const choice = (channel) => el("label", { class: "pop-check" }, el("input", { type: "checkbox", value: channel.id, checked: channel.default }), el("span", {}, bdi(text("name", channel.name))));
      this.channels.replaceChildren(...channels.slice(0, 6).map(choice));
    } catch {
      // Without a list the channels that are told by default are told
    }
  }

  async #submit(event) {
    event.preventDefault();
    if (!this.isValid || this.create.disabled) return;
    this.create.disabled = true;
    const days = Number(this.expires.value);
    const body = {
      symbol: this.house.symbol,
      condition: this.condition,
      trigger: this.trigger.value,
      channels: [...this.channels.querySelectorAll("input:checked")].map((input) => input.value),
      ...(days ? { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
    };
    try {
      const made = await this.#make(body);
      this.house.made(made, { value: plain(this.level), relation: this.relation, series: "price", before: `price ${WORDS[this.relation]} `, after: "" });
      this.close();
    } catch (refusal) {
      this.create.disabled = false;
      const [fault] = refusal.problem?.errors ?? [];
      if (refusal.status === 422 && fault) this.#say(text("note", `${fault.path}: ${fault.problem}`), true);
      else this.house.session.refused(refusal, () => this.root.requestSubmit());
    }
  }

  /** Make it under a name that is free: names are unique per owner. */
  async #make(body) {
    const name = `${this.house.symbol} ${t(`relation_${this.relation}`)} ${this.#written(this.level)}`;
    for (let number = 1; ; number += 1) {
      try {
        return await post("/api/alerts?source=page", { ...body, name: number === 1 ? name : `${name} (${number})` });
      } catch (refusal) {
        const isTaken = refusal.problem?.errors?.some((each) => each.path === "name");
        if (!isTaken || number >= 9) throw refusal;
      }
    }
  }
}
