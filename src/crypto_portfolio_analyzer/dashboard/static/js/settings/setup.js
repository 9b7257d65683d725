// First run, after the one-time link: language, password, zone, and what market this is. Everything can wait but is
// asked for again until a password is set.

import { bdi, el, keepingFocus } from "../dom.js";
import { choice, complaint, field, radios, valuesOf } from "../forms.js";
import { zoneNow } from "../format.js";
import { language, t } from "../i18n.js";
import { newPassword } from "../shell/password.js";
import { prefer } from "../preferences.js";
import { text } from "../text.js";
import { zoneChoices, zoneChosen } from "./zones.js";

const SKIPPED = "setup-skipped";

/**
 * Begin with this view: a session by link, no password yet, not just skipped. A simulated market shows itself first,
 * without a form; there the settings lead here.
 */
export function offerSetup({ session, store, go }) {
  if (!session.me?.first_run || sessionStorage.getItem(SKIPPED) !== null) return;
  const offer = () => {
    if (!store.health.simulated && location.pathname === "/") go("/setup");
  };
  if (store.health) offer();
  else store.addEventListener("health", offer, { once: true });
}

export class SetupView {
  constructor({ store, session, go, toast }) {
    Object.assign(this, { store, session, go, toast });
    this.error = el("p", { class: "error", role: "alert" });
    this.market = el("div");
    this.root = el("section", { class: "page scroll setup" });
    this.typed = "";
    this.heard = () => this.#market();
  }

  get title() {
    return t("setup");
  }

  start() {
    this.store.addEventListener("health", this.heard);
    this.#draw();
  }

  stop() {
    this.store.removeEventListener("health", this.heard);
  }

  retell() {
    this.typed = this.root.querySelector("[name=password]")?.value ?? "";
    this.#draw();
  }

  linkChanged() {
    this.#market();
  }

  key() {
    return false;
  }

  #draw() {
    if (!this.session.isUser) {
      this.root.replaceChildren(el("h1", {}, t("setup")), el("p", { class: "mute" }, t("settingsLogin")));
      return;
    }
    const tongues = radios("language", [["en", "English"], ["de", "Deutsch"]], language, (spoken) => this.#prefer({ language: spoken }));
    const zone = choice("zone", zoneChoices(), zoneChosen(), { "data-focus": "zone", onchange: () => this.#prefer({ zone: zone.value || null }) });
    const form = el(
      "form",
      { class: "setup-form", onsubmit: (event) => this.#save(event) },
      this.#step(1, t("setupLanguage"), tongues),
      this.session.me.has_password ? null : this.#step(2, t("setupPassword"), el("p", { class: "mute" }, t("setupPasswordWhy")), newPassword(this.session.me)),
      this.#step(3, t("setupZone"), field(t("setupZoneNow", { zone: zoneNow() }), zone)),
      this.#step(4, t("setupMarket"), this.market),
      this.error,
      el("div", { class: "acts" }, el("button", { class: "button", type: "button", "data-skip": "", onclick: () => this.#skip() }, t("setupSkip")), el("button", { class: "button primary" }, t("setupDone"))),
    );
    const hello = el("header", {}, el("h1", {}, t("setupHello", { name: text("name", this.session.me.name) })), el("p", { class: "mute" }, t("setupWhy")));
    this.root.replaceChildren(hello, form);
    const typed = form.querySelector("[name=password]");
    if (typed && this.typed) typed.value = this.typed;
    this.#market();
  }

  #step(number, title, ...content) {
    return el("section", { class: "card setup-step" }, el("h2", {}, el("span", { class: "setup-number", "aria-hidden": "true" }, String(number)), title), ...content);
  }

  /** What the prices are, and how that is changed. */
  #market() {
    const { health } = this.store;
    if (!health) return;
    const feeds = health.feeds.map((feed) => feed.label).join(", ");
    const what = health.simulated ? el("p", {}, el("span", { class: "chip chip-sim" }, "SIM"), " ", t("setupSimulated")) : el("p", {}, t("setupReal"), " ", bdi(text("sentence", feeds)));
    this.market.replaceChildren(what, el("p", { class: "mute" }, t(health.simulated ? "setupToReal" : "setupToSimulated")), el("code", { class: "mono command" }, health.simulated ? "crypto-analyzer start" : "crypto-analyzer demo"));
  }

  async #prefer(change) {
    try {
      await prefer(change);
      if ("zone" in change) keepingFocus(this.root, () => this.retell());
    } catch (refusal) {
      this.session.refused(refusal, () => this.#prefer(change));
    }
  }

  async #save(event) {
    event.preventDefault();
    const { password } = valuesOf(event.target);
    try {
      if (password) await this.session.setPassword({ password });
      this.toast(t("setupReady"));
      this.go("/");
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      this.error.textContent = complaint(refusal);
    }
  }

  #skip() {
    sessionStorage.setItem(SKIPPED, "1");
    this.go("/");
  }
}
