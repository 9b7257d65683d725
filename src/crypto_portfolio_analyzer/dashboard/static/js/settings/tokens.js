// API tokens: what programs log in with, what each may do, until when.

import { del, get, post } from "../api.js";
import { bdi, el } from "../dom.js";
import { askByName, button, choice, complaint, field, input, onceShown, tick, tickedOf, valuesOf } from "../forms.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const WIDE = ["read", "write", "admin"];
const AREAS = ["alerts", "market", "channels", "delivery", "portfolio"];
const SPANS = ["30", "90", "365", ""];

export class TokenSettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.list = el("section", { class: "card" });
    this.made = el("div");
    this.form = el("section", { class: "card" });
    this.root = el("div", { class: "stack" }, this.made, this.list, this.form);
    this.tokens = null;
  }

  async learn() {
    this.tokens = (await get("/api/auth/tokens")).tokens;
  }

  draw() {
    this.#drawForm();
    this.#drawList();
  }

  #drawList() {
    const rows = (this.tokens ?? []).map((token) => this.#row(token));
    const empty = el("p", { class: "mute" }, t("tokensEmpty"));
    this.list.replaceChildren(el("h2", {}, t("settings_tokens")), rows.length ? el("ul", { class: "lines" }, ...rows) : empty);
  }

  #row(token) {
    const now = this.store.now();
    const until = token.expires_at ? t("goodUntil", { time: moment(Date.parse(token.expires_at), now, language) }) : t("goodForever");
    const used = token.last_used_at ? t("usedLast", { time: moment(Date.parse(token.last_used_at), now, language) }) : t("usedNever");
    return el(
      "li",
      { class: "line" },
      el("span", { class: "line-what" }, el("b", {}, bdi(text("name", token.name))), el("span", { class: "mute" }, `${until} · ${used}`)),
      el("span", { class: "scopes" }, ...token.scopes.map((scope) => el("span", { class: "chip chip-plain" }, text("name", scopeWords(scope))))),
      button(t("revoke"), () => this.#revoke(token)),
    );
  }

  #drawForm() {
    const spans = SPANS.map((days) => [days, days ? t("daysMany", { n: days }) : t("goodForever")]);
    const wide = WIDE.filter((scope) => scope !== "admin" || this.session.isAdmin);
    const fine = AREAS.flatMap((area) => [`${area}:read`, `${area}:write`]);
    const boxes = (scopes) => scopes.map((scope) => tick("scope", scopeWords(scope), scope === "read", { value: scope }));
    const error = el("p", { class: "error", role: "alert" });
    const form = el(
      "form",
      { class: "stack-narrow", autocomplete: "off", onsubmit: (event) => this.#create(event, error) },
      field(t("name"), input("name", { required: true, maxlength: "64", placeholder: t("tokenHint") })),
      el("fieldset", { class: "bare-set" }, el("legend", {}, t("tokenMay")), ...boxes(wide), el("details", {}, el("summary", {}, t("tokenFine")), el("div", { class: "fine" }, ...boxes(fine)))),
      field(t("tokenSpan"), choice("days", spans, "90")),
      error,
      el("div", { class: "acts start" }, el("button", { class: "button primary" }, t("create"))),
    );
    this.form.replaceChildren(el("h2", {}, t("tokenNew")), el("p", { class: "mute" }, t("tokenWhy")), form);
  }

  async #create(event, error) {
    event.preventDefault();
    const form = event.target;
    const { name, days } = valuesOf(form);
    try {
      const made = await post("/api/auth/tokens", { name: name.trim(), scopes: tickedOf(form, "scope"), expires_in_days: days ? Number(days) : null });
      this.made.replaceChildren(onceShown(t("tokenOnce", { name: text("name", made.name) }), made.token, t("tokenUse")));
      this.made.scrollIntoView({ block: "nearest" });
      await this.learn();
      this.draw();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (refusal.status === 401) this.session.refused(refusal, () => form.requestSubmit());
      else error.textContent = complaint(refusal);
    }
  }

  #revoke(token) {
    const act = async () => {
      await del(`/api/auth/tokens/${encodeURIComponent(token.id)}`);
      this.toast(t("tokenRevoked", { name: text("name", token.name) }));
      await this.learn();
      this.draw();
    };
    askByName(this.session.dialog, { title: t("tokenRevoke"), why: t("tokenRevokeWhy"), name: token.name, word: t("revoke"), act });
  }
}

/** What a scope lets one do, in plain words. */
function scopeWords(scope) {
  if (WIDE.includes(scope)) return t(`scope_${scope}`);
  const [area, way] = scope.split(":");
  return AREAS.includes(area) ? t(`scope_area_${way}`, { area: t(`area_${area}`) }) : scope;
}
