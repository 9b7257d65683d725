// Channels: how one is told, whether that works, and new ones from a form that the server describes.

import { del, get, patch, post } from "../api.js";
import { bdi, el, fromTemplate, icon } from "../dom.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const POLL_MS = 2000;

export class ChannelsView {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    Object.assign(this, fromTemplate("t-channels"));
    this.channels = null;
    this.types = [];
    this.tested = new Map();
    this.stopped = false;
    this.parts.type.addEventListener("change", () => this.#fields());
    this.parts.form.addEventListener("submit", (event) => this.#create(event));
  }

  get title() {
    return t("channels");
  }

  async start() {
    this.parts.login.hidden = this.session.isUser;
    if (!this.session.isUser) return;
    try {
      this.types = (await get("/api/channels/types")).types;
      this.#chooseTypes();
      await this.#learn();
    } catch (refusal) {
      if (!this.stopped) this.session.refused(refusal, () => this.start());
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.waiting);
  }

  retell() {
    this.#chooseTypes();
    this.#draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  async #learn() {
    this.channels = (await get("/api/channels")).channels;
    if (!this.stopped) this.#draw();
  }

  #draw() {
    const { parts } = this;
    const channels = this.channels ?? [];
    parts.list.replaceChildren(...channels.map((channel) => this.#row(channel)));
    parts.empty.hidden = this.channels === null || channels.length > 0;
  }

  #row(channel) {
    const level = !channel.enabled ? "" : channel.failures ? "warning" : "ok";
    const shown = Object.entries(channel.options).filter(([name]) => ["url", "to", "chat_id", "template"].includes(name));
    const told = [t(channel.enabled ? "channelOn" : "channelOff"), channel.default ? t("channelDefault") : "", channel.verified ? "" : t("channelUnproven"), channel.disabled_reason].filter(Boolean);
    return el(
      "li",
      { class: "channel" },
      el("span", { class: "alert-state" }, el("span", { class: `dot ${level}` }), text("name", this.#label(channel.type))),
      el("span", { class: "alert-what" }, el("b", {}, bdi(text("name", channel.name))), el("span", { class: "mute" }, ...shown.map(([, value]) => bdi(text("note", String(value)))))),
      el("span", { class: "mute" }, text("sentence", told.join(" · "))),
      el("span", { class: "channel-test", role: "status" }, this.tested.get(channel.id) ?? ""),
      el(
        "span",
        { class: "alert-acts" },
        el("button", { class: "button", type: "button", onclick: () => this.#test(channel) }, t("test")),
        this.#act(channel.enabled ? "pause" : "resume", channel.enabled ? "hold" : "play", () => this.#turn(channel)),
        this.#act("removeChannel", "close", () => this.#remove(channel)),
      ),
    );
  }

  #act(word, mark, what) {
    return el("button", { class: "button bare square", type: "button", title: t(word), "aria-label": t(word), onclick: what }, icon(mark, "icon-14"));
  }

  #label(type) {
    return this.types.find((each) => each.name === type)?.label ?? type;
  }

  async #test(channel) {
    this.tested.set(channel.id, t("testing"));
    this.#draw();
    try {
      const delivery = await post(`/api/channels/${encodeURIComponent(channel.id)}/test`);
      const last = delivery.attempt_log.at(-1);
      const words = delivery.state === "delivered" ? t("testArrived") : (last?.detail || delivery.reason || t(`delivery_${delivery.state}`));
      this.tested.set(channel.id, text("sentence", words));
    } catch (refusal) {
      this.tested.delete(channel.id);
      this.session.refused(refusal, () => this.#test(channel));
    }
    if (!this.stopped) await this.#learn();
  }

  async #turn(channel) {
    try {
      await patch(`/api/channels/${encodeURIComponent(channel.id)}`, { enabled: !channel.enabled });
      await this.#learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#turn(channel));
    }
  }

  #remove(channel) {
    this.toast(t("removeAsk", { name: text("name", channel.name) }), t("removeChannel"), async () => {
      try {
        await del(`/api/channels/${encodeURIComponent(channel.id)}`);
        await this.#learn();
      } catch (refusal) {
        this.session.refused(refusal, () => this.#remove(channel));
      }
    });
  }

  // --- a new one ---

  #chooseTypes() {
    const { parts } = this;
    const chosen = parts.type.value || "webhook";
    parts.type.replaceChildren(...this.types.map((type) => el("option", { value: type.name }, text("name", type.label))));
    if (this.types.some((type) => type.name === chosen)) parts.type.value = chosen;
    this.#fields();
  }

  #fields() {
    const { parts } = this;
    const type = this.types.find((each) => each.name === parts.type.value);
    clearTimeout(this.waiting);
    if (!type) return;
    parts.about.textContent = text("note", type.about);
    parts.missing.textContent = text("note", type.missing);
    const options = [...type.options].sort((first, second) => Number(second.needed) - Number(first.needed));
    const needed = options.filter((option) => option.needed).map(field);
    const others = options.filter((option) => !option.needed).map(field);
    const more = others.length ? el("details", { class: "wide-field" }, el("summary", {}, t("moreOptions")), el("div", { class: "editor" }, ...others)) : null;
    parts.fields.replaceChildren(...[...needed, more].filter(Boolean));
    parts.link.replaceChildren(...(type.name === "telegram" && type.ready ? [el("button", { class: "button", type: "button", onclick: () => this.#link() }, t("linkTelegram"))] : []));
  }

  async #create(event) {
    event.preventDefault();
    const { parts } = this;
    const body = { type: parts.type.value, name: parts.name.value.trim() || this.#label(parts.type.value), default: parts.isDefault.checked };
    for (const input of parts.fields.querySelectorAll("[name]")) {
      const given = valueOf(input);
      if (given !== null) body[input.name] = given;
    }
    try {
      const made = await post("/api/channels", body);
      parts.error.textContent = "";
      parts.secret.hidden = !made.secret;
      parts.secretText.textContent = made.secret ?? "";
      parts.form.reset();
      this.#fields();
      this.toast(t("channelMade", { name: text("name", made.name) }));
      await this.#learn();
    } catch (refusal) {
      const faults = refusal.problem?.errors ?? [];
      if (refusal.status !== 422) return this.session.refused(refusal, () => parts.form.requestSubmit());
      const words = faults.map((each) => [each.path, each.problem ?? each.message, each.remedy].filter(Boolean).join(" · "));
      parts.error.textContent = text("note", words.join(" | ") || refusal.message);
    }
  }

  /** A link that opens the bot with a code; the page waits until the chat has become a channel. */
  async #link() {
    try {
      const told = await post("/api/channels/telegram/link");
      const until = t("linkUntil", { time: moment(Date.parse(told.expires_at), this.store.now(), language) });
      const way = told.url ? el("a", { class: "button primary", href: told.url, target: "_blank", rel: "noopener noreferrer" }, t("openTelegram")) : el("span", {}, t("sendBot"));
      this.parts.link.replaceChildren(way, el("code", { class: "mono" }, `/start ${told.code}`), el("span", { class: "mute" }, until));
      this.#awaitLink((this.channels ?? []).length);
    } catch (refusal) {
      this.session.refused(refusal, () => this.#link());
    }
  }

  #awaitLink(before) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      if (this.stopped) return;
      try {
        await this.#learn();
      } catch {
        // the connection pill tells
      }
      if (this.channels.length > before) this.parts.link.replaceChildren(el("span", { class: "leaf-yes" }, t("linked")));
      else this.#awaitLink(before);
    }, POLL_MS);
  }
}

/** The control of one option. */
function field(option) {
  const name = { name: option.name, class: "field", required: option.needed, "data-kind": option.kind };
  const label = el("span", {}, text("note", `${option.name}: ${option.about}`));
  if (option.kind === "choice") {
    const choices = option.choices.map((choice) => el("option", { value: choice, selected: choice === option.default }, choice));
    return el("label", {}, label, el("select", name, ...choices));
  }
  if (option.kind === "flag") return el("label", { class: "check" }, el("input", { ...name, class: "", required: false, type: "checkbox", checked: option.default === "on" || option.default === "true" }), label);
  if (option.kind === "long") return el("label", { class: "wide-field" }, label, el("textarea", { ...name, rows: "3", spellcheck: false }));
  const type = { number: "number", url: "url" }[option.kind] ?? "text"; // no password field: managers would offer a login
  const more = type === "number" ? { step: "any" } : option.kind === "secret" ? { class: "field masked" } : {};
  return el("label", option.kind === "url" ? { class: "wide-field" } : {}, label, el("input", { ...name, ...more, type, placeholder: option.default, spellcheck: false }));
}

/** What was given, as the API takes it; null: nothing. */
function valueOf(input) {
  const kind = input.dataset.kind;
  if (kind === "flag") return input.checked;
  const given = input.value.trim();
  if (!given) return null;
  if (kind === "number") return Number(given);
  if (kind === "list") return given.split(",").map((each) => each.trim());
  return given;
}
