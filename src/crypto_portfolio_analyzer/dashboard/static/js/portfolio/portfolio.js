// Portfolio: what one holds, what it is worth now, and how that moved; every change at once, with Undo.

import { del, get, inPath, put } from "../api.js";
import { drawDonut, makeDonut, MOST } from "./donut.js";
import { bdi, el, icon, write } from "../dom.js";
import { complaint, field, iconButton, input } from "../forms.js";
import { Digits, direction, fullPrice, percent, price } from "../format.js";
import { language, t } from "../i18n.js";
import { readNumber } from "../numbers.js";
import { text } from "../text.js";

const LOCALE = { en: "en-US", de: "de-DE" };
const COLUMNS = ["symbol", "quantity", "price", "valueWord", "change", "weight"];

/** A quantity as it is, however many digits it has. */
const quantityText = (quantity) => new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: 20 }).format(quantity);
const money = (value) => fullPrice(value, 2, language);
const numberOrNull = (value) => (value === null || value === undefined ? null : Number(value));

export class PortfolioView {
  constructor({ store, session, go, toast }) {
    Object.assign(this, { store, session, go, toast });
    this.donut = makeDonut();
    this.parts = {
      total: el("p", { class: "total" }, "–"),
      change: el("p", { class: "total-change" }),
      note: el("p", { class: "mute" }),
      rows: el("tbody"),
      heads: el("tr"),
      form: el("div"),
      empty: el("div", { class: "empty", hidden: true }),
      summary: el("section", { class: "card portfolio-total", hidden: true }),
      table: el("section", { class: "card", hidden: true }),
      heading: el("h1"),
    };
    this.root = el("section", { class: "page scroll portfolio" }, this.parts.heading, this.parts.summary, this.parts.empty, this.parts.table, this.parts.form);
    this.told = null; // what the server said last
    this.rows = new Map(); // symbol -> its cells
    this.digits = new Map();
    this.stopped = false;
    this.live = (event) => this.#live(event.detail);
  }

  get title() {
    return t("portfolio");
  }

  async start() {
    this.#frame();
    if (!this.session.isUser) return;
    this.store.addEventListener("portfolio", this.live);
    this.store.enter("portfolio");
    await this.#learn();
  }

  stop() {
    this.stopped = true;
    this.store.removeEventListener("portfolio", this.live);
    this.store.depart("portfolio");
  }

  retell() {
    this.#frame();
    this.#draw();
  }

  linkChanged() {
    this.root.classList.toggle("link-down", this.store.link === "down");
  }

  key(name) {
    if (name !== "n" || !this.told) return false;
    this.parts.form.querySelector("input").focus();
    return true;
  }

