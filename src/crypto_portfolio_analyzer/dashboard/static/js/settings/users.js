// Users: who may come in, as what; administrators only.

import { del, get, patch, post } from "../api.js";
import { bdi, el } from "../dom.js";
import { askByName, button, choice, complaint, field, input, onceShown, valuesOf } from "../forms.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const ROLES = ["admin", "trader", "reader"];

const userPath = (user) => `/api/users/${encodeURIComponent(user.name)}`;
const roleChoices = () => ROLES.map((role) => [role, t(`role_${role}`)]);

export class UserSettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.made = el("div");
    this.list = el("section", { class: "card" });
    this.form = el("section", { class: "card" });
    this.root = el("div", { class: "stack" }, this.made, this.list, this.form);
    this.users = null;
  }

  async learn() {
    this.users = (await get("/api/users")).users;
  }

  draw() {
    this.list.replaceChildren(el("h2", {}, t("settings_users")), el("ul", { class: "lines" }, ...(this.users ?? []).map((user) => this.#row(user))));
    this.#drawForm();
  }

  #row(user) {
    const isMe = user.name === this.session.me.name;
    const told = [user.disabled_at ? t("userDisabled") : "", user.has_password ? "" : t("userNoPassword"), user.totp ? t("totpOn") : "", t("userSince", { time: moment(Date.parse(user.created_at), this.store.now(), language) })];
    const role = choice("role", roleChoices(), user.role, { "aria-label": `${t("role")}: ${text("name", user.name)}`, disabled: isMe, onchange: () => this.#change(user, { role: role.value }, { role: user.role }) });
    const acts = [
      button(t("userLink"), () => this.#link(user), { disabled: Boolean(user.disabled_at) }),
      user.totp && !isMe ? button(t("totpReset"), () => this.#resetTotp(user)) : null,
      isMe ? null : user.disabled_at ? button(t("userEnable"), () => this.#change(user, { disabled: false })) : button(t("userDisable"), () => this.#disable(user)),
    ];
    return el(
      "li",
      { class: "line user" },
      el("span", { class: "line-what" }, el("b", {}, bdi(text("name", user.name)), isMe ? el("span", { class: "chip chip-ok" }, t("userYou")) : null), el("span", { class: "mute" }, told.filter(Boolean).join(" · "))),
      role,
      el("span", { class: "line-acts" }, ...acts.filter(Boolean)),
    );
  }

  #drawForm() {
    const error = el("p", { class: "error", role: "alert" });
    const about = el("dl", { class: "roles" }, ...ROLES.flatMap((role) => [el("dt", {}, t(`role_${role}`)), el("dd", { class: "mute" }, t(`role_${role}_may`))]));
    const form = el(
      "form",
      { class: "form-line", autocomplete: "off", onsubmit: (event) => this.#add(event, error) },
      field(t("name"), input("name", { required: true, maxlength: "64", spellcheck: false, autocapitalize: "none" })),
      field(t("role"), choice("role", roleChoices(), "trader")),
      el("button", { class: "button primary" }, t("userAdd")),
    );
    this.form.replaceChildren(el("h2", {}, t("userNew")), el("p", { class: "mute" }, t("userNewWhy")), form, error, about);
  }

  async #again() {
    await this.learn();
    this.draw();
  }

  #showLink(name, url, until) {
    const time = moment(Date.parse(until), this.store.now(), language);
    this.made.replaceChildren(onceShown(t("userLinkOnce", { name: text("name", name) }), url, t("userLinkUse", { time })));
    this.made.scrollIntoView({ block: "nearest" });
  }

  async #add(event, error) {
    event.preventDefault();
    const form = event.target;
    try {
      const made = await post("/api/users", valuesOf(form));
      await this.#again();
      this.#showLink(made.name, made.login_url, made.login_expires_at);
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (refusal.status === 401) this.session.refused(refusal, () => form.requestSubmit());
      else error.textContent = complaint(refusal);
    }
  }

  async #link(user) {
    try {
      const told = await post(`${userPath(user)}/login-link`);
      this.#showLink(user.name, told.login_url, told.expires_at);
    } catch (refusal) {
      this.session.refused(refusal, () => this.#link(user));
    }
  }

  async #change(user, change, back = null) {
    try {
      await patch(userPath(user), change);
      const undo = back && (() => this.#change(user, back));
      this.toast(t("userChanged", { name: text("name", user.name) }), undo && t("undo"), undo);
    } catch (refusal) {
      this.session.refused(refusal, () => this.#change(user, change, back));
    }
    await this.#again();
  }

  async #resetTotp(user) {
    const act = async () => {
      await del(`${userPath(user)}/totp`);
      await this.#again();
    };
    askByName(this.session.dialog, { title: t("totpReset"), why: t("totpResetWhy"), name: user.name, word: t("totpReset"), act });
  }

  #disable(user) {
    const act = async () => {
      await patch(userPath(user), { disabled: true });
      this.toast(t("userChanged", { name: text("name", user.name) }), t("undo"), () => this.#change(user, { disabled: false }));
      await this.#again();
    };
    askByName(this.session.dialog, { title: t("userDisable"), why: t("userDisableWhy"), name: user.name, word: t("userDisable"), act });
  }
}
