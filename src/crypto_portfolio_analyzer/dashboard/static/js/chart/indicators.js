// Indicators of a chart: which are shown, picked from a list or written as a series, and what they are now.

import { get, inPath } from "../api.js";
import { el, icon } from "../dom.js";
import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";
import { text } from "../text.js";

export const MOST_PANES = 3;
const MOST = 8;
const MOST_REMEMBERED = 50;
const LIMIT = 1000;
const CHOICES = ["ema(20)", "ema(50)", "ema(200)", "sma(20)", "bollinger(20, 2)", "vwap", "supertrend(10, 3)", "rsi(14)", "macd(12, 26, 9)", "atr(14)", "stoch(14, 1, 3)", "adx(14)", "sma(volume, 20)", "obv"];
const MEMORY = "indicators";

/** What is shown on a symbol's chart: of the address, else of memory. */
export function chosenFor(symbol, query) {
  if (query.has("i")) return query.getAll("i").filter(Boolean).slice(0, MOST);
  return remembered()[symbol] ?? [];
}

function remembered() {
  try {
    const found = JSON.parse(recall(MEMORY, "{}"));
    return Object.fromEntries(Object.entries(found).filter(([, each]) => Array.isArray(each)));
  } catch {
    return {};
  }
}

export function rememberFor(symbol, chosen) {
  const { [symbol]: _, ...others } = remembered();
  const kept = Object.entries(others).slice(-MOST_REMEMBERED + 1);
  remember(MEMORY, JSON.stringify(Object.fromEntries(chosen.length ? [...kept, [symbol, chosen]] : kept)));
}

export class Indicators {
  /** `changed` is called when the choice changes. */
  constructor({ symbol, chosen, changed }) {
    Object.assign(this, { symbol, chosen, changed });
    this.told = [];
  }

  /** Values over the newest bars, or before an instant (s); null if a choice cannot be drawn. */
  ask(frame, { limit = LIMIT, end = null, signal } = {}) {
    if (!this.chosen.length) return Promise.resolve([]);
    const query = new URLSearchParams([["timeframe", frame], ["limit", Math.min(LIMIT, limit)], ...this.chosen.map((each) => ["series", each])]);
    if (end !== null) query.set("end", new Date(end * 1000).toISOString());
    return get(`/api/market/${inPath(this.symbol)}/indicators?${query}`, signal).then((answer) => answer.series);
  }

  /** Values of all that can be drawn; what the server refuses is left out, since a series may be old or misspelled. */
  async load(frame, limit, signal) {
    try {
      this.told = await this.ask(frame, { limit, signal });
    } catch (refusal) {
      const places = refused(refusal);
      if (!places.size) throw refusal;
      this.chosen = this.chosen.filter((_, place) => !places.has(place));
      this.told = await this.ask(frame, { limit, signal });
    }
    this.chosen = this.told.map((each) => each.spelling);
    return this.told;
  }

  remove(expression) {
    this.chosen = this.chosen.filter((each) => each !== expression);
    this.changed();
  }

  /** Try a series; resolves to nothing if it is shown now, else to what is wrong, with its place. */
  async add(expression, frame) {
    if (this.chosen.includes(expression)) return null;
    if (this.chosen.length >= MOST) return { message: t("indicatorsMost", { n: MOST }) };
    const query = new URLSearchParams([["timeframe", frame], ["series", expression]]);
    const told = await get(`/api/market/${inPath(this.symbol)}/indicators/check?${query}`);
    if (!told.valid) {
      const [fault] = told.errors;
      return { message: fault.problem, start: fault.start, end: fault.end, fix: fault.fix };
    }
    const panes = this.told.filter((each) => each.pane === "own").length;
    if (told.pane === "own" && panes >= MOST_PANES) return { message: t("panesMost", { n: MOST_PANES }) };
    if (this.chosen.includes(told.spelling)) return null;
    this.chosen = [...this.chosen, told.spelling];
    this.changed();
    return null;
  }
}

