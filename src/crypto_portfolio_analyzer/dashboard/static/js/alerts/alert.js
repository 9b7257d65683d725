// One alert: its sentence, why it has not fired, what fired and what was swallowed, and how it was changed.

import { AlertActs } from "./alert_acts.js";
import { alertPath, alertState, awayWords, nearBar, sentenceOf } from "./alerts.js";
import { get, inPath } from "../api.js";
import { bdi, el, fromTemplate, keepingFocus } from "../dom.js";
import { button } from "../forms.js";
import { duration, exactly, figure, moment } from "../format.js";
import { language, t } from "../i18n.js";
import { SPANS } from "./silencing.js";
import { stripOf } from "../market/strip.js";
import { text } from "../text.js";

const REFRESH_MS = 2000;
const MARK = { true: "yes", false: "no", null: "unknown" };
const MOST = 20;

/** The questions of a condition with what each side is now and how far it is from flipping. */
export function leafTable(leaves) {
  const rows = leaves.map((leaf) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", class: "mono" }, bdi(text("note", leaf.text))),
      el("td", { class: `leaf-${MARK[leaf.holds]}`, "data-label": t("holdsNow") }, t(`leaf_${MARK[leaf.holds]}`)),
      el("td", { "data-label": t("valueNow") }, figure(leaf.left?.value ?? leaf.value, language)),
      el("td", { "data-label": t("needed") }, figure(leaf.right?.value ?? leaf.need, language)),
      el("td", { class: "mute", "data-label": t("distance") }, ...distance(leaf)),
    ),
  );
  const heads = ["question", "holdsNow", "valueNow", "needed", "distance"].map((word) => el("th", { scope: "col" }, t(word)));
  return el("table", { class: "operands" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** How far a question is from flipping: as a bar relative to what is needed, and as a number. */
function distance(leaf) {
  if (leaf.missing) return [bdi(text("sentence", leaf.missing))];
  if (leaf.distance === null || leaf.distance === undefined) return ["–"];
  const need = Math.abs(leaf.right?.value ?? leaf.need ?? 0);
  return [need ? nearBar((100 * leaf.distance) / need) : null, figure(leaf.distance, language)].filter(Boolean);
}

export class AlertView {
  constructor({ store, session, go, toast, id }) {
    Object.assign(this, { store, session, go, toast, id });
    Object.assign(this, fromTemplate("t-alert"));
    this.alert = null;
    this.drawn = "";
    this.stopped = false;
    this.acts = new AlertActs({ session, toast, changed: () => this.#learn() });
  }

  get title() {
    return this.alert?.name ?? t("alert");
  }

  async start() {
    await this.#learn();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.learning);
  }

  retell() {
    this.drawn = "";
    this.#draw();
  }

  linkChanged() {}

  key(name) {
    if (!this.alert) return false;
    if (name === "p") this.#turn();
    else if (name === "s") this.acts.silence([this.alert], SPANS["4h"], "4h");
    else if (name === "e") this.go(`${alertPath(this.alert)}/edit`);
    else return false;
    return true;
  }

  #turn() {
    return this.acts[this.alert.state === "paused" ? "resume" : "pause"]([this.alert]);
  }

  async #learn() {
    clearTimeout(this.learning);
    if (this.stopped || !this.session.isUser) return;
    const path = `/api/alerts/${encodeURIComponent(this.id)}`;
    try {
      const [alert, told, history, { channels }] = await Promise.all([get(path), get(`${path}/explain`), get(`${path}/history`), get("/api/channels")]);
      Object.assign(this, { alert, told, history, channels });
      if (!this.stopped) this.#draw();
    } catch (refusal) {
      if (this.stopped) return;
      if (refusal.status === 404) return this.#gone();
      if (refusal.status !== undefined) return this.session.refused(refusal, () => this.#learn());
    }
    clearTimeout(this.learning);
    if (!this.stopped) this.learning = setTimeout(() => this.#learn(), REFRESH_MS);
  }

  #gone() {
    this.alert = null;
    this.parts.name.textContent = t("alertGone");
    for (const part of ["state", "acts", "facts", "strip", "why", "fired", "revisions"]) this.parts[part].replaceChildren();
    this.parts.sentence.textContent = this.parts.condition.textContent = "";
  }

  #draw() {
    const { alert, parts } = this;
    if (!alert) return;
    const told = JSON.stringify([alert, this.told, this.history]);
    if (told === this.drawn) return;
    this.drawn = told;
    keepingFocus(this.root, () => {
      parts.name.textContent = text("name", alert.name);
      const reason = alert.reason === alert.state ? "" : text("sentence", alert.reason);
      parts.state.replaceChildren(alertState(alert), ...(reason ? [el("span", { class: "mute" }, bdi(reason))] : []));
      parts.acts.replaceChildren(...this.#acts());
      parts.sentence.textContent = text("note", sentenceOf(alert.sentence));
      parts.condition.textContent = text("note", alert.condition);
      parts.facts.replaceChildren(...this.#facts());
      parts.strip.replaceChildren(stripOf(this.history, this.store.now()));
      parts.why.replaceChildren(...this.told.explanations.map((each) => this.#why(each)));
      parts.fired.replaceChildren(...this.#past());
      parts.revisions.replaceChildren(...this.history.revisions.map((each, index) => this.#revision(each, this.history.revisions[index + 1])));
    });
  }

  #acts() {
    const { alert } = this;
    const act = (word, what, more = {}) => button(t(word), what, { "data-focus": word, ...more });
    const spans = Object.entries(SPANS).map(([words, seconds]) => button(words, () => this.acts.silence([alert], seconds, words), { "data-focus": words, "aria-label": `${t("silenceWord")} ${words}` }));
    return [
      el("a", { class: "button primary", href: `${alertPath(alert)}/edit`, "data-link": "", "data-focus": "edit" }, t("editAlert")),
      act(alert.state === "paused" ? "resume" : "pause", () => this.#turn(), { "data-focus": "turn" }),
      alert.state === "done" ? act("rearm", () => this.acts.rearm([alert])) : null,
      el("span", { class: "joined" }, el("span", { class: "mute" }, t("silenceWord")), ...spans),
      act("copyYaml", () => this.acts.copyYaml([alert])),
      act("deleteAlert", () => [this.acts.remove([alert]), this.go("/alerts")], { class: "button danger" }),
    ].filter(Boolean);
  }

  #facts() {
    const { alert } = this;
    const names = alert.channels.map((id) => text("name", this.channels.find((each) => each.id === id)?.name ?? id));
    const rearm = alert.rearm && (alert.rearm.level === null ? `${figure(alert.rearm.percent, language)} %` : figure(alert.rearm.level, language));
    const when = (at) => moment(Date.parse(at), this.store.now(), language);
    const facts = [
      ["triggerWord", t(`trigger_${alert.trigger}`)],
      ["timeframe", alert.timeframe],
      ["cooldownShort", alert.cooldown_seconds ? duration(alert.cooldown_seconds, language) : t("none")],
      ["hysteresis", rearm ?? t("none")],
      ["severityWord", t(`severity_${alert.severity}`)],
      ["tellWord", names.join(", ") || t("channelsDefault")],
      ["expiryWord", alert.expires_at ? when(alert.expires_at) : t("never")],
      ["firedMonth", figure(alert.fired_30d, language)],
      ["messageWord", text("note", alert.message) || "–"],
      ["madeWord", `${when(alert.created_at)} · ${alert.source}`],
    ];
    return facts.map(([word, value]) => el("div", {}, el("dt", {}, t(word)), el("dd", {}, bdi(value))));
  }

  /** Blockers first, then each question. */
  #why(told) {
    const until = (word, at) => (at ? t(word, { time: moment(Date.parse(at), this.store.now(), language) }) : "");
    const reason = told.reason === told.state ? "" : told.reason;
    const blockers = [until("silencedUntil", told.silenced_until), until("cooldownUntil", told.cooldown_until), told.warm_up, reason].filter(Boolean);
    const near = typeof told.nearest_percent === "number" ? el("span", { class: "alert-near mute" }, nearBar(told.nearest_percent), awayWords(told.nearest_percent)) : null;
    const chart = el("a", { href: `/chart/${inPath(told.symbol)}`, "data-link": "", "data-focus": `chart ${told.symbol}` }, bdi(text("symbol", told.symbol)));
    const head = el("div", { class: "why-head" }, el("h3", {}, chart), ...[near].filter(Boolean));
    return el("div", { class: "why-not" }, head, ...blockers.map((words) => el("p", { class: "blocker" }, bdi(text("sentence", words)))), leafTable(told.leaves));
  }

  /** Firings and what was swallowed, together, newest first. */
  #past() {
    const { firings, suppressed } = this.history;
    const all = [...firings.map((each) => [each, true]), ...suppressed.map((each) => [each, false])];
    all.sort(([one], [other]) => Date.parse(other.event_at) - Date.parse(one.event_at));
    if (!all.length) return [el("li", { class: "mute" }, t("neverFired"))];
    return all.slice(0, MOST).map(([each, hasFired]) => this.#event(each, hasFired));
  }

  #event(each, hasFired) {
    const at = Date.parse(each.event_at);
    const what = [bdi(text("symbol", each.symbol)), ` ${figure(each.price, language)}`];
    const shown = hasFired ? el("a", { href: `/firings/${encodeURIComponent(each.id)}`, "data-link": "", "data-focus": each.id }, ...what) : el("span", {}, ...what);
    const mark = hasFired ? el("span", { class: "chip chip-fired" }, t("firedWord")) : el("span", { class: "chip chip-plain" }, t("swallowedWord"));
    return el("li", {}, el("time", { class: "mute", datetime: each.event_at, title: exactly(at) }, moment(at, this.store.now(), language)), mark, shown, hasFired ? null : el("span", { class: "mute" }, bdi(text("sentence", each.reason))));
  }

  /** One revision and what it changed. */
  #revision(each, before) {
    const old = before?.fields ?? {};
    const names = [...new Set([...Object.keys(each.fields), ...Object.keys(old)])];
    const changed = before ? names.filter((name) => JSON.stringify(each.fields[name]) !== JSON.stringify(old[name])) : [];
    const say = (value) => text("sentence", value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
    const lines = changed.map((name) => el("span", { class: "mono change" }, `${name}: `, el("del", {}, bdi(say(old[name]))), " → ", el("ins", {}, bdi(say(each.fields[name])))));
    const at = Date.parse(each.at);
    const words = before ? (changed.length ? null : el("span", { class: "mute" }, t("armedAnew"))) : el("span", { class: "mono" }, bdi(text("note", each.condition)));
    return el("li", {}, el("time", { class: "mute", datetime: each.at, title: exactly(at) }, moment(at, this.store.now(), language)), el("b", {}, t("revision", { n: each.revision })), el("span", { class: "changes" }, ...[words, ...lines].filter(Boolean)));
  }
}
