// Profile: how the page speaks and looks to one person. Every choice holds at once.

import { el, keepingFocus } from "../dom.js";
import { choice, field, radios, tick } from "../forms.js";
import { clock, percent, zoneNow } from "../format.js";
import { language, t } from "../i18n.js";
import { COLOURS, prefer, preferred, THEMES } from "../preferences.js";
import { zoneChoices, zoneChosen } from "./zones.js";

export class ProfileSettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.root = el("div", { class: "stack" });
    this.draw();
  }

  async learn() {}

  draw() {
    const now = preferred();
    const zone = choice("zone", zoneChoices(), zoneChosen(), { "data-focus": "zone", onchange: () => this.#prefer({ zone: zone.value || null }) });
    const theme = (name) => [name, t(`look_${name}`)];
    const colours = (name) => [name, el("span", { class: "colours", "data-colours": name }, el("span", { class: "colour-up" }, `▲ ${percent(2.31, language)}`), el("span", { class: "colour-down" }, `▼ ${percent(-0.84, language)}`)), t(`colours_${name}`)];
    this.root.replaceChildren(
      this.#card(t("languageWord"), radios("language", [["en", "English"], ["de", "Deutsch"]], language, (spoken) => this.#prefer({ language: spoken }))),
      this.#card(t("setupZone"), field(t("setupZoneNow", { zone: zoneNow() }), zone, t("zoneTime", { time: clock(this.store.now()) }))),
      this.#card(t("theme"), radios("theme", THEMES.map(theme), now.theme, (chosen) => this.#prefer({ theme: chosen }))),
      this.#card(t("coloursWord"), el("p", { class: "mute" }, t("coloursWhy")), radios("colours", COLOURS.map(colours), now.colours, (chosen) => this.#prefer({ colours: chosen }))),
      this.#card(t("keys"), tick("letters", t("lettersWord"), now.letters, { onchange: (event) => this.#prefer({ letters: event.target.checked }) }), el("p", { class: "mute" }, t("lettersWhy"))),
    );
  }

  #card(title, ...content) {
    return el("section", { class: "card" }, el("h2", {}, title), ...content);
  }

  async #prefer(change) {
    try {
      await prefer(change);
      if ("zone" in change) keepingFocus(this.root, () => this.draw());
      this.toast(t("saved"));
    } catch (refusal) {
      this.session.refused(refusal, () => this.#prefer(change));
    }
  }
}