  async #learn() {
    try {
      this.told = await get("/api/portfolio");
      if (!this.stopped) this.#draw();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (!this.stopped) this.session.refused(refusal, () => this.#learn());
    }
  }

  /** The room's message: totals, and each holding's amount and value. */
  #live(data) {
    if (!this.told) return;
    const news = new Map(data.holdings.map((each) => [each.symbol, each]));
    const known = this.told.holdings;
    if (known.length !== news.size || known.some((each) => !news.has(each.symbol))) return void this.#learn();
    Object.assign(this.told, { total_value: data.total_value, total_change_24h: data.total_change_24h, total_change_percent_24h: data.total_change_percent_24h });
    for (const each of known) this.#renew(each, news.get(each.symbol));
    this.#paint();
  }

  #renew(holding, { value, change_24h: change }) {
    const state = this.store.prices.get(holding.market);
    holding.market_value = value ?? holding.market_value;
    holding.change_24h = change ?? holding.change_24h;
    holding.weight = value === null || !this.told.total_value ? holding.weight : value / this.told.total_value;
    if (!state) return;
    Object.assign(holding, { price: state.price, change_percent_24h: state.change_percent_24h, stale: state.stale });
  }

  // --- what stands ---

  #frame() {
    const { parts } = this;
    parts.heading.textContent = t("portfolio");
    parts.heads.replaceChildren(...COLUMNS.map((word) => el("th", { scope: "col" }, t(word))), el("th", {}, el("span", { class: "out" }, t("actions"))));
    parts.summary.replaceChildren(el("div", {}, el("h2", {}, t("totalValue")), parts.total, parts.change, parts.note), this.donut);
    parts.table.replaceChildren(el("h2", {}, t("holdings")), el("table", { class: "table holdings" }, el("thead", {}, parts.heads), parts.rows));
    parts.empty.replaceChildren(el("p", {}, el("b", {}, t("portfolioEmpty"))), el("p", { class: "mute" }, t("portfolioTry")), el("button", { class: "button primary", type: "button", onclick: () => this.#hold("BTC", "0.5") }, t("portfolioUse")));
    if (!this.session.isUser) return parts.form.replaceChildren(el("p", { class: "mute" }, t("settingsLogin")));
    parts.form.replaceChildren(this.#form());
  }

  #draw() {
    if (!this.told) return;
    const { parts, told } = this;
    const hasSome = told.holdings.length > 0;
    parts.empty.hidden = hasSome;
    parts.summary.hidden = parts.table.hidden = !hasSome;
    this.rows = new Map();
    const ordered = [...told.holdings].sort((one, other) => Number(other.market_value ?? 0) - Number(one.market_value ?? 0));
    parts.rows.replaceChildren(...ordered.map((holding, index) => this.#row(holding, index)));
    this.#paint();
  }

  #row(holding, index) {
    const cells = { price: el("td"), value: el("td"), change: el("td"), weight: el("td", { class: "weight" }) };
    const link = el("a", { href: `/chart/${inPath(holding.market ?? holding.symbol)}`, "data-link": "" }, bdi(text("symbol", holding.symbol)));
    const swatch = el("i", { class: `swatch slice-${Math.min(index, MOST) + 1}`, "aria-hidden": "true" });
    const stale = el("span", { class: "stale-mark", hidden: true, title: t("stale") }, icon("clock", "icon-14"), el("span", { class: "out" }, t("stale")));
    const name = text("symbol", holding.symbol);
    const acts = el("td", { class: "row-acts" }, iconButton("edit", t("editHolding", { symbol: name }), () => this.#edit(holding)), iconButton("close", t("removeHolding", { symbol: name }), () => this.#drop(holding)));
    const row = el("tr", {}, el("th", { scope: "row" }, el("span", { class: "holding" }, swatch, link, stale)), el("td", { "data-label": t("quantity") }, quantityText(holding.quantity)), ...Object.values(cells), acts);
    for (const [key, word] of [["price", "price"], ["value", "valueWord"], ["change", "change"], ["weight", "weight"]]) cells[key].dataset.label = t(word);
    this.rows.set(holding.symbol, { row, stale, ...cells });
    return row;
  }

  #paint() {
    const { parts, told } = this;
    const change = numberOrNull(told.total_change_24h);
    const way = direction(change ?? 0);
    const quotes = new Set(told.holdings.map((each) => each.market?.split("/")[1]).filter(Boolean));
    const unit = quotes.size === 1 ? ` ${text("symbol", [...quotes][0])}` : "";
    write(parts.total, `${money(Number(told.total_value))}${unit}`);
    parts.change.className = `total-change ${way > 0 ? "up" : way < 0 ? "down" : ""}`;
    const sign = way > 0 ? "▲ +" : way < 0 ? "▼ " : "";
    write(parts.change, `${sign}${money(change)} · ${percent(numberOrNull(told.total_change_percent_24h), language)} · 24 h`);
    write(parts.note, told.complete ? "" : t("portfolioIncomplete"));
    for (const holding of told.holdings) this.#paintRow(holding);
    const shares = told.holdings.map((each) => [each.symbol, Number(each.weight ?? 0)]).filter(([, share]) => share > 0);
    drawDonut(this.donut, shares.sort(([, one], [, other]) => other - one));
  }

  #paintRow(holding) {
    const cells = this.rows.get(holding.symbol);
    const now = numberOrNull(holding.price);
    if (!this.digits.has(holding.symbol)) this.digits.set(holding.symbol, new Digits());
    const way = direction(numberOrNull(holding.change_percent_24h));
    write(cells.price, now === null ? "–" : price(now, this.digits.get(holding.symbol).for(now), language));
    write(cells.value, money(numberOrNull(holding.market_value)));
    cells.change.className = way > 0 ? "up" : way < 0 ? "down" : "";
    write(cells.change, `${way > 0 ? "▲ " : way < 0 ? "▼ " : ""}${percent(numberOrNull(holding.change_percent_24h), language)}`);
    write(cells.weight, holding.weight === null ? "–" : percent(Number(holding.weight) * 100, language, 1).replace("+", ""));
    cells.row.classList.toggle("stale", Boolean(holding.stale) || now === null);
    cells.stale.hidden = !holding.stale;
  }

  // --- changes ---

  #form() {
    const error = el("p", { class: "error", role: "alert" });
    const told = el("p", { class: "mute understood", role: "status" });
    const symbol = input("symbol", { required: true, maxlength: "24", spellcheck: false, autocapitalize: "characters", autocomplete: "off", list: "portfolio-symbols" });
    const quantity = input("quantity", { required: true, maxlength: "34", inputmode: "decimal", autocomplete: "off" });
    const bases = [...new Set([...this.store.prices.keys()].map((market) => market.split("/")[0]))].slice(0, 200);
    const known = el("datalist", { id: "portfolio-symbols" }, ...bases.map((base) => el("option", { value: base })));
    quantity.addEventListener("input", () => told.replaceChildren(...this.#understood(quantity)));
    const submit = async (event) => {
      event.preventDefault();
      const { value } = readNumber(quantity.value, language);
      if (!value) return void quantity.focus();
      try {
        await this.#put(symbol.value.trim(), value);
        error.textContent = "";
        form.reset();
        told.replaceChildren();
        symbol.focus();
      } catch (refusal) {
        if (refusal.status === undefined) throw refusal;
        if (refusal.status === 401) this.session.refused(refusal, () => form.requestSubmit());
        else error.textContent = complaint(refusal);
      }
    };
    const form = el("form", { class: "form-line", onsubmit: submit }, field(t("symbol"), symbol), field(t("quantity"), quantity), el("button", { class: "button primary" }, t("save")), known);
    return el("section", { class: "card" }, el("h2", {}, t("holdingNew")), form, told, error);
  }

  /** What was understood; where a number could be either, both as buttons. */
  #understood(typed) {
    const { value, choices } = readNumber(typed.value, language);
    if (value) return [`= ${quantityText(value)}`];
    if (!choices) return typed.value.trim() ? [t("notNumber")] : [];
    const pick = (choice) => () => {
      typed.value = language === "de" ? choice.replace(".", ",") : choice;
      typed.dispatchEvent(new Event("input"));
      typed.focus();
    };
    return [`${t("either")} `, ...choices.map((choice) => el("button", { class: "button", type: "button", onclick: pick(choice) }, quantityText(choice)))];
  }

  #edit(holding) {
    const [symbol, quantity] = this.parts.form.querySelectorAll("input");
    symbol.value = holding.symbol;
    quantity.value = language === "de" ? holding.quantity.replace(".", ",") : holding.quantity;
    quantity.dispatchEvent(new Event("input"));
    quantity.focus();
    quantity.select();
  }

  async #put(symbol, quantity) {
    const before = this.told.holdings.find((each) => each.symbol === symbol.toUpperCase())?.quantity ?? null;
    this.told = await put(`/api/portfolio/holdings/${inPath(symbol)}`, { quantity });
    this.#draw();
    const undo = () => (before === null ? this.#drop({ symbol, quantity }, false) : this.#hold(symbol, before));
    this.toast(t("holdingSaved", { symbol: text("symbol", symbol.toUpperCase()), quantity: quantityText(quantity) }), t("undo"), undo);
  }

  async #hold(symbol, quantity) {
    try {
      await this.#put(symbol, quantity);
    } catch (refusal) {
      this.session.refused(refusal, () => this.#hold(symbol, quantity));
    }
  }

  async #drop(holding, canUndo = true) {
    try {
      await del(`/api/portfolio/holdings/${inPath(holding.symbol)}`);
      const words = t("holdingRemoved", { symbol: text("symbol", holding.symbol) });
      if (canUndo) this.toast(words, t("undo"), () => this.#hold(holding.symbol, holding.quantity));
      await this.#learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#drop(holding, canUndo));
    }
  }
}
