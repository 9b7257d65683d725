// The first card of the demo: four steps that tick themselves off, each by what the server or this browser knows.

import { get } from "../api.js";
import { el, icon } from "../dom.js";
import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";

const KEY = "welcome";
const ASK_MS = 5000;
const DEMO_TAG = "demo";
const SOON_ALERT = "BTC/USDT"; // of the examples, the one that fires within half a minute

export class Welcome {
  constructor({ place, store, session }) {
    Object.assign(this, { place, store, session });
    this.done = { chart: false, alert: false, telegram: false, test: false };
    this.heard = () => this.#maybe();
    this.fired = () => [(this.hasFired = true), this.draw()];
    this.hasFired = false;
  }

  start() {
    this.stopped = false;
    this.store.addEventListener("health", this.heard);
    this.store.addEventListener("firing", this.fired);
    this.#maybe();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.asking);
    this.store.removeEventListener("health", this.heard);
    this.store.removeEventListener("firing", this.fired);
  }

  get isWanted() {
    return Boolean(this.store.health?.simulated) && this.session.isUser && recall(KEY) !== "done";
  }

  #maybe() {
    if (!this.isWanted || !this.place.hidden) return;
    this.place.hidden = false;
    this.draw();
    this.#ask();
  }

  async #ask() {
    clearTimeout(this.asking);
    if (this.stopped || this.place.hidden) return;
    this.done.chart = recall("chart") !== null;
    try {
      const [{ alerts }, { channels }, { deliveries }] = await Promise.all([get("/api/alerts?limit=50"), get("/api/channels"), get("/api/deliveries?kind=test&limit=1")]);
      this.done.alert = alerts.some((alert) => !alert.tags.includes(DEMO_TAG));
      this.done.telegram = channels.some((channel) => channel.type === "telegram");
      this.done.test = deliveries.length > 0;
    } catch {
      // asked again
    }
    if (this.stopped) return;
    this.draw();
    this.asking = setTimeout(() => this.#ask(), ASK_MS);
  }

  draw() {
    if (this.place.hidden) return;
    const steps = { chart: "/chart/BTC-USDT", alert: "/alerts/new?symbol=BTC-USDT", telegram: "/channels", test: "/channels" };
    const rows = Object.entries(steps).map(([name, path]) => {
      const isDone = this.done[name];
      const mark = el("span", { class: `step-mark ${isDone ? "ok" : ""}` }, isDone ? icon("check", "icon-14") : null);
      return el("li", { class: isDone ? "done" : "" }, mark, el("a", { href: path, "data-link": "" }, t(`welcome_${name}`)), isDone ? el("span", { class: "out" }, t("done")) : null);
    });
    const count = Object.values(this.done).filter(Boolean).length;
    const close = el("button", { class: "button bare square", type: "button", title: t("close"), "aria-label": t("close"), onclick: () => this.#close() }, icon("close", "icon-14"));
    const hint = this.hasFired ? t("welcomeFired") : t("welcomeSoon", { symbol: SOON_ALERT });
    this.place.replaceChildren(
      el("header", {}, el("h2", {}, t("welcome")), el("span", { class: "mute" }, `${count}/4`), close),
      el("p", { class: "mute" }, hint),
      el("ol", {}, ...rows),
    );
  }

  #close() {
    remember(KEY, "done");
    this.place.hidden = true;
  }
}
