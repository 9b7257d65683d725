// The evidence of a firing: what fired, the chart around it, each question before and at the moment, where the price
// came from, how long each step took, who was told, and what was swallowed since; then what one can do about it.

import { AlertActs } from "./alert_acts.js";
import { get, inPath, post } from "../api.js";
import { stateOf, deliveryPath } from "../delivery/deliveries.js";
import { bdi, el, icon } from "../dom.js";
import { button } from "../forms.js";
import { duration, exactly, figure, milliseconds, moment } from "../format.js";
import { language, t } from "../i18n.js";
import { pictureOf } from "./picture.js";
import { SPANS } from "./silencing.js";
import { text } from "../text.js";

const AROUND = 60; // bars on either side
const LENGTHS = { m: 60, h: 3600, d: 86_400, w: 604_800 };
const FINAL = ["delivered", "dead", "cancelled", "suppressed"];
const ARROWS = { "crosses above": "↗", "crosses below": "↘", crosses: "⇅" };
const LONG_MS = 10_000;
const AGAIN_MS = 2000;

export const nameOf = (firing) => text("name", firing.alert_name ?? firing.name ?? firing.alert_id);
const seconds = (frame) => Number.parseInt(frame, 10) * LENGTHS[frame.at(-1)];
const numberOrNull = (value) => (value === null || value === undefined ? null : Number(value));

/** What must be known of a firing beforehand: late, guessed, filled in afterwards, simulated. */
export function marksOf(firing) {
  const chip = (words, kind = "late") => el("span", { class: `chip chip-${kind}` }, words);
  const behind = (Date.parse(firing.detected_at) - Date.parse(firing.event_at)) / 1000;
  return [
    firing.simulated ? chip("SIM", "sim") : null,
    firing.late ? chip(`${t("late")} +${duration(behind, language)}`) : null,
    firing.cause === "gap_backfill" ? chip(t("backfilled")) : null,
    firing.cause === "restart" ? chip(t("afterRestart")) : null,
    firing.approximated ? chip(`≈ ${t("approximated")}`) : null,
  ].filter(Boolean);
}

