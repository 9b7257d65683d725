// Who is looking: logging in and out without leaving the page.

import { get, post, put } from "../api.js";
import { el } from "../dom.js";
import { button, complaint, field, input, valuesOf } from "../forms.js";
import { t } from "../i18n.js";
import { newPassword } from "./password.js";
import { fetchPreferences, prefer, wear } from "../preferences.js";
import { text } from "../text.js";

const SECOND_MS = 1000;

export class Session extends EventTarget {
  /** `settle` ends what still speaks for the user and resolves when nothing of it is under way any more. */
  constructor(dialog, toast, settle) {
    super();
    this.dialog = dialog;
    this.toast = toast;
    this.settle = settle;
    this.me = null;
    this.again = []; // what was refused, to be done once somebody has logged in
    this.lastName = null;
    dialog.addEventListener("close", () => {
      dialog.replaceChildren();
      this.again = [];
    });
  }

  get isUser() {
    return Boolean(this.me?.name);
  }

  get isAdmin() {
    return this.me?.role === "admin";
  }

  /** Whether the server may be looked at without a login. */
  get mayLook() {
    return this.me !== null;
  }

  async learn() {
    try {
      this.me = await get("/api/auth/me");
    } catch (refusal) {
      if (refusal.status !== 401) throw refusal;
      this.me = null;
    }
    if (this.isUser) {
      this.lastName = this.me.name;
      await this.#wear();
    }
    this.dispatchEvent(new Event("change"));
  }

  async #wear() {
    try {
      await fetchPreferences();
    } catch {
      // what this browser remembers holds
    }
  }

  /** Look and speak so from now on; whoever is logged in finds it so elsewhere too. */
  prefer(change) {
    if (this.isUser) prefer(change).catch((refusal) => this.refused(refusal));
    else wear(change);
  }

  /** Something was refused: ask for a login and do it again, or say why not. */
  refused(refusal, again) {
    if (refusal.status === 401) {
      if (again) this.again.push(again);
      this.askLogin();
    } else this.toast(t("failed", { why: complaint(refusal) }));
  }

  askAccount() {
    if (this.isUser) this.#account();
    else this.askLogin();
  }

  askLogin(wasUsed = false) {
    if (this.dialog.open && this.dialog.querySelector("form.login")) return; // what was typed stays
    const why = wasUsed ? "loginUsed" : this.lastName ? "loginExpired" : "loginLink";
    const parts = {
      error: el("p", { class: "error", role: "alert" }),
      second: el("div", { hidden: true }),
      submit: el("button", { class: "button primary" }, t("login")),
    };
    const form = el(
      "form",
      { class: "login", method: "dialog", onsubmit: (event) => this.#login(event, form, parts) },
      el("h1", { id: "dialog-title" }, t("login")),
      el("p", { class: "mute" }, t(why)),
      field(t("name"), input("name", { autocomplete: "username", required: true, value: this.lastName ?? "admin" })),
      field(t("password"), input("password", { type: "password", autocomplete: "current-password", required: true })),
      parts.second,
      parts.error,
      this.#acts(parts.submit),
    );
    this.#open(form);
    form.elements.password.focus();
  }

  async #login(event, form, parts) {
    event.preventDefault();
    const { name, password, totp } = valuesOf(form);
    parts.error.textContent = "";
    try {
      await post("/api/auth/login", { name, password, ...(totp ? { totp: totp.replace(/\s/g, "") } : {}) });
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      return this.#notLoggedIn(refusal, parts);
    }
    const again = this.again;
    this.dialog.close();
    await this.learn();
    for (const act of again) act();
  }

  #notLoggedIn(refusal, parts) {
    if (refusal.problem.needs === "totp" && parts.second.hidden) {
      const code = input("totp", { autocomplete: "one-time-code", inputmode: "numeric", maxlength: "12", required: true });
      parts.second.hidden = false;
      parts.second.append(field(t("totpCode"), code, t("totpWhere")));
      code.focus();
    } else if (refusal.status === 401) parts.error.textContent = t(parts.second.hidden ? "loginWrong" : "loginWrongTotp");
    else if (refusal.wait) this.#wait(Math.ceil(refusal.wait), parts);
    else parts.error.textContent = complaint(refusal);
  }

  /** Too many tries: say for how long, and count down. */
  #wait(seconds, parts) {
    if (!parts.submit.isConnected) return;
    parts.submit.disabled = seconds > 0;
    parts.error.textContent = seconds > 0 ? t("waitFor", { seconds }) : "";
    if (seconds > 0) setTimeout(() => this.#wait(seconds - 1, parts), SECOND_MS);
  }

  #account() {
    const error = el("p", { class: "error", role: "alert" });
    const settings = el("a", { class: "button", href: "/settings/profile", "data-link": "", onclick: () => this.dialog.close() }, t("settings"));
    const form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#setPassword(event, form, error) },
      el("h1", { id: "dialog-title" }, t("loggedInAs", { name: text("name", this.me.name) })),
      el("p", { class: "mute" }, t("setPasswordWhy")),
      newPassword(this.me),
      error,
      this.#acts(el("button", { class: "button primary" }, t("save")), settings, button(t("logout"), () => this.logout())),
    );
    this.#open(form);
  }

  async #setPassword(event, form, error) {
    event.preventDefault();
    try {
      await this.setPassword(valuesOf(form));
      this.dialog.close();
      this.toast(t("saved"));
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      error.textContent = complaint(refusal);
    }
  }

  /** Set one's own password; raises Refusal. */
  async setPassword({ password, current }) {
    await put("/api/auth/password", { password, current: current ?? null });
    await this.learn();
  }

  async logout() {
    this.dialog.close();
    await this.settle(); // a request that arrives after the logout would be refused
    try {
      await post("/api/auth/logout");
    } catch (refusal) {
      if (refusal.status !== 401) this.refused(refusal); // 401: the session had ended already
    }
    this.lastName = null;
    await this.learn();
  }

  #acts(submit, ...others) {
    return el("div", { class: "acts" }, ...others, button(t("close"), () => this.dialog.close()), submit);
  }

  #open(content) {
    this.dialog.replaceChildren(content);
    if (!this.dialog.open) this.dialog.showModal();
  }
}
