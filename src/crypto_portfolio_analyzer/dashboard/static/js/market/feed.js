// The feed beside the market: what fired, newest first, and whether it arrived. New ones come above; what somebody
// looks at does not move.

import { get } from "../api.js";
import { el, icon, write } from "../dom.js";
import { duration, figure, milliseconds, moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const SHOWN = 40;
const MOST = 40; // the page of firings has them all
const CHANNELS = 3;
const ASK_SOON_MS = 1500;
const ASK_MS = 15_000;
const PENDING = ["queued", "sending", "retry_wait"];
const SEVERITY_ICON = { info: "info", warning: "warning", critical: "critical" };

export const sentenceIn = (told) => (typeof told === "string" ? told : (told?.[language] ?? told?.en ?? ""));

export class Feed {
  constructor({ parts, store, session }) {
    Object.assign(this, { parts, store, session });
    this.firings = new Map(); // id -> firing, newest first
    this.rows = el("ol");
    parts.feed.replaceChildren(this.rows);
    this.waiting = []; // fired while somebody looked at the list
    this.unseen = 0;
    this.fired = (event) => this.#fired(event.detail);
    parts.feedNew.addEventListener("click", () => this.#reveal());
    parts.feed.addEventListener("scroll", () => parts.feed.scrollTop < 4 && this.#seen(), { passive: true });
    this.area = parts.feed.parentElement; // with the button that waits above the list
    for (const kind of ["pointerleave", "focusout"]) this.area.addEventListener(kind, () => setTimeout(() => this.#settle()));
  }

  start() {
    this.stopped = false;
    this.store.addEventListener("firing", this.fired);
    this.#empty();
    return this.#ask();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.asking);
    this.store.removeEventListener("firing", this.fired);
  }

  retell() {
    this.rows.replaceChildren();
    this.#draw();
  }

  /** Ask for the newest firings with what became of them; again while something is under way. */
  async #ask() {
    clearTimeout(this.asking);
    if (!this.session.isUser || this.stopped) return;
    try {
      const { firings } = await get(`/api/firings?limit=${SHOWN}`);
      const isFirst = this.firings.size === 0;
      for (const firing of firings) if (isFirst || this.firings.has(firing.id)) this.firings.set(firing.id, firing);
      this.#draw();
    } catch {
      // the banner tells
    }
    const isPending = [...this.firings.values()].some((firing) => firing.deliveries?.some((each) => PENDING.includes(each.state)));
    this.#later(isPending ? ASK_MS / 3 : ASK_MS);
  }

  #later(wait) {
    clearTimeout(this.asking);
    if (!this.stopped) this.asking = setTimeout(() => this.#ask(), wait);
  }

  #fired(firing) {
    if (this.firings.has(firing.id) || this.waiting.some((each) => each.id === firing.id)) return;
    if (this.#isLookedAt()) this.waiting.push(firing);
    else this.#take([firing]);
    this.#tell();
    this.#later(ASK_SOON_MS);
  }

  /** Whether a new row at the top would move what somebody has under the pointer or the focus. */
  #isLookedAt() {
    return this.parts.feed.scrollTop < 4 && this.area.matches(":hover, :focus-within");
  }

  #take(firings) {
    const { feed } = this.parts;
    const isScrolled = feed.scrollTop >= 4;
    const newest = [...firings].reverse().map((firing) => [firing.id, firing]);
    this.firings = new Map([...newest, ...this.firings].slice(0, MOST));
    this.#draw();
    if (!isScrolled) return;
    this.unseen += firings.length;
    feed.scrollTop += firings.length * this.rows.firstChild.offsetHeight; // what is read stays where it is
  }

  #settle() {
    if (!this.waiting.length || this.#isLookedAt()) return;
    this.#take(this.waiting.splice(0));
    this.#tell();
  }

  #tell() {
    const count = this.unseen + this.waiting.length;
    this.parts.feedNew.hidden = count === 0;
    if (count) write(this.parts.feedNew, t("newFirings", { n: count }));
  }

  #reveal() {
    this.#take(this.waiting.splice(0));
    this.parts.feed.scrollTop = 0;
    this.#seen();
  }

  #seen() {
    this.unseen = 0;
    this.#tell();
  }

  #empty() {
    if (this.firings.size) return;
    const words = this.session.isUser ? [el("b", {}, t("firingsEmpty")), el("span", {}, t("feedTry"))] : [el("span", {}, t("alertsLogin"))];
    this.rows.style.setProperty("--rows", 0);
    this.rows.replaceChildren(el("li", { class: "feed-empty" }, ...words));
  }

  /** Rows by id: each is placed by a transform alone, so that a new one above shifts no layout. */
  #draw() {
    if (!this.firings.size) return this.#empty();
    const known = new Map([...this.rows.children].map((row) => [row.dataset.id, row]));
    let index = 0;
    for (const firing of this.firings.values()) {
      const row = this.#kept(firing, known.get(firing.id), index);
      known.delete(firing.id);
      row.style.setProperty("--at", index);
      index += 1;
    }
    for (const gone of known.values()) gone.remove();
    this.rows.style.setProperty("--rows", index);
  }

  /** The row of a firing: the one that stands there, unless it tells something else by now. */
  #kept(firing, row, index) {
    const now = JSON.stringify([firing.deliveries, firing.seen_at, language]);
    if (row?.told === now) return row;
    const fresh = this.#row(firing);
    fresh.told = now;
    if (row) row.replaceWith(fresh);
    else this.rows.insertBefore(fresh, this.rows.children[index] ?? null);
    return fresh;
  }

  #row(firing) {
    const at = Date.parse(firing.event_at);
    const severity = firing.severity ?? "info";
    const isRise = sideOf(firing);
    const head = el(
      "a",
      { class: "feed-what", href: `/firings/${encodeURIComponent(firing.id)}`, "data-link": "" },
      el("bdi", {}, text("symbol", firing.symbol)),
      isRise ? el("span", { class: isRise === "above" ? "up" : "down" }, isRise === "above" ? "▲" : "▼") : null,
      el("b", {}, figure(firing.price, language)),
    );
    const why = (sentenceIn(firing.evidence?.sentence) || firing.alert_name || "").replace(`${firing.symbol}: `, "");
    return el(
      "li",
      { class: `feed-row ${severity}`, "data-id": firing.id },
      el("span", { class: "feed-mark", title: t(`severity_${severity}`) }, icon(SEVERITY_ICON[severity] ?? "info", "icon-14")),
      el("time", { datetime: firing.event_at, title: firing.event_at }, moment(at, this.store.now(), language)),
      head,
      firing.late ? el("span", { class: "chip chip-late" }, this.#late(firing, at)) : null,
      el("span", { class: "feed-why" }, el("bdi", {}, text("sentence", why))),
      el("span", { class: "feed-told" }, ...told(firing.deliveries)),
    );
  }

  #late(firing, at) {
    const seconds = (Date.parse(firing.detected_at) - at) / 1000;
    return seconds > 1 ? `${t("late")} +${duration(seconds, language)}` : t("late");
  }
}

