// Who is looking: logging in and out without leaving the page.

import { get, post, put } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { text } from "./text.js";

export class Session extends EventTarget {
  /** `settle` ends what still speaks for the user and resolves when nothing of it is under way any more. */
  constructor(dialog, toast, settle) {
    super();
    this.dialog = dialog;
    this.toast = toast;
    this.settle = settle;
    this.me = null;
    this.again = null;
    dialog.addEventListener("close", () => dialog.replaceChildren());
  }

  get isUser() {
    return Boolean(this.me?.name);
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
    this.dispatchEvent(new Event("change"));
  }

  /** Something was refused: ask for a login and do it again, or say why not. */
  refused(refusal, again) {
    if (refusal.status === 401) {
      this.again = again;
      this.askLogin();
    } else {
      const remedy = refusal.problem?.remedy ? ` · ${refusal.problem.remedy}` : "";
      this.toast(t("failed", { why: text("sentence", `${refusal.message}${remedy}`) }));
    }
  }

  askAccount() {
    if (this.isUser) this.#account();
    else this.askLogin();
  }

  askLogin(wasUsed = false) {
    const error = el("p", { class: "error", role: "alert" });
    const form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#login(event, form, error) },
      el("h1", { id: "dialog-title" }, t("login")),
      el("p", { class: "mute" }, t(wasUsed ? "loginUsed" : "loginLink")),
      el("label", {}, t("name"), el("input", { class: "field", name: "name", autocomplete: "username", required: true, value: "admin" })),
      el("label", {}, t("password"), el("input", { class: "field", name: "password", type: "password", autocomplete: "current-password", required: true })),
      error,
      this.#acts(t("login")),
    );
    this.#open(form);
  }

  async #login(event, form, error) {
    event.preventDefault();
    const { name, password } = Object.fromEntries(new FormData(form));
    try {
      await post("/api/auth/login", { name, password });
      this.dialog.close();
      await this.learn();
      const again = this.again;
      this.again = null;
      again?.();
    } catch (refusal) {
      error.textContent = text("sentence", refusal.message);
    }
  }

  #account() {
    const error = el("p", { class: "error", role: "alert" });
    const current = this.me.has_password
      ? el("label", {}, t("currentPassword"), el("input", { class: "field", name: "current", type: "password", autocomplete: "current-password", required: true }))
      : null;
    const form = el(
      "form",
      { method: "dialog", onsubmit: (event) => this.#setPassword(event, form, error) },
      el("h1", { id: "dialog-title" }, t("loggedInAs", { name: text("name", this.me.name) })),
      el("p", { class: "mute" }, t("setPasswordWhy")),
      el("input", { name: "username", autocomplete: "username", value: this.me.name, hidden: true }),
      current,
      el("label", {}, t("newPassword"), el("input", { class: "field", name: "password", type: "password", autocomplete: "new-password", minlength: "12", required: true })),
      error,
      this.#acts(t("save"), el("button", { class: "button", type: "button", onclick: () => this.#logout() }, t("logout"))),
    );
    this.#open(form);
  }

  async #setPassword(event, form, error) {
    event.preventDefault();
    const { password, current } = Object.fromEntries(new FormData(form));
    try {
      await put("/api/auth/password", { password, current: current ?? null });
      this.dialog.close();
      this.toast(t("saved"));
      await this.learn();
    } catch (refusal) {
      error.textContent = text("sentence", refusal.message);
    }
  }

  async #logout() {
    this.dialog.close();
    await this.settle(); // a request that arrives after the logout would be refused
    try {
      await post("/api/auth/logout");
    } catch (refusal) {
      if (refusal.status !== 401) this.refused(refusal); // 401: the session had ended already
    }
    await this.learn();
  }

  #acts(word, ...others) {
    const close = el("button", { class: "button", type: "button", onclick: () => this.dialog.close() }, t("close"));
    return el("div", { class: "acts" }, ...others, close, el("button", { class: "button primary" }, word));
  }

  #open(content) {
    this.dialog.replaceChildren(content);
    if (!this.dialog.open) this.dialog.showModal();
  }
}
