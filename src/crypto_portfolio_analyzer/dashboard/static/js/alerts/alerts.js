// Alerts: what is asked, in which state each is and why, how near it is, what it did; one or many at a time.

import { AlertActs } from "./alert_acts.js";
import { get } from "../api.js";
import { bdi, el, fromTemplate, keepingFocus } from "../dom.js";
import { button, iconButton } from "../forms.js";
import { integer, moment, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { mutes, SPANS } from "./silencing.js";
import { text } from "../text.js";

const REFRESH_MS = 5000;
const TABS = {
  active: (alert) => !["paused", "done", "expired", "error", "no_data"].includes(alert.state),
  fired: (alert) => alert.state === "done",
  paused: (alert) => ["paused", "expired"].includes(alert.state),
  problems: (alert) => ["error", "no_data"].includes(alert.state),
};
const LEVEL = { armed: "ok", pending: "warning", firing: "warning", cooldown: "warning", error: "critical", no_data: "critical" };
const FAR = 5; // percent: an empty bar

export const sentenceOf = (told) => (typeof told === "string" ? told : (told?.[language] ?? ""));
export const alertPath = (alert) => `/alerts/${encodeURIComponent(alert.id)}`;

/** How far a price is from flipping something: no sign, either way is far. */
export const awayWords = (near) => t("away", { percent: percent(Math.abs(near), language).replace("+", "") });

/** Nearness as a bar: full at the level, empty from five percent on. */
export function nearBar(near) {
  const fill = el("i");
  fill.style.width = `${Math.round(100 * Math.max(0, 1 - Math.abs(near) / FAR))}%`;
  return el("span", { class: "near-bar", "aria-hidden": "true" }, fill);
}

/** The state as a dot and a word. */
export function alertState(alert) {
  return el("span", { class: "alert-state" }, el("span", { class: `dot ${LEVEL[alert.state] ?? ""}` }), t(`alert_${alert.state}`));
}

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

const symbolsOf = (alert) => {
  const symbols = alert.symbols?.length ? alert.symbols : [alert.watchlist ?? "*"];
  return symbols.length > 2 ? `${symbols[0]} ${t("andMore", { n: symbols.length - 1 })}` : symbols.join(", ");
};

export class AlertsView {
  constructor({ store, session, go, toast }) {
    Object.assign(this, { store, session, go, toast });
    Object.assign(this, fromTemplate("t-alerts"));
    const wish = new URLSearchParams(location.search);
    this.tab = wish.get("tab") in TABS ? wish.get("tab") : "active";
    this.sought = wish.get("q") ?? "";
    this.alerts = null;
    this.silences = [];
    this.channels = new Map();
    this.chosen = new Set();
    this.stopped = false;
    this.acts = new AlertActs({ session, toast, changed: () => this.#learn() });
    this.fired = () => this.#learn();
    this.parts.sought.value = this.sought;
    this.parts.sought.addEventListener("input", () => this.#seek(this.parts.sought.value));
    this.parts.emptyUse.addEventListener("click", () => this.go("/alerts/new?condition=price%20moves%20by%203%25%20in%2015m"));
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

  key(name) {
    const rows = [...this.parts.list.querySelectorAll("li.alert")];
    const active = rows.findIndex((row) => row.contains(document.activeElement));
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[name];
    if (step && rows.length) rows[Math.max(0, Math.min(rows.length - 1, active + step))].querySelector("a").focus();
    else if (active < 0) return false;
    else return this.#rowKey(name, this.shown[active]);
    return true;
  }

  #rowKey(name, alert) {
    if (name === "x") this.#choose(alert, !this.chosen.has(alert.id));
    else if (name === "p") this.acts[alert.state === "paused" ? "resume" : "pause"]([alert]);
    else if (name === "s") this.acts.silence([alert], SPANS["4h"], "4h");
    else if (name === "e") this.go(alertPath(alert));
    else return false;
    return true;
  }

  async #learn() {
    clearTimeout(this.learning);
    if (this.stopped) return;
    if (!this.session.isUser) return this.#draw();
    try {
      const [alerts, told, { channels }] = await Promise.all([all("/api/alerts", "alerts"), get("/api/silences"), get("/api/channels")]);
      this.channels = new Map(channels.map((channel) => [channel.id, channel.name]));
      this.silences = told.silences.filter((each) => each.active);
      this.alerts = alerts;
      const alive = new Set(alerts.map((alert) => alert.id));
      this.chosen = new Set([...this.chosen].filter((id) => alive.has(id)));
      if (!this.stopped) this.#draw();
    } catch {
      // the connection pill tells
    }
    clearTimeout(this.learning);
    if (!this.stopped) this.learning = setTimeout(() => this.#learn(), REFRESH_MS);
  }

  #seek(words) {
    this.sought = words;
    this.#address();
    this.#draw();
  }

  #address() {
    const wish = new URLSearchParams();
    if (this.tab !== "active") wish.set("tab", this.tab);
    if (this.sought.trim()) wish.set("q", this.sought.trim());
    history.replaceState(null, "", `/alerts${wish.size ? `?${wish}` : ""}`);
  }

  #choose(alert, isChosen) {
    if (isChosen) this.chosen.add(alert.id);
    else this.chosen.delete(alert.id);
    this.#draw();
  }

  #fits(alert) {
    const words = this.sought.trim().toLowerCase();
    return !words || [alert.name, alert.condition, alert.watchlist ?? "", ...alert.symbols, ...alert.tags].some((each) => each.toLowerCase().includes(words));
  }

  #draw() {
    keepingFocus(this.root, () => {
      const { parts } = this;
      const alerts = this.alerts ?? [];
      parts.tabs.replaceChildren(...Object.keys(TABS).map((name) => this.#tab(name, alerts.filter(TABS[name]).length)));
      this.shown = alerts.filter(TABS[this.tab]).filter((alert) => this.#fits(alert));
      parts.list.replaceChildren(...this.shown.map((alert) => this.#row(alert)));
      parts.empty.hidden = this.alerts === null || alerts.length > 0;
      parts.none.hidden = this.alerts === null || !alerts.length || this.shown.length > 0;
      parts.list.hidden = !this.shown.length;
      parts.sought.hidden = !alerts.length;
      parts.login.hidden = this.session.isUser;
      this.#drawBulk(alerts.filter((alert) => this.chosen.has(alert.id)));
    });
  }

  #tab(name, count) {
    const choose = () => {
      this.tab = name;
      this.chosen.clear();
      this.#address();
      this.#draw();
    };
    const words = [t(`tab_${name}`), " ", el("span", { class: "count" }, integer(count, language))];
    return el("button", { class: "tab", type: "button", role: "tab", "aria-selected": String(name === this.tab), "data-focus": `tab ${name}`, onclick: choose }, ...words);
  }

  #drawBulk(chosen) {
    const { parts } = this;
    parts.bulk.hidden = !chosen.length;
    if (!chosen.length) return parts.bulk.replaceChildren();
    const act = (word, what, more = {}) => button(t(word), what, { "data-focus": `bulk ${word}`, ...more });
    const spans = Object.entries(SPANS).map(([words, seconds]) => button(words, () => this.acts.silence(chosen, seconds, words), { "data-focus": `bulk ${words}`, "aria-label": `${t("silenceWord")} ${words}` }));
    parts.bulk.replaceChildren(
      el("b", { role: "status" }, t(chosen.length === 1 ? "selectedOne" : "selectedMany", { n: chosen.length })),
      act("pause", () => this.acts.pause(chosen)),
      act("resume", () => this.acts.resume(chosen)),
      el("span", { class: "joined" }, el("span", { class: "mute" }, t("silenceWord")), ...spans),
      act("copyYaml", () => this.acts.copyYaml(chosen)),
      act("deleteAlert", () => this.acts.remove(chosen), { class: "button danger" }),
      act("selectNone", () => [this.chosen.clear(), this.#draw()], { class: "button bare" }),
    );
  }

  #row(alert) {
    const isPaused = alert.state === "paused";
    const name = text("name", alert.name);
    const box = el("input", { type: "checkbox", checked: this.chosen.has(alert.id), "data-focus": `box ${alert.id}`, "aria-label": t("selectAlert", { name }), onchange: (event) => this.#choose(alert, event.target.checked) });
    const link = el("a", { href: alertPath(alert), "data-link": "", "data-focus": `link ${alert.id}` }, bdi(name));
    const sentence = text("note", sentenceOf(alert.sentence));
    return el(
      "li",
      { class: "alert" },
      box,
      el("span", { class: "alert-status" }, alertState(alert), this.#why(alert)),
      el("span", { class: "alert-what" }, link, el("span", { class: "mute", title: sentence }, bdi(sentence))),
      el("span", { class: "alert-symbol" }, bdi(text("name", symbolsOf(alert)))),
      el("span", { class: "alert-near mute" }, ...this.#near(alert)),
      el("span", { class: "alert-past mute" }, ...this.#past(alert)),
      el(
        "span",
        { class: "alert-acts" },
        iconButton(isPaused ? "play" : "hold", t(isPaused ? "resume" : "pause"), () => this.acts[isPaused ? "resume" : "pause"]([alert]), { "data-focus": `turn ${alert.id}` }),
        iconButton("close", t("deleteAlert"), () => this.acts.remove([alert]), { "data-focus": `delete ${alert.id}` }),
      ),
    );
  }

  #why(alert) {
    const silence = this.silences.find((each) => mutes(each.matchers, alert));
    if (silence) return el("small", { class: "warning" }, t("silencedUntil", { time: moment(Date.parse(silence.ends_at), this.store.now(), language) }));
    const cooling = alert.standings.find((each) => each.cooldown_until)?.cooldown_until;
    if (alert.state === "cooldown" && cooling) return el("small", { class: "mute" }, t("untilTime", { time: moment(Date.parse(cooling), this.store.now(), language) }));
    const reason = alert.reason === alert.state ? "" : text("sentence", alert.reason);
    return reason ? el("small", { class: "mute", title: reason }, bdi(reason)) : null;
  }

  #near(alert) {
    return typeof alert.nearest_percent === "number" ? [nearBar(alert.nearest_percent), awayWords(alert.nearest_percent)] : [];
  }

  #past(alert) {
    const last = alert.last_fired_at ? t("lastFired", { time: moment(Date.parse(alert.last_fired_at), this.store.now(), language) }) : t("neverFiredShort");
    const channels = alert.channels.map((id) => text("symbol", this.channels.get(id) ?? id)).join(", ");
    return [el("span", {}, `${t("firedCount", { n: integer(alert.fired_30d, language) })} · ${last}`), el("span", {}, bdi(channels || t("channelsDefault")))];
  }
}
