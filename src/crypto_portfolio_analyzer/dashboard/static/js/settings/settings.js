// Settings: one section at a time, each with an address of its own.

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { AboutSettings } from "./about.js";
import { AuditSettings } from "./audit.js";
import { ProfileSettings } from "./profile.js";
import { SecuritySettings } from "./security.js";
import { SilenceSettings } from "./silences.js";
import { TokenSettings } from "./tokens.js";
import { UserSettings } from "./users.js";

const SECTIONS = {
  profile: ProfileSettings,
  security: SecuritySettings,
  tokens: TokenSettings,
  users: UserSettings,
  silences: SilenceSettings,
  audit: AuditSettings,
  about: AboutSettings,
};
const FOR_ADMINS = ["users"];

export class SettingsView {
  constructor({ store, session, go, toast, section }) {
    Object.assign(this, { store, session, go, toast });
    this.name = section in SECTIONS ? section : "profile";
    this.body = el("div", { class: "settings-body" });
    this.nav = el("nav", { class: "settings-nav" });
    this.heading = el("h1");
    this.root = el("section", { class: "page scroll settings-page" }, this.heading, el("div", { class: "settings" }, this.nav, this.body));
    this.section = null;
  }

  get title() {
    return `${t("settings")} · ${t(`settings_${this.name}`)}`;
  }

  async start() {
    this.#frame();
    if (!this.session.isUser && this.name !== "about") return this.body.replaceChildren(el("p", { class: "mute" }, t("settingsLogin")));
    const { store, session, go, toast } = this;
    this.section = new SECTIONS[this.name]({ store, session, go, toast });
    this.body.replaceChildren(this.section.root);
    this.nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    await this.#learn();
  }

  stop() {
    this.section?.stop?.();
    this.section = null;
  }

  retell() {
    this.#frame();
    this.section?.draw();
  }

  linkChanged() {}

  key() {
    return false;
  }

  async #learn() {
    const { section } = this;
    try {
      await section.learn();
      if (section === this.section) section.draw();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (section !== this.section) return;
      this.session.refused(refusal, () => this.start());
    }
  }

  #frame() {
    this.heading.textContent = t("settings");
    this.nav.setAttribute("aria-label", t("settings"));
    const shown = Object.keys(SECTIONS).filter((name) => this.session.isAdmin || !FOR_ADMINS.includes(name));
    const link = (name) => el("a", { class: "tab", href: `/settings/${name}`, "data-link": "", "aria-current": name === this.name ? "page" : null }, t(`settings_${name}`));
    this.nav.replaceChildren(...shown.map(link), el("a", { class: "tab", href: "/channels", "data-link": "" }, t("channels")));
  }
}
