// Security: the password, the second factor, and where one is logged in.

import { del, get, post } from "../api.js";
import { bdi, el } from "../dom.js";
import { askIn, button, complaint, copyable, field, input, valuesOf } from "../forms.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { newPassword } from "../shell/password.js";
import { text } from "../text.js";

export class SecuritySettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.root = el("div", { class: "stack" });
    this.sessions = null;
    this.hasTotp = false;
  }

  async learn() {
    const [told, me] = await Promise.all([get("/api/auth/sessions"), get("/api/auth/me")]);
    this.sessions = told.sessions;
    this.hasTotp = Boolean(me.totp);
  }

  draw() {
    if (this.sessions) this.root.replaceChildren(this.#password(), this.#second(), this.#devices());
  }

  async #again() {
    await this.learn();
    this.draw();
  }

  #password() {
    const { me } = this.session;
    const error = el("p", { class: "error", role: "alert" });
    const save = async (event) => {
      event.preventDefault();
      try {
        await this.session.setPassword(valuesOf(form));
        this.toast(t("saved"));
      } catch (refusal) {
        if (refusal.status === undefined) throw refusal;
        error.textContent = complaint(refusal);
      }
    };
    const setup = me.has_password ? [] : [" ", el("a", { href: "/setup", "data-link": "" }, t("setup"))];
    const form = el("form", { class: "stack-narrow", onsubmit: save }, newPassword(me), error, el("div", { class: "acts" }, el("button", { class: "button primary" }, t("save"))));
    return el("section", { class: "card" }, el("h2", {}, t("password")), el("p", { class: "mute" }, t(me.has_password ? "passwordChange" : "setPasswordWhy"), ...setup), form);
  }

  // --- the second factor ---

  #second() {
    const { hasTotp } = this;
    const state = el("p", { class: "alert-state" }, el("span", { class: `dot ${hasTotp ? "ok" : ""}` }), t(hasTotp ? "totpOn" : "totpOff"));
    const act = hasTotp ? button(t("totpRemove"), () => this.#remove()) : button(t("totpAdd"), () => this.#add(place));
    const place = el("div");
    return el("section", { class: "card" }, el("h2", {}, t("totp")), el("p", { class: "mute" }, t("totpWhy")), state, el("div", { class: "acts start" }, act), place);
  }

  async #add(place) {
    let told;
    try {
      told = await post("/api/auth/totp");
    } catch (refusal) {
      return this.session.refused(refusal, () => this.#add(place));
    }
    const error = el("p", { class: "error", role: "alert" });
    const code = input("code", { autocomplete: "one-time-code", inputmode: "numeric", maxlength: "12", required: true });
    const confirm = async (event) => {
      event.preventDefault();
      try {
        await post("/api/auth/totp/confirm", { code: code.value.replace(/\s/g, "") });
        this.toast(t("totpReady"));
        await this.#again();
      } catch (refusal) {
        if (refusal.status === undefined) throw refusal;
        error.textContent = complaint(refusal);
      }
    };
    place.replaceChildren(
      el("form", { class: "totp", onsubmit: confirm }, picture(told.qr), el("div", { class: "stack-narrow" }, el("p", {}, t("totpScan")), copyable(told.secret), field(t("totpCode"), code), error, el("div", { class: "acts start" }, el("button", { class: "button primary" }, t("totpConfirm"))))),
    );
    code.focus();
  }

  #remove() {
    const code = input("code", { autocomplete: "one-time-code", inputmode: "numeric", maxlength: "12", required: true });
    const act = async () => {
      await del("/api/auth/totp", { code: code.value.replace(/\s/g, "") });
      this.toast(t("totpGone"));
      await this.#again();
    };
    askIn(this.session.dialog, { title: t("totpRemove"), content: [el("p", { class: "mute" }, t("totpRemoveWhy")), field(t("totpCode"), code)], word: t("totpRemove"), act, danger: true });
  }

  // --- where one is logged in ---

  #devices() {
    const now = this.store.now();
    const when = (at) => moment(Date.parse(at), now, language);
    const row = (each) =>
      el(
        "li",
        { class: "line" },
        el("span", { class: "line-what" }, el("b", {}, bdi(text("name", deviceOf(each.agent)))), el("span", { class: "mute" }, t("sessionSpan", { from: when(each.created_at), until: when(each.expires_at) }))),
        each.current ? el("span", { class: "chip chip-ok" }, t("sessionThis")) : button(t("sessionEnd"), () => this.#end(each)),
      );
    return el("section", { class: "card" }, el("h2", {}, t("sessions")), el("p", { class: "mute" }, t("sessionsWhy")), el("ul", { class: "lines" }, ...this.sessions.map(row)));
  }

  async #end(each) {
    try {
      await del(`/api/auth/sessions/${encodeURIComponent(each.id)}`);
      this.toast(t("sessionEnded"));
      await this.#again();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#end(each));
    }
  }
}

/** The square code as an image: markup from the server is shown, never parsed into the page. */
function picture(svg) {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const image = el("img", { class: "qr", alt: t("totpQr"), src: url, width: 180, height: 180 });
  image.addEventListener("load", () => URL.revokeObjectURL(url));
  return image;
}

const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]];

/** What a browser calls itself, in two words if they are known. */
function deviceOf(agent) {
  if (!agent) return t("sessionUnknown");
  const named = [BROWSERS, SYSTEMS].map((list) => list.find(([mark]) => agent.includes(mark))?.[1]).filter(Boolean);
  return named.length === 2 ? named.join(" · ") : agent;
}
