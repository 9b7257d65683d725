// Since you left: what happened between the last visit and this one. When that was, this browser remembers.

import { get } from "../api.js";
import { el, icon } from "../dom.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { recall, remember } from "../memory.js";

const KEY = "seen";
const AWAY_MS = 5 * 60_000;
const REMEMBER_MS = 20_000;
const PAGE = 200;

let leftAt = null; // of this visit: a change of view does not end an absence

/** Remember that somebody looks, now and again; call once. */
export function attend() {
  leftAt = Number(recall(KEY)) || null;
  const seen = () => document.hidden || remember(KEY, String(Date.now()));
  setInterval(seen, REMEMBER_MS);
  document.addEventListener("visibilitychange", seen);
  addEventListener("pagehide", seen);
}

export class Since {
  constructor({ place, store, session }) {
    Object.assign(this, { place, store, session });
    this.told = null;
  }

  async start() {
    if (!this.session.isUser || leftAt === null || Date.now() - leftAt < AWAY_MS) return;
    this.place.hidden = false; // its room is kept while it is asked
    this.draw();
    const since = `since=${encodeURIComponent(new Date(leftAt).toISOString())}`;
    try {
      const [{ firings, next_cursor: more }, failed, held] = await Promise.all([
        get(`/api/firings?${since}&limit=${PAGE}`),
        get(`/api/deliveries?${since}&state=dead&limit=${PAGE}`),
        get(`/api/deliveries?${since}&state=suppressed&limit=${PAGE}`),
      ]);
      this.told = { firings, more: Boolean(more), failed: failed.deliveries.length, held: held.deliveries.length };
    } catch {
      this.place.hidden = true;
      return;
    }
    this.draw();
  }

  draw() {
    if (this.place.hidden) return;
    const head = el("b", {}, t("sinceLeft", { time: moment(leftAt, this.store.now(), language) }));
    const close = el("button", { class: "button bare square", type: "button", title: t("close"), "aria-label": t("close"), onclick: () => this.#close() }, icon("close", "icon-14"));
    this.place.replaceChildren(head, ...(this.told ? this.#facts() : []), close);
  }

  #facts() {
    const { firings, more, failed, held } = this.told;
    if (!firings.length && !failed && !held) return [el("span", { class: "mute" }, t("sinceNothing"))];
    const of = (severity) => firings.filter((each) => (each.severity ?? "info") === severity).length;
    const late = firings.filter((each) => each.late).length;
    const fact = (level, mark, words, path) => el("a", { class: `since-fact ${level}`, href: path, "data-link": "" }, icon(mark, "icon-14"), el("span", {}, words));
    const bySeverity = ["critical", "warning", "info"].map((severity) => [severity, of(severity)]).filter(([, n]) => n);
    return [
      ...bySeverity.map(([severity, n]) => fact(severity, severity, t(`since_${severity}`, { n: more && n === PAGE ? `${n}+` : n }), "/firings")),
      late ? fact("warning", "clock", t("sinceLate", { n: late }), "/firings") : null,
      failed ? fact("critical", "send", t("sinceFailed", { n: failed }), "/deliveries?state=dead") : null,
      held ? fact("", "mute", t("sinceHeld", { n: held }), "/deliveries?state=suppressed") : null,
    ].filter(Boolean);
  }

  #close() {
    leftAt = null;
    this.place.hidden = true;
  }
}
