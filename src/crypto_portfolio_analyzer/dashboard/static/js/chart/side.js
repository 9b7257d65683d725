// Beside the chart: the quote with its source and age, the alerts of this symbol, what fired last.

import { relationWords } from "./levels.js";
import { bdi, el } from "../dom.js";
import { compact, figure, fullPrice, moment, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const MOST_FIRED = 20;
const TABS = ["alerts", "firings", "quote"];
const LEVEL = { armed: "ok", warming: "", pending: "warning", firing: "warning", cooldown: "warning", error: "critical", no_data: "critical" };

export class ChartSide {
  /** `house` gives symbol, store, levels, firings(), digits(), label(venue), open(firing), create(). */
  constructor(root, house) {
    Object.assign(this, { root, house });
    this.tab = "alerts";
    this.shown = "";
    this.build();
  }

  build() {
    const tab = (name) => el("button", { class: "tab", type: "button", role: "tab", id: `side-tab-${name}`, "aria-controls": `side-${name}`, "aria-selected": String(name === this.tab), tabindex: name === this.tab ? "0" : "-1", onclick: () => this.#choose(name), onkeydown: (event) => this.#walk(event, name) }, t(`side_${name}`));
    this.tabs = el("div", { class: "tabs side-tabs", role: "tablist", "aria-label": t("besideChart") }, ...TABS.map(tab));
    this.alerts = el("ul", { class: "side-list" });
    this.firings = el("ul", { class: "side-list" });
    this.quote = el("dl", {});
    const create = el("button", { class: "button side-new", type: "button", onclick: () => this.house.create() }, t("newAlert"), el("kbd", { "aria-hidden": "true" }, "n"));
    const section = (name, ...content) => el("section", { class: "side-part", id: `side-${name}`, "data-side": name, "aria-labelledby": `side-head-${name}` }, el("h2", { id: `side-head-${name}` }, t(`side_${name}`)), ...content);
    this.root.replaceChildren(this.tabs, section("quote", this.quote), section("alerts", this.alerts, create), section("firings", this.firings));
    this.#choose(this.tab, false);
    this.rows = null;
    this.draw();
  }

  #choose(name, isFocused = true) {
    this.tab = name;
    for (const each of this.root.querySelectorAll("[data-side]")) each.classList.toggle("chosen", each.dataset.side === name);
    for (const each of this.tabs.children) {
      const isChosen = each.id === `side-tab-${name}`;
      each.setAttribute("aria-selected", String(isChosen));
      each.tabIndex = isChosen ? 0 : -1;
      if (isChosen && isFocused) each.focus();
    }
  }

  #walk(event, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.#choose(TABS[(TABS.indexOf(name) + by + TABS.length) % TABS.length]);
  }

  draw() {
    this.#drawAlerts();
    this.#drawFirings();
  }

  #drawAlerts() {
    const { levels } = this.house;
    const price = this.house.store.prices.get(this.house.symbol)?.price;
    const rows = [...levels.alerts.values()].map((alert) => this.#alert(alert, levels.levels.filter((level) => level.alert_id === alert.id), price));
    const focused = document.activeElement?.closest("[data-alert]")?.dataset.alert;
    this.alerts.replaceChildren(...(rows.length ? rows : [el("li", { class: "mute side-empty" }, t("noAlertsHere"))]));
    if (focused) this.alerts.querySelector(`[data-alert="${CSS.escape(focused)}"] a`)?.focus();
  }

  #alert(alert, levels, price) {
    const [level] = levels;
    const standing = alert.standings?.find((each) => each.symbol === this.house.symbol);
    const state = standing?.state ?? alert.state;
    const what = level ? `${relationWords(level.relation)} ${fullPrice(level.price, this.house.digits(), language)}` : alert.condition;
    const far = level && price ? Math.abs(level.price / price - 1) * 100 : alert.nearest_percent;
    const away = typeof far === "number" && ["armed", "pending", "cooldown"].includes(state) ? percent(Math.abs(far), language).replace("+", "") : "";
    const row = el(
      "li",
      { "data-alert": alert.id, onpointerenter: () => this.house.hover(level?.key ?? null), onpointerleave: () => this.house.hover(null) },
      el("span", { class: `dot ${LEVEL[state] ?? ""}`, "aria-hidden": "true" }),
      el("a", { href: `/alerts/${encodeURIComponent(alert.id)}`, "data-link": "", title: text("note", alert.sentence?.[language]) }, bdi(text("sentence", what))),
      el("span", { class: "mute side-state" }, [t(`alert_${state}`), away && t("away", { percent: away })].filter(Boolean).join(" · ")),
    );
    return row;
  }

  #drawFirings() {
    const rows = this.house.firings().slice(0, MOST_FIRED).map((firing) =>
      el(
        "li",
        {},
        el("time", { class: "mute", datetime: firing.event_at }, moment(Date.parse(firing.event_at), this.house.store.now(), language)),
        el("button", { class: "side-firing", type: "button", title: text("name", firing.alert_name), onclick: () => this.house.open(firing) }, figure(firing.price, language)),
        firing.late ? el("span", { class: "chip chip-late" }, t("late")) : null,
        el("span", { class: "mute side-state" }, bdi(text("name", firing.alert_name ?? t("deletedWord")))),
      ),
    );
    this.firings.replaceChildren(...(rows.length ? rows : [el("li", { class: "mute side-empty" }, t("noFiringsHere"))]));
  }

  /** The quote; called each frame that brings a price. */
  tell(state, quote, age) {
    const { digits, label } = this.house;
    const full = (value) => (value === null || value === undefined ? "–" : fullPrice(Number(value), digits(), language));
    const open = state.change_24h === null ? null : state.price - state.change_24h;
    const told = quote ?? {};
    const rows = [
      ["bid", full(told.bid)],
      ["ask", full(told.ask)],
      ["high", full(told.high_24h && Math.max(Number(told.high_24h), state.price))],
      ["low", full(told.low_24h && Math.min(Number(told.low_24h), state.price))],
      ["open", full(open)],
      ["volume", compact(state.volume_24h, language)],
      ["source", text("name", label(state.source))],
      ["age", age],
    ];
    if (!this.rows) {
      this.rows = rows.map(() => el("dd", {}, "–"));
      this.quote.replaceChildren(...rows.map(([name], place) => el("div", {}, el("dt", {}, t(name)), this.rows[place])));
    }
    rows.forEach(([, value], place) => {
      if (this.rows[place].textContent !== value) this.rows[place].textContent = value;
    });
  }
}