export class EvidenceSheet {
  /** `closed` is called when the sheet is to go away. */
  constructor({ store, session, go, toast, id, closed = null }) {
    Object.assign(this, { store, session, go, toast, id, closed });
    this.acts = new AlertActs({ session, toast, changed: () => this.learn() });
    this.root = el("article", { class: "sheet evidence", tabindex: "-1", "aria-label": t("evidence") });
    this.firing = null;
    this.alert = null;
    this.history = null;
    this.bars = [];
    this.stopped = false;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.following);
  }

  /** Read everything; raises Refusal when the firing itself cannot be read. */
  async learn() {
    this.firing = await get(`/api/firings/${encodeURIComponent(this.id)}`);
    if (this.stopped) return;
    this.draw();
    const alertPath = `/api/alerts/${encodeURIComponent(this.firing.alert_id)}`;
    const [alert, history] = await Promise.allSettled([get(alertPath), get(`${alertPath}/history`)]);
    this.alert = alert.value ?? null; // deleted since: the firing stays
    this.history = history.value ?? null;
    this.bars = await this.#around(this.alert?.timeframe ?? "1m");
    if (!this.stopped) this.draw();
    this.#follow();
  }

  /** Read again while something is still being delivered; the focus stays in the sheet. */
  #follow() {
    clearTimeout(this.following);
    if (this.stopped || this.firing.deliveries.every((each) => FINAL.includes(each.state))) return;
    this.following = setTimeout(async () => {
      const firing = await get(`/api/firings/${encodeURIComponent(this.id)}`).catch(() => this.firing);
      if (this.stopped) return;
      const isHeld = this.root.contains(document.activeElement);
      const isSame = JSON.stringify(firing.deliveries) === JSON.stringify(this.firing.deliveries);
      this.firing = firing;
      if (!isSame) this.draw();
      if (isHeld && !this.root.contains(document.activeElement)) this.root.focus({ preventScroll: true });
      this.#follow();
    }, AGAIN_MS);
  }

  async #around(frame) {
    const [at, length] = [Date.parse(this.firing.event_at), seconds(frame) * 1000];
    const asked = new URLSearchParams({ timeframe: frame, start: new Date(at - AROUND * length).toISOString(), end: new Date(at + (AROUND + 1) * length).toISOString(), limit: String(2 * AROUND + 1) });
    try {
      const { bars } = await get(`/api/market/${inPath(this.firing.symbol)}/bars?${asked}`);
      return bars.map((bar) => ({ at: Date.parse(bar.open_at), open: Number(bar.open), high: Number(bar.high), low: Number(bar.low), close: Number(bar.close) }));
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      return []; // no bars are kept of it: the evidence stands without a picture
    }
  }

  draw() {
    const { firing } = this;
    if (!firing) return;
    this.root.replaceChildren(...[this.#head(), this.#origin(), this.#picture(), questions(firing.evidence), this.#way(), this.#deliveries(), this.#since(), this.#acts()].filter(Boolean));
  }

  #head() {
    const { firing } = this;
    const close = this.closed && el("button", { class: "button bare square sheet-close", type: "button", "aria-label": t("close"), onclick: this.closed }, icon("close"));
    const severity = firing.severity && firing.severity !== "info" ? el("span", { class: `chip chip-${firing.severity}` }, icon(firing.severity, "icon-14"), t(`severity_${firing.severity}`)) : null;
    const { sentence } = firing.evidence;
    const message = firing.message ? el("p", { class: "quote-line" }, bdi(text("note", firing.message))) : null;
    return el(
      "header",
      {},
      el("div", { class: "sheet-title" }, el("h2", {}, bdi(text("symbol", firing.symbol)), ` ${figure(firing.price, language)}`), ...[severity, ...marksOf(firing), close].filter(Boolean)),
      el("p", { class: "sheet-sentence" }, bdi(text("note", typeof sentence === "string" ? sentence : (sentence?.[language] ?? "")))),
      ...[message].filter(Boolean),
    );
  }

  /** Which alert, when, from where, of which kind. */
  #origin() {
    const { firing } = this;
    const at = Date.parse(firing.event_at);
    const name = firing.alert_name ? el("a", { href: `/alerts/${encodeURIComponent(firing.alert_id)}`, "data-link": "" }, bdi(nameOf(firing))) : el("span", {}, t("alertGone"));
    const changed = this.alert && this.alert.revision !== firing.revision ? ` (${t("changedSince", { n: this.alert.revision })})` : "";
    const time = el("time", { datetime: firing.event_at, title: exactly(at) }, exactly(at));
    return el("p", { class: "mute" }, name, ` · ${t("revision", { n: firing.revision ?? 1 })}${changed}`, el("br"), time, " · ", bdi(text("name", firing.evidence.venue ?? "")), ` · ${t(`cause_${firing.cause}`)}`);
  }

  #picture() {
    const { firing, bars } = this;
    if (bars.length < 2) return null;
    const levels = firing.evidence.leaves.filter((leaf) => ["price", "close"].includes(leaf.left?.text) && /^[\d._]+[kKmM]?$/.test(leaf.right?.text ?? ""));
    const words = t("pictureOf", { symbol: text("symbol", firing.symbol), n: bars.length, price: figure(firing.price, language) });
    return pictureOf(bars, { at: Date.parse(firing.event_at), price: numberOrNull(firing.price), level: levels[0]?.right.value ?? null, words });
  }

  /** The five instants as one bar: how much of the way each step took. */
  #way() {
    const { firing } = this;
    const first = (key) => firing.deliveries.map((each) => each[key]).filter(Boolean).sort()[0];
    const steps = { received: firing.received_at, detected: firing.detected_at, stored: firing.stored_at, attempted: first("first_attempt_at"), accepted: first("accepted_at") };
    const start = Date.parse(firing.event_at);
    let before = 0;
    const parts = Object.entries(steps).map(([word, at]) => {
      const ms = at ? Math.max(before, Date.parse(at) - start) : null;
      const bar = el("i", { class: `way-bar way-${word}` });
      bar.style.flexGrow = String(ms === null ? 0 : Math.max(1, Math.sqrt(ms - before)));
      before = ms ?? before;
      const told = ms === null ? "–" : `+${ms < LONG_MS ? milliseconds(ms, language) : duration(ms / 1000, language)}`;
      return [bar, el("div", {}, el("dt", {}, el("i", { class: `way-key way-${word}`, "aria-hidden": "true" }), t(`step_${word}`)), el("dd", {}, told))];
    });
    return el("section", {}, el("h3", {}, t("wayHead")), el("div", { class: "way", "aria-hidden": "true" }, ...parts.map(([bar]) => bar)), el("dl", { class: "way-steps" }, ...parts.map(([, step]) => step)));
  }

  #deliveries() {
    const { firing } = this;
    const now = this.store.now();
    const row = (each) => {
      const next = each.next_attempt_at ? t("nextTry", { time: moment(Date.parse(each.next_attempt_at), now, language) }) : text("sentence", each.reason);
      const tries = each.attempts === 1 ? t("tryOne") : t("tryMany", { n: each.attempts });
      const again = FINAL.includes(each.state) ? button(t("redeliver"), () => this.#redeliver(each)) : null;
      return el("li", {}, stateOf(each), el("a", { href: deliveryPath(each), "data-link": "" }, bdi(text("name", each.channel.name ?? each.channel.id))), el("span", { class: "mute" }, [tries, next].filter(Boolean).join(" · ")), ...[again].filter(Boolean));
    };
    const rows = firing.deliveries.map(row);
    return el("section", {}, el("h3", {}, t("deliveries")), rows.length ? el("ul", { class: "told-list" }, ...rows) : el("p", { class: "mute" }, t("toldNobody")));
  }

  #since() {
    const swallowed = (this.history?.suppressed ?? []).filter((each) => each.symbol === this.firing.symbol && each.event_at > this.firing.event_at);
    if (!swallowed.length) return null;
    const highest = Math.max(...swallowed.map((each) => Number(each.price)).filter(Number.isFinite));
    return el("p", { class: "mute" }, t("swallowedSince", { n: swallowed.length, price: figure(highest, language) }));
  }

  #acts() {
    const { firing, alert } = this;
    const seen = firing.seen_at ? el("span", { class: "mute" }, t("seenBy", { name: text("name", firing.seen_by), time: moment(Date.parse(firing.seen_at), this.store.now(), language) })) : button(t("seen"), () => this.#seen(), { class: "button primary" });
    const snooze = alert && el("span", { class: "joined" }, el("span", { class: "mute" }, t("snooze")), ...Object.entries(SPANS).map(([words, span]) => button(words, () => this.acts.silence([alert], span, words), { "aria-label": `${t("snooze")} ${words}` })));
    const parts = [
      seen,
      snooze,
      alert && button(t("rearm"), () => this.acts.rearm([alert])),
      alert && el("a", { class: "button", href: `/alerts/${encodeURIComponent(alert.id)}/edit`, "data-link": "" }, t("editAlert")),
      button(t("copyJson"), () => this.#copy()),
    ];
    return el("div", { class: "acts evidence-acts" }, ...parts.filter(Boolean));
  }

  async #try(act, again) {
    try {
      await act();
    } catch (refusal) {
      if (refusal.status !== undefined) this.session.refused(refusal, again);
      else this.toast(t("failed", { why: text("sentence", refusal.message) }));
    }
  }

  #seen() {
    return this.#try(async () => {
      this.firing = await post(`/api/firings/${encodeURIComponent(this.id)}/seen`);
      this.draw();
    }, () => this.#seen());
  }

  #redeliver(each, anyway = false) {
    return this.#try(async () => {
      try {
        await post("/api/deliveries/redeliver", { ids: [each.id], anyway });
      } catch (refusal) {
        if (refusal.status !== 422 || anyway) throw refusal;
        return void this.toast(text("sentence", refusal.message), t("sendAnyway"), () => this.#redeliver(each, true));
      }
      this.toast(t("redeliveredOne"));
      await this.learn();
    }, () => this.#redeliver(each, anyway));
  }

  #copy() {
    return this.#try(async () => {
      await navigator.clipboard.writeText(JSON.stringify(this.firing, null, 2));
      this.toast(t("copied"));
    }, () => this.#copy());
  }
}

