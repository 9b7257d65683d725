// Alerts: what is asked, in which state each is, how near it is; one of them in detail with why it has not fired.

import { del, get, post } from "./api.js";
import { bdi, el, fromTemplate, icon } from "./dom.js";
import { moment, percent } from "./format.js";
import { language, t } from "./i18n.js";
import { text } from "./text.js";

const REFRESH_MS = 5000;
const TABS = {
  active: (alert) => !["paused", "done", "expired", "error", "no_data"].includes(alert.state),
  fired: (alert) => alert.state === "done",
  paused: (alert) => ["paused", "expired"].includes(alert.state),
  problems: (alert) => ["error", "no_data"].includes(alert.state),
};
const LEVEL = { armed: "ok", pending: "warning", firing: "warning", cooldown: "warning", error: "critical", no_data: "critical" };

export const sentenceOf = (told) => (typeof told === "string" ? told : (told?.[language] ?? ""));
export const alertPath = (alert) => `/alerts/${encodeURIComponent(alert.id)}`;

/** How far a price is from flipping something: no sign, either way is far. */
export const awayWords = (near) => t("away", { percent: percent(Math.abs(near), language).replace("+", "") });

/** Every page of a list. */
export async function all(path, key) {
  const found = [];
  let cursor = "";
  do {
    const page = await get(`${path}${cursor}`);
    found.push(...page[key]);
    cursor = page.next_cursor ? `?cursor=${encodeURIComponent(page.next_cursor)}` : "";
  } while (cursor);
  return found;
}

export class AlertsView {
  constructor({ store, session, go, toast }) {
    Object.assign(this, { store, session, go, toast });
    Object.assign(this, fromTemplate("t-alerts"));
    this.parts.emptyUse.addEventListener("click", () => this.go("/alerts/new?condition=price%20moves%20by%203%25%20in%2015m"));
    this.alerts = null;
    this.tab = new URLSearchParams(location.search).get("tab") ?? "active";
    if (!(this.tab in TABS)) this.tab = "active";
    this.stopped = false;
    this.fired = () => this.#learn();
  }

  get title() {
    return t("alerts");
  }

  async start() {
    this.store.addEventListener("firing", this.fired);
    this.#draw();
    await this.#learn();
  }

  stop() {
    this.stopped = true;
    this.store.removeEventListener("firing", this.fired);
    clearTimeout(this.learning);
  }

  retell() {
    this.#draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  async #learn() {
    clearTimeout(this.learning);
    if (this.stopped) return;
    if (!this.session.isUser) return this.#draw();
    try {
      this.alerts = await all("/api/alerts", "alerts");
      if (!this.stopped) this.#draw();
    } catch {
      // the connection pill tells
    }
    if (!this.stopped) this.learning = setTimeout(() => this.#learn(), REFRESH_MS);
  }

  #draw() {
    const { parts } = this;
    const alerts = this.alerts ?? [];
    const hadFocus = parts.tabs.contains(document.activeElement);
    parts.tabs.replaceChildren(...Object.keys(TABS).map((name) => this.#tab(name, alerts.filter(TABS[name]).length)));
    if (hadFocus) parts.tabs.querySelector("[aria-selected=true]").focus();
    const shown = alerts.filter(TABS[this.tab]);
    parts.list.replaceChildren(...shown.map((alert) => this.#row(alert)));
    parts.empty.hidden = this.alerts === null || alerts.length > 0;
    parts.none.hidden = this.alerts === null || !alerts.length || shown.length > 0;
    parts.login.hidden = this.session.isUser;
  }

  #tab(name, count) {
    const isChosen = name === this.tab;
    const choose = () => {
      this.tab = name;
      history.replaceState(null, "", name === "active" ? "/alerts" : `/alerts?tab=${name}`);
      this.#draw();
    };
    const words = `${t(`tab_${name}`)} ${count}`;
    return el("button", { class: "tab", type: "button", role: "tab", "aria-selected": String(isChosen), onclick: choose }, words);
  }

  #row(alert) {
    const symbols = alert.symbols?.length ? alert.symbols : [alert.symbol ?? "*"];
    const shown = symbols.length > 2 ? `${symbols[0]} ${t("andMore", { n: symbols.length - 1 })}` : symbols.join(", ");
    const isPaused = alert.state === "paused";
    const link = el("a", { href: alertPath(alert), "data-link": "" }, bdi(text("name", alert.name)));
    return el(
      "li",
      { class: "alert" },
      el("span", { class: "alert-state" }, el("span", { class: `dot ${LEVEL[alert.state] ?? ""}` }), t(`alert_${alert.state}`)),
      el("span", { class: "alert-what" }, link, el("span", { class: "mute" }, bdi(text("sentence", sentenceOf(alert.sentence))))),
      el("span", { class: "alert-symbol" }, bdi(text("name", shown))),
      el("span", { class: "alert-near mute" }, this.#near(alert)),
      el(
        "span",
        { class: "alert-acts" },
        this.#act(isPaused ? "resume" : "pause", isPaused ? "play" : "hold", () => this.#turn(alert, isPaused ? "resume" : "pause")),
        this.#act("deleteAlert", "close", () => this.#remove(alert)),
      ),
    );
  }

  #near(alert) {
    const { nearest_percent: near, last_fired_at: last } = alert;
    if (alert.reason && ["error", "no_data", "warming"].includes(alert.state)) return text("sentence", alert.reason);
    if (typeof near === "number") return awayWords(near);
    return last ? t("lastFired", { time: moment(Date.parse(last), this.store.now(), language) }) : "";
  }

  #act(word, mark, what) {
    return el("button", { class: "button bare square", type: "button", title: t(word), "aria-label": t(word), onclick: what }, icon(mark, "icon-14"));
  }

  async #turn(alert, verb) {
    try {
      await post(`/api/alerts/${encodeURIComponent(alert.id)}/${verb}`);
      const back = verb === "pause" ? "resume" : "pause";
      this.toast(t(verb === "pause" ? "pausedAlert" : "resumedAlert", { name: text("name", alert.name) }), t("undo"), () => this.#turn(alert, back));
      await this.#learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#turn(alert, verb));
    }
  }

  async #remove(alert) {
    try {
      await del(`/api/alerts/${encodeURIComponent(alert.id)}`);
      this.toast(t("deletedAlert", { name: text("name", alert.name) }), t("undo"), () => this.#restore(alert));
      await this.#learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#remove(alert));
    }
  }

  async #restore(alert) {
    try {
      await post(`/api/alerts/${encodeURIComponent(alert.id)}/restore`);
      await this.#learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#restore(alert));
    }
  }
}
