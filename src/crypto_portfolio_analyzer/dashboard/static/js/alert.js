// One alert: its sentence, why it has not fired, what fired, and what was changed.

import { get, inPath } from "./api.js";
import { awayWords, sentenceOf } from "./alerts.js";
import { bdi, el, fromTemplate } from "./dom.js";
import { figure, moment } from "./format.js";
import { language, t } from "./i18n.js";
import { text } from "./text.js";

const REFRESH_MS = 2000;
const MARK = { true: "yes", false: "no", null: "unknown" };

/** The questions of a condition with what each side is now and how far it is from flipping. */
export function leafTable(leaves) {
  const rows = leaves.map((leaf) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", class: "mono" }, bdi(text("note", leaf.text))),
      el("td", { class: `leaf-${MARK[leaf.holds]}` }, t(`leaf_${MARK[leaf.holds]}`)),
      el("td", {}, figure(leaf.left?.value ?? leaf.value, language)),
      el("td", {}, figure(leaf.right?.value ?? leaf.need, language)),
      el("td", { class: "mute" }, leaf.missing ? text("sentence", leaf.missing) : figure(leaf.distance, language)),
    ),
  );
  const heads = ["question", "holdsNow", "valueNow", "needed", "distance"].map((word) => el("th", { scope: "col" }, t(word)));
  return el("table", { class: "operands" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

export class AlertView {
  constructor({ store, session, id }) {
    Object.assign(this, { store, session, id });
    Object.assign(this, fromTemplate("t-alert"));
    this.alert = null;
    this.stopped = false;
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
    this.#draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  async #learn() {
    clearTimeout(this.learning);
    if (this.stopped || !this.session.isUser) return;
    const path = `/api/alerts/${encodeURIComponent(this.id)}`;
    try {
      const [alert, told, history] = await Promise.all([get(path), get(`${path}/explain`), get(`${path}/history`)]);
      Object.assign(this, { alert, told, history });
      if (!this.stopped) this.#draw();
    } catch (refusal) {
      if (this.stopped) return;
      if (refusal.status !== undefined) return this.session.refused(refusal, () => this.#learn());
    }
    if (!this.stopped) this.learning = setTimeout(() => this.#learn(), REFRESH_MS);
  }

  #draw() {
    const { alert, parts } = this;
    if (!alert) return;
    parts.name.textContent = text("name", alert.name);
    const reason = alert.reason === alert.state ? "" : text("sentence", alert.reason);
    parts.state.textContent = [t(`alert_${alert.state}`), reason].filter(Boolean).join(" · ");
    parts.sentence.textContent = text("note", sentenceOf(alert.sentence));
    parts.condition.textContent = text("note", alert.condition);
    parts.why.replaceChildren(...this.told.explanations.map((each) => this.#why(each)));
    const firings = this.history.firings ?? [];
    parts.fired.replaceChildren(...(firings.length ? firings.map((firing) => this.#fired(firing)) : [el("li", { class: "mute" }, t("neverFired"))]));
  }

  #why(told) {
    const blockers = [told.warm_up, told.reason === told.state ? "" : told.reason].filter(Boolean).map((words) => el("p", { class: "mute" }, text("sentence", words)));
    const near = typeof told.nearest_percent === "number" ? el("p", { class: "mute" }, awayWords(told.nearest_percent)) : null;
    const chart = el("a", { href: `/chart/${inPath(told.symbol)}`, "data-link": "" }, bdi(text("symbol", told.symbol)));
    return el("div", { class: "why-not" }, el("h3", {}, chart), ...blockers, near, leafTable(told.leaves));
  }

  #fired(firing) {
    const at = Date.parse(firing.event_at);
    const link = el("a", { href: `/firings/${encodeURIComponent(firing.id)}`, "data-link": "" }, bdi(text("symbol", firing.symbol)), ` ${figure(firing.price, language)}`);
    return el("li", {}, el("time", { class: "mute", datetime: firing.event_at }, moment(at, this.store.now(), language)), link);
  }
}