/** Each question: what its operand was before, what it was then, and what was needed. */
export function questions(evidence) {
  const heads = ["operand", "before", "then", "needs"].map((word) => el("th", { scope: "col" }, t(word)));
  const rows = evidence.leaves.map(question);
  const asked = new Set(evidence.leaves.flatMap((leaf) => [leaf.left?.text, leaf.right?.text]));
  const others = Object.keys(evidence.values ?? {}).filter((name) => !asked.has(name));
  const more = others.map((name) => el("tr", {}, operand(name), el("td", { "data-label": t("before") }, figure(evidence.before?.[name], language)), el("td", { "data-label": t("then") }, figure(evidence.values[name], language)), el("td", {}, "")));
  return el("table", { class: "operands" }, el("thead", {}, el("tr", {}, ...heads, el("th", {}, el("span", { class: "out" }, t("holdsNow"))))), el("tbody", {}, ...rows, ...more));
}

const operand = (name) => el("th", { scope: "row", class: "mono" }, bdi(text("note", name)));

function question(leaf) {
  const mark = leaf.holds === null ? null : el("span", { class: leaf.holds ? "leaf-yes" : "leaf-unknown" }, icon(leaf.holds ? "check" : "close", "icon-14"), el("span", { class: "out" }, t(leaf.holds ? "leaf_yes" : "leaf_no")));
  return el(
    "tr",
    {},
    operand(leaf.left?.text ?? leaf.text),
    el("td", { "data-label": t("before") }, figure(leaf.left?.before, language)),
    el("td", { "data-label": t("then") }, figure(leaf.left?.value ?? leaf.value, language)),
    el("td", { "data-label": t("needs") }, bdi(text("name", needs(leaf)))),
    el("td", { class: "mark" }, ...[mark].filter(Boolean)),
  );
}

/** What a question asks of its left side: `> 70`, `↗ 65,000`, `↘ ema(50) 64,900`. */
function needs({ text: whole, left, right }) {
  if (!left || !right || !whole.startsWith(left.text)) return whole;
  const rest = whole.slice(left.text.length);
  const word = (rest.endsWith(right.text) ? rest.slice(0, -right.text.length) : rest).trim();
  const isNumber = !Number.isNaN(Number(right.text.replaceAll("_", "")));
  return [ARROWS[word] ?? word, isNumber ? "" : right.text, figure(right.value, language)].filter(Boolean).join(" ");
}
