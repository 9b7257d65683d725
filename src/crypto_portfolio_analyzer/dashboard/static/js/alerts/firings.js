// Firings: what fired, newest first, by day; the evidence of one beside it, on a phone over everything.

import { get } from "../api.js";
import { csvOf, download } from "../delivery/csv.js";
import { bdi, el, fromTemplate, keepingFocus } from "../dom.js";
import { EvidenceSheet, marksOf, nameOf } from "./evidence.js";
import { choice } from "../forms.js";
import { clock, day, exactly, figure } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

export { nameOf } from "./evidence.js";

const MOST = 100;
const MOST_EXPORTED = 2000;
const SPANS = { "24h": 1, "7d": 7, "30d": 30, all: 0 };
const DAY_MS = 86_400_000;
const COLUMNS = ["event_at", "symbol", "price", "alert_name", "severity", "late", "approximated", "cause", "detected_at", "id"];

const firingPath = (firing) => `/firings/${encodeURIComponent(firing.id)}`;

export class FiringsView {
  constructor({ store, session, go, toast, id = null }) {
    Object.assign(this, { store, session, go, toast, id });
    Object.assign(this, fromTemplate("t-firings"));
    const wish = new URLSearchParams(location.search);
    this.wish = { symbol: wish.get("symbol") ?? "", alert_id: wish.get("alert_id") ?? "", span: wish.get("span") in SPANS ? wish.get("span") : "all" };
    this.firings = null;
    this.sheet = null;
    this.stopped = false;
    this.fired = (event) => this.#fired(event.detail);
    this.parts.symbol.value = this.wish.symbol;
    this.parts.symbol.addEventListener("change", () => this.#filter({ symbol: this.parts.symbol.value.trim() }));
    this.parts.filters.addEventListener("submit", (event) => event.preventDefault());
    this.parts.export.addEventListener("click", () => this.#export());
  }

  get title() {
    return t("firings");
  }

  async start() {
    this.store.addEventListener("firing", this.fired);
    this.#draw();
    if (!this.session.isUser) return;
    try {
      await Promise.all([this.#learn(), this.id ? this.#open() : null]);
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (!this.stopped) this.session.refused(refusal, () => this.start());
    }
  }

  stop() {
    this.stopped = true;
    this.sheet?.stop();
    this.store.removeEventListener("firing", this.fired);
  }

  retell() {
    this.#draw();
    this.sheet?.draw();
  }

  linkChanged() {}

  key(name) {
    const rows = [...this.parts.list.querySelectorAll("a")];
    const active = rows.indexOf(document.activeElement);
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[name];
    if (name === "Escape" && this.id) this.#close();
    else if (!step || !rows.length) return false;
    else rows[Math.max(0, Math.min(rows.length - 1, active + step))].focus();
    return true;
  }

  #query(more = {}) {
    const { symbol, alert_id: alert, span } = this.wish;
    const asked = new URLSearchParams({ limit: String(MOST), ...more });
    if (symbol) asked.set("symbol", symbol);
    if (alert) asked.set("alert_id", alert);
    if (SPANS[span]) asked.set("since", new Date(this.store.now() - SPANS[span] * DAY_MS).toISOString());
    return asked;
  }

  async #learn() {
    try {
      this.firings = (await get(`/api/firings?${this.#query()}`)).firings;
    } catch (refusal) {
      if (refusal.status !== 422) throw refusal;
      this.firings = []; // no such symbol
    }
    if (!this.stopped) this.#draw();
  }

  async #filter(change) {
    Object.assign(this.wish, change);
    const wish = new URLSearchParams(Object.entries(this.wish).filter(([name, value]) => value && !(name === "span" && value === "all")));
    history.replaceState(null, "", `${this.id ? firingPath({ id: this.id }) : "/firings"}${wish.size ? `?${wish}` : ""}`);
    try {
      await this.#learn();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      this.session.refused(refusal, () => this.#filter({}));
    }
  }

  #fired(firing) {
    const { symbol, alert_id: alert } = this.wish;
    if (!this.firings || this.firings.some((each) => each.id === firing.id)) return;
    if ((symbol && !firing.symbol.startsWith(symbol.toUpperCase())) || (alert && firing.alert_id !== alert)) return;
    this.firings = [firing, ...this.firings].slice(0, MOST);
    this.#draw();
  }

  #draw() {
    const { parts } = this;
    keepingFocus(this.root, () => {
      const spans = choice("span", Object.keys(SPANS).map((span) => [span, t(`span_${span}`)]), this.wish.span, { "aria-label": t("spanWord"), "data-focus": "span", onchange: () => this.#filter({ span: spans.value }) });
      parts.span.replaceChildren(spans);
      const firings = this.firings ?? [];
      const isFiltered = Boolean(this.wish.symbol || this.wish.alert_id || this.wish.span !== "all");
      parts.list.replaceChildren(...this.#days(firings));
      parts.list.hidden = !firings.length;
      parts.filters.hidden = this.firings === null || (!firings.length && !isFiltered);
      parts.none.hidden = this.firings === null || firings.length > 0 || !isFiltered;
      parts.empty.hidden = this.firings === null || firings.length > 0 || isFiltered;
      parts.login.hidden = this.session.isUser;
    });
  }

  /** Rows under a line for each day. */
  #days(firings) {
    const now = this.store.now();
    const rows = [];
    let last = "";
    for (const firing of firings) {
      const words = day(Date.parse(firing.event_at), now, language);
      if (words !== last) rows.push(el("li", { class: "day" }, words === day(now, now, language) ? t("today") : words));
      last = words;
      rows.push(this.#row(firing));
    }
    return rows;
  }

  #row(firing) {
    const at = Date.parse(firing.event_at);
    const link = el("a", { href: `${firingPath(firing)}${location.search}`, "data-link": "", "data-focus": firing.id, "aria-current": firing.id === this.id ? "true" : null }, bdi(text("symbol", firing.symbol)), ` ${figure(firing.price, language)}`);
    return el(
      "li",
      { class: "firing" },
      el("time", { class: "mute", datetime: new Date(at).toISOString(), title: exactly(at) }, clock(at)),
      el("span", { class: "firing-what" }, link, el("span", { class: "mute" }, bdi(nameOf(firing)))),
      el("span", { class: "firing-marks" }, ...marksOf(firing).filter((mark) => !mark.matches(".chip-sim"))),
    );
  }

  async #open() {
    const { store, session, go, toast, id } = this;
    this.sheet = new EvidenceSheet({ store, session, go, toast, id, closed: () => this.#close() });
    await this.sheet.learn();
    if (this.stopped) return;
    this.parts.sheet.hidden = false;
    this.parts.sheet.replaceChildren(this.sheet.root);
    this.sheet.root.focus({ preventScroll: true });
  }

  #close() {
    this.go(`/firings${location.search}`);
  }

  async #export() {
    const found = [];
    let cursor = null;
    try {
      do {
        const page = await get(`/api/firings?${this.#query({ limit: "200", ...(cursor ? { cursor } : {}) })}`);
        found.push(...page.firings);
        cursor = page.next_cursor;
      } while (cursor && found.length < MOST_EXPORTED);
      download("firings.csv", "text/csv", csvOf([COLUMNS, ...found.map((firing) => COLUMNS.map((name) => firing[name]))]));
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      this.session.refused(refusal, () => this.#export());
    }
  }
}
