// Deliveries: one row per firing and channel, what became of it, every attempt; and sending again.

import { get, post } from "../api.js";
import { bdi, el, fromTemplate } from "../dom.js";
import { duration, figure, milliseconds, moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const REFRESH_MS = 3000;
const MOST = 100;
const TABS = {
  all: [],
  waiting: ["queued", "sending", "retry_wait"],
  delivered: ["delivered"],
  dead: ["dead"],
  kept: ["cancelled", "suppressed"],
};
const LEVEL = { delivered: "ok", retry_wait: "warning", dead: "critical" };
const FINAL = ["delivered", "dead", "cancelled", "suppressed"];

export const deliveryPath = (delivery) => `/deliveries/${encodeURIComponent(delivery.id)}`;

/** The state of a delivery as a dot and a word. */
export function stateOf(delivery) {
  return el("span", { class: "alert-state" }, el("span", { class: `dot ${LEVEL[delivery.state] ?? ""}` }), t(`delivery_${delivery.state}`));
}

const channelName = (delivery) => text("name", delivery.channel.name ?? delivery.channel.id);

/** What happens next, or what happened last, in a few words. */
function progress(delivery, now) {
  if (delivery.next_attempt_at) return t("nextTry", { time: moment(Date.parse(delivery.next_attempt_at), now, language) });
  if (delivery.reason) return text("sentence", delivery.reason);
  if (!delivery.attempts) return "";
  return delivery.attempts === 1 ? t("tryOne") : t("tryMany", { n: delivery.attempts });
}

/** The deliveries of one firing, for its evidence. */
export function deliveriesOf(firing, now) {
  const rows = (firing.deliveries ?? []).map((delivery) =>
    el("li", {}, stateOf(delivery), el("a", { href: deliveryPath(delivery), "data-link": "" }, bdi(channelName(delivery))), el("span", { class: "mute" }, progress(delivery, now))),
  );
  return el("section", {}, el("h3", {}, t("deliveries")), rows.length ? el("ul", { class: "told-list" }, ...rows) : el("p", { class: "mute" }, t("toldNobody")));
}

export class DeliveriesView {
  constructor({ store, session, toast, id = null }) {
    Object.assign(this, { store, session, toast, id });
    Object.assign(this, fromTemplate("t-deliveries"));
    const wish = new URLSearchParams(location.search);
    this.tab = wish.get("tab") in TABS ? wish.get("tab") : "all";
    this.channel = wish.get("channel") ?? "";
    this.firing = wish.get("firing") ?? "";
    this.chosen = new Set();
    this.deliveries = null;
    this.shown = null; // the delivery in the sheet, as it was when it was read
    this.channels = [];
    this.stopped = false;
    this.parts.channel.addEventListener("change", () => this.#filter({ channel: this.parts.channel.value }));
    this.parts.again.addEventListener("click", () => this.#again([...this.chosen]));
    this.fired = () => this.#learn();
  }

  get title() {
    return t("deliveries");
  }

  async start() {
    this.store.addEventListener("firing", this.fired);
    this.#draw();
    if (!this.session.isUser) return;
    const learning = this.#learn();
    try {
      this.channels = (await get("/api/channels")).channels;
      if (this.id) await this.#open();
    } catch (refusal) {
      if (!this.stopped) this.session.refused(refusal, () => this.start());
    }
    await learning;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.learning);
    this.store.removeEventListener("firing", this.fired);
  }

  retell() {
    this.#draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  #filter(change) {
    Object.assign(this, change);
    this.chosen.clear();
    const wish = new URLSearchParams();
    if (this.tab !== "all") wish.set("tab", this.tab);
    if (this.channel) wish.set("channel", this.channel);
    if (this.firing) wish.set("firing", this.firing);
    history.replaceState(null, "", `/deliveries${wish.size ? `?${wish}` : ""}`);
    this.deliveries = null;
    this.#draw();
    this.#learn();
  }

  async #learn() {
    clearTimeout(this.learning);
    if (this.stopped || !this.session.isUser) return;
    const asked = new URLSearchParams({ limit: String(MOST) });
    for (const state of TABS[this.tab]) asked.append("state", state);
    if (this.channel) asked.set("channel_id", this.channel);
    if (this.firing) asked.set("firing_id", this.firing);
    try {
      this.deliveries = (await get(`/api/deliveries?${asked}`)).deliveries;
      if (!this.stopped) this.#draw();
      const now = this.shown && this.deliveries.find((each) => each.id === this.id);
      if (now && (now.state !== this.shown.state || now.attempts !== this.shown.attempts)) await this.#open();
    } catch (refusal) {
      if (refusal.status !== undefined && !this.stopped) return this.session.refused(refusal, () => this.#learn());
    }
    if (!this.stopped) this.learning = setTimeout(() => this.#learn(), REFRESH_MS);
  }

  #draw() {
    const { parts } = this;
    const held = document.activeElement;
    const focus = parts.list.contains(held) ? held.dataset.focus : null;
    parts.tabs.replaceChildren(...Object.keys(TABS).map((name) => this.#tab(name)));
    const all = el("option", { value: "" }, t("everyChannel"));
    parts.channel.replaceChildren(all, ...this.channels.map((each) => el("option", { value: each.id }, text("name", each.name))));
    parts.channel.value = this.channel;
    const shown = this.deliveries ?? [];
    parts.list.replaceChildren(...shown.map((delivery) => this.#row(delivery)));
    if (focus) parts.list.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
    parts.empty.hidden = this.deliveries === null || shown.length > 0;
    parts.login.hidden = this.session.isUser;
    parts.again.disabled = !this.chosen.size;
    parts.again.textContent = this.chosen.size ? t("redeliverMany", { n: this.chosen.size }) : t("redeliver");
  }

  #tab(name) {
    return el("button", { class: "tab", type: "button", role: "tab", "aria-selected": String(name === this.tab), onclick: () => this.#filter({ tab: name }) }, t(`tab_${name}`));
  }

  #row(delivery) {
    const at = Date.parse(delivery.created_at);
    const what = delivery.firing ? `${text("symbol", delivery.firing.symbol)} ${figure(delivery.firing.price, language)}` : text("name", delivery.title);
    const choose = (event) => {
      if (event.target.checked) this.chosen.add(delivery.id);
      else this.chosen.delete(delivery.id);
      this.#draw();
    };
    const isFinal = FINAL.includes(delivery.state);
    const box = el("input", { type: "checkbox", checked: this.chosen.has(delivery.id), disabled: !isFinal, onchange: choose, "data-focus": `box ${delivery.id}`, "aria-label": `${t("redeliver")}: ${what}` });
    const link = el("a", { href: deliveryPath(delivery), "data-link": "", "data-focus": `link ${delivery.id}`, "aria-current": delivery.id === this.id ? "true" : null }, bdi(what));
    return el(
      "li",
      { class: "delivery" },
      box,
      el("time", { class: "mute", datetime: new Date(at).toISOString() }, moment(at, this.store.now(), language)),
      el("span", { class: "alert-what" }, link, el("span", { class: "mute" }, bdi(text("name", delivery.firing?.alert_name ?? t(`kind_${delivery.kind}`))))),
      el("span", { class: "delivery-channel" }, bdi(channelName(delivery))),
      stateOf(delivery),
      el("span", { class: "mute delivery-next" }, progress(delivery, this.store.now())),
    );
  }

  async #open() {
    const delivery = await get(`/api/deliveries/${encodeURIComponent(this.id)}`);
    if (this.stopped) return;
    const { parts } = this;
    const isHeld = !this.shown || parts.sheet.contains(document.activeElement);
    this.shown = delivery;
    const again = el("button", { class: "button primary", type: "button", disabled: !FINAL.includes(delivery.state), onclick: () => this.#again([delivery.id]) }, t("redeliver"));
    parts.sheet.hidden = false;
    const told = [
      el("h2", {}, bdi(text("name", delivery.title))),
      el("p", {}, stateOf(delivery)),
      delivery.reason ? el("p", { class: "mute" }, text("sentence", delivery.reason)) : null,
      el("p", { class: "mute" }, bdi(channelName(delivery)), ` · ${t(`kind_${delivery.kind}`)}`),
      attempts(delivery, this.store.now()),
      delivery.stamps ? way(delivery.stamps) : null,
      delivery.answer ? el("div", {}, el("h3", {}, t("botAnswer")), el("pre", { class: "mono condition" }, text("note", delivery.answer))) : null,
      el(
        "div",
        { class: "acts" },
        delivery.firing ? el("a", { class: "button", href: `/firings/${encodeURIComponent(delivery.firing.id)}`, "data-link": "" }, t("evidence")) : null,
        again,
      ),
    ];
    parts.sheet.replaceChildren(...told.filter(Boolean));
    if (isHeld) parts.sheet.focus({ preventScroll: true });
  }

  async #again(ids, anyway = false) {
    try {
      const told = await post("/api/deliveries/redeliver", { ids, anyway });
      this.chosen.clear();
      this.toast(told.redelivered === 1 ? t("redeliveredOne") : t("redeliveredMany", { n: told.redelivered }));
      await this.#learn();
      if (this.id) await this.#open();
    } catch (refusal) {
      if (refusal.status === 422 && !anyway) this.toast(text("sentence", refusal.message), t("sendAnyway"), () => this.#again(ids, true));
      else this.session.refused(refusal, () => this.#again(ids, anyway));
    }
  }
}

/** Every attempt: when, how it ended, how long it took. */
function attempts(delivery, now) {
  if (!delivery.attempt_log.length) return el("p", { class: "mute" }, t("noAttempt"));
  const rows = delivery.attempt_log.map((attempt) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, moment(Date.parse(attempt.at), now, language)),
      el("td", { class: attempt.outcome === "accepted" ? "leaf-yes" : "leaf-unknown" }, t(`outcome_${attempt.outcome}`)),
      el("td", {}, attempt.status === null ? "–" : String(attempt.status)),
      el("td", {}, milliseconds(attempt.took_ms, language)),
      el("td", { class: "mute why" }, text("sentence", attempt.detail)),
    ),
  );
  const heads = ["attemptAt", "outcome", "statusWord", "took", "whyWord"].map((word) => el("th", { scope: "col" }, t(word)));
  return el("table", { class: "operands attempts" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** The five instants of a firing's way, since the venue's. */
function way(stamps) {
  const steps = { received: "received_at", detected: "detected_at", stored: "stored_at", attempted: "first_attempt_at", accepted: "accepted_at" };
  const start = Date.parse(stamps.event_at);
  const since = (at) => {
    const ms = Date.parse(at) - start;
    return `+${ms < 10000 ? milliseconds(ms, language) : duration(ms / 1000, language)}`;
  };
  const parts = Object.entries(steps).map(([word, key]) => el("div", {}, el("dt", {}, t(`step_${word}`)), el("dd", {}, stamps[key] ? since(stamps[key]) : "–")));
  return el("dl", { class: "facts" }, ...parts);
}