/** Whether the price came from below or above, where the evidence says so. */
function sideOf(firing) {
  const { values = {}, before = {} } = firing.evidence ?? {};
  const [then, now] = [before.price, values.price];
  if (typeof then !== "number" || typeof now !== "number" || then === now) return null;
  return now > then ? "above" : "below";
}

/** What became of it at every channel; nothing where it was only heard of so far. */
function told(deliveries) {
  if (!deliveries) return [];
  return deliveries.length ? deliveries.slice(0, CHANNELS).map(delivery) : [t("toldNoChannel")];
}

/** What became of a firing at one channel, in a few letters. */
function delivery(each) {
  const level = each.state === "delivered" ? "ok" : each.state === "dead" ? "critical" : PENDING.includes(each.state) ? "warning" : "faint";
  const took = each.state === "delivered" && each.first_attempt_at && each.accepted_at ? Date.parse(each.accepted_at) - Date.parse(each.first_attempt_at) : null;
  const mark = { ok: "check", critical: "close", warning: "clock", faint: "mute" }[level];
  const words = took === null ? t(`delivery_${each.state}`) : milliseconds(took, language);
  return el("span", { class: `feed-channel ${level}`, title: t(`delivery_${each.state}`) }, el("bdi", {}, text("name", each.channel?.name ?? each.channel?.id)), icon(mark, "icon-14"), el("span", {}, words));
}