function refused(refusal) {
  const places = (refusal.problem?.errors ?? []).map((each) => Number(/\d+/.exec(each.path)?.[0]));
  return new Set(places.filter(Number.isInteger));
}

/** The picker: a popover with the usual ones as switches and a field for any series. */
export class IndicatorPicker {
  constructor({ button, indicators, frame, place }) {
    Object.assign(this, { button, indicators, frame, place });
    button.addEventListener("click", () => (this.root ? this.close() : this.open()));
    this.away = (event) => this.root && !this.root.contains(event.target) && !button.contains(event.target) && this.close(false);
  }

  open() {
    this.field = el("input", { class: "field mono", maxlength: "120", spellcheck: "false", autocomplete: "off", placeholder: "rsi(14)", "aria-label": t("indicatorField") });
    this.error = el("div", { class: "picker-error", role: "alert" });
    this.list = el("div", { class: "picker-list", role: "group", "aria-label": t("indicators") });
    const form = el("form", { class: "picker-form", onsubmit: (event) => this.#submit(event) }, this.field, el("button", { class: "button" }, t("addIndicator")));
    const close = el("button", { class: "button bare square", type: "button", title: t("close"), "aria-label": t("close"), onclick: () => this.close() }, icon("close", "icon-14"));
    this.root = el("div", { class: "picker float", role: "dialog", "aria-label": t("indicators"), onkeydown: (event) => this.#key(event) }, el("header", {}, el("b", {}, t("indicators")), close), this.list, form, this.error);
    this.place.append(this.root);
    this.button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", this.away);
    this.draw();
    this.list.querySelector("button").focus();
  }

  close(isBack = true) {
    document.removeEventListener("pointerdown", this.away);
    this.root?.remove();
    this.root = null;
    this.button.setAttribute("aria-expanded", "false");
    if (isBack) this.button.focus();
  }

  draw() {
    if (!this.root) return;
    const { chosen } = this.indicators;
    const others = chosen.filter((each) => !CHOICES.includes(each));
    const focused = document.activeElement?.dataset?.series;
    this.list.replaceChildren(
      ...[...CHOICES, ...others].map((each) => el("button", { class: "button", type: "button", "aria-pressed": String(chosen.includes(each)), "data-series": each, onclick: () => this.#turn(each) }, text("sentence", each))),
    );
    if (focused) this.list.querySelector(`[data-series="${CSS.escape(focused)}"]`)?.focus();
  }

  async #turn(expression) {
    if (this.indicators.chosen.includes(expression)) this.indicators.remove(expression);
    else this.#complain(await this.indicators.add(expression, this.frame()));
    this.draw();
  }

  async #submit(event) {
    event.preventDefault();
    const wanted = this.field.value.trim();
    if (!wanted) return;
    const fault = await this.indicators.add(wanted, this.frame());
    if (!this.root) return;
    this.#complain(fault);
    if (!fault) this.field.value = "";
    this.draw();
  }

  #complain(fault) {
    if (!this.root) return;
    const hasPlace = Number.isInteger(fault?.start);
    const line = this.field.value.trim();
    const place = hasPlace && line ? el("pre", { class: "mono place" }, `${text("sentence", line)}\n${" ".repeat(fault.start)}${"^".repeat(Math.max(1, fault.end - fault.start))}`) : null;
    const use = fault?.fix ? el("button", { class: "button", type: "button", onclick: () => this.#use(fault.fix) }, text("sentence", fault.fix)) : null;
    this.error.replaceChildren(...[place, fault ? el("p", { class: "error" }, text("note", fault.message)) : null, use].filter(Boolean));
  }

  #use(fix) {
    this.field.value = fix;
    this.error.replaceChildren();
    this.field.focus();
  }

  #key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.close();
  }
}

export const indicatorName = (told, line) => text("sentence", line?.name ? `${told.spelling}.${line.name}` : told.spelling);
