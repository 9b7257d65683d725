// Firings: what fired, newest first, and the evidence of one: what was true then, and when each step was taken.

import { get } from "./api.js";
import { deliveriesOf } from "./deliveries.js";
import { bdi, el, fromTemplate } from "./dom.js";
import { figure, milliseconds, moment } from "./format.js";
import { language, t } from "./i18n.js";
import { text } from "./text.js";

const MOST = 100;

const firingPath = (firing) => `/firings/${encodeURIComponent(firing.id)}`;

export const nameOf = (firing) => text("name", firing.alert_name ?? firing.name ?? firing.alert_id);

export class FiringsView {
  constructor({ store, session, id = null }) {
    Object.assign(this, { store, session, id });
    Object.assign(this, fromTemplate("t-firings"));
    this.firings = null;
    this.stopped = false;
    this.fired = (event) => this.#fired(event.detail);
  }

  get title() {
    return t("firings");
  }

  async start() {
    this.store.addEventListener("firing", this.fired);
    this.#draw();
    if (!this.session.isUser) return;
    try {
      this.firings = (await get(`/api/firings?limit=${MOST}`)).firings;
      this.#draw();
      if (this.id) this.#evidence(await get(`/api/firings/${encodeURIComponent(this.id)}`));
    } catch (refusal) {
      if (!this.stopped) this.session.refused(refusal, () => this.start());
    }
  }

  stop() {
    this.stopped = true;
    this.store.removeEventListener("firing", this.fired);
  }

  retell() {
    this.#draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  #fired(firing) {
    if (!this.firings || this.firings.some((each) => each.id === firing.id)) return;
    this.firings = [firing, ...this.firings].slice(0, MOST);
    this.#draw();
  }

  #draw() {
    const firings = this.firings ?? [];
    this.parts.list.replaceChildren(...firings.map((firing) => this.#row(firing)));
    this.parts.empty.hidden = this.firings === null || firings.length > 0;
    this.parts.login.hidden = this.session.isUser;
  }

  #row(firing) {
    const at = Date.parse(firing.event_at);
    const link = el("a", { href: firingPath(firing), "data-link": "", "aria-current": firing.id === this.id ? "true" : null }, bdi(text("symbol", firing.symbol)), ` ${figure(firing.price, language)}`);
    return el(
      "li",
      { class: "firing" },
      el("time", { class: "mute", datetime: new Date(at).toISOString() }, moment(at, this.store.now(), language)),
      el("span", { class: "firing-what" }, link, el("span", { class: "mute" }, bdi(nameOf(firing)))),
      el("span", { class: "firing-marks" }, ...marks(firing)),
    );
  }

  #evidence(firing) {
    const { parts } = this;
    const { evidence } = firing;
    parts.sheet.hidden = false;
    parts.sheet.replaceChildren(
      el("h2", {}, bdi(text("symbol", firing.symbol)), ` ${figure(firing.price, language)} `, ...marks(firing)),
      el("p", {}, bdi(text("note", typeof evidence.sentence === "string" ? evidence.sentence : (evidence.sentence?.[language] ?? "")))),
      el("p", { class: "mute" }, bdi(nameOf(firing)), ` · ${moment(Date.parse(firing.event_at), this.store.now(), language)} · `, bdi(text("name", evidence.venue ?? "")), ` · ${t("revision", { n: firing.revision ?? 1 })}`),
      operands(evidence),
      stamps(firing),
      deliveriesOf(firing, this.store.now()),
    );
    parts.sheet.focus({ preventScroll: true });
  }
}

function marks(firing) {
  const chip = (words) => el("span", { class: "chip chip-late" }, words);
  return [firing.late ? chip(t("late")) : null, firing.approximated ? chip(t("approximated")) : null].filter(Boolean);
}

/** Every operand: what it was before, what it was then. */
export function operands(evidence) {
  const before = evidence.before ?? {};
  const rows = Object.entries(evidence.values ?? {}).map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row", class: "mono" }, bdi(text("note", name))), el("td", {}, figure(before[name], language)), el("td", {}, figure(value, language))),
  );
  const head = el("tr", {}, el("th", { scope: "col" }, t("operand")), el("th", { scope: "col" }, t("before")), el("th", { scope: "col" }, t("then")));
  return el("table", { class: "operands" }, el("thead", {}, head), el("tbody", {}, ...rows));
}

/** The way of the firing in steps: since the venue's instant, in ms. */
function stamps(firing) {
  const steps = { received: "received_at", detected: "detected_at", stored: "stored_at" };
  const start = Date.parse(firing.event_at);
  const parts = Object.entries(steps).map(([word, key]) =>
    el("div", {}, el("dt", {}, t(`step_${word}`)), el("dd", {}, firing[key] ? `+${milliseconds(Date.parse(firing[key]) - start, language)}` : "–")),
  );
  return el("dl", { class: "facts" }, ...parts);
}
