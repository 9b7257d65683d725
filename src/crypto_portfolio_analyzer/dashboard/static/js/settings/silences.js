// Silences: alerts that go on being judged but tell nobody; a preview says whom a new one would mute.

import { all } from "../alerts/alerts.js";
import { del, get, post } from "../api.js";
import { bdi, el } from "../dom.js";
import { button, choice, complaint, field, input, valuesOf } from "../forms.js";
import { moment } from "../format.js";
import { language, t } from "../i18n.js";
import { mutes, SPANS } from "../alerts/silencing.js";
import { text } from "../text.js";

const FIELDS = ["symbol", "name", "tag", "severity"];
const NEAR_PERCENT = 1;
const REST = { symbol: "BTC/USDT", name: "btc *", tag: "swing", severity: "info" };

export class SilenceSettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.list = el("section", { class: "card" });
    this.form = el("section", { class: "card" });
    this.root = el("div", { class: "stack" }, this.list, this.form);
    this.silences = null;
    this.alerts = [];
  }

  async learn() {
    const [told, alerts] = await Promise.all([get("/api/silences"), all("/api/alerts", "alerts")]);
    Object.assign(this, { silences: told.silences, alerts });
  }

  draw() {
    const rows = (this.silences ?? []).map((each) => this.#row(each));
    this.list.replaceChildren(el("h2", {}, t("settings_silences")), rows.length ? el("ul", { class: "lines" }, ...rows) : el("p", { class: "mute" }, t("silencesEmpty")));
    this.#drawForm();
  }

  #row(each) {
    const now = this.store.now();
    const what = Object.entries(each.matchers).map(([name, value]) => el("span", { class: "chip chip-plain" }, `${t(`match_${name}`)}: `, bdi(text("name", name === "id" ? this.#nameOf(value) : value))));
    const span = each.active ? t("goodUntil", { time: moment(Date.parse(each.ends_at), now, language) }) : t("silenceFrom", { time: moment(Date.parse(each.starts_at), now, language) });
    return el(
      "li",
      { class: "line" },
      el("span", { class: "line-what" }, el("span", { class: "scopes start" }, ...what), el("span", { class: "mute" }, [span, t("mutesMany", { n: this.#muted(each.matchers).length })].join(" · ")), each.comment ? el("span", { class: "mute" }, bdi(text("note", each.comment))) : null),
      button(t("silenceEnd"), () => this.#end(each)),
    );
  }

  #nameOf(id) {
    return this.alerts.find((alert) => alert.id === id)?.name ?? id;
  }

  #muted(matchers) {
    return this.alerts.filter((alert) => mutes(matchers, alert));
  }

  #drawForm() {
    const error = el("p", { class: "error", role: "alert" });
    const told = el("p", { class: "preview", role: "status" });
    const value = input("value", { required: true, maxlength: "120", placeholder: REST.symbol, spellcheck: false });
    const by = choice("by", FIELDS.map((name) => [name, t(`match_${name}`)]), "symbol", { onchange: () => [value.setAttribute("placeholder", REST[by.value]), preview()] });
    const preview = () => {
      told.textContent = value.value.trim() ? this.#preview({ [by.value]: value.value.trim() }) : t("silenceHint");
    };
    value.addEventListener("input", preview);
    const form = el(
      "form",
      { class: "stack-narrow", autocomplete: "off", onsubmit: (event) => this.#create(event, error) },
      el("div", { class: "form-line" }, field(t("silenceBy"), by), field(t("silenceValue"), value), field(t("silenceSpan"), choice("seconds", Object.entries(SPANS).map(([words, seconds]) => [String(seconds), words]), "3600"))),
      field(t("silenceComment"), input("comment", { maxlength: "500" })),
      told,
      error,
      el("div", { class: "acts start" }, el("button", { class: "button primary" }, t("silenceWord"))),
    );
    preview();
    this.form.replaceChildren(el("h2", {}, t("silenceNew")), form);
  }

  /** "Mutes 14 alerts, 3 of them near." */
  #preview(matchers) {
    const muted = this.#muted(matchers);
    const near = muted.filter((alert) => alert.state === "armed" && typeof alert.nearest_percent === "number" && Math.abs(alert.nearest_percent) <= NEAR_PERCENT);
    return muted.length ? t("mutesNear", { n: muted.length, near: near.length }) : t("mutesNone");
  }

  async #create(event, error) {
    event.preventDefault();
    const { by, value, seconds, comment } = valuesOf(event.target);
    const form = event.target;
    try {
      await post("/api/silences", { matchers: { [by]: value.trim() }, duration_seconds: Number(seconds), comment: comment.trim() });
      this.toast(t("silenceMade"));
      await this.learn();
      this.draw();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      if (refusal.status === 401) this.session.refused(refusal, () => form.requestSubmit());
      else error.textContent = complaint(refusal);
    }
  }

  async #end(each) {
    try {
      await del(`/api/silences/${encodeURIComponent(each.id)}`);
      this.toast(t("silenceEnded"));
      await this.learn();
      this.draw();
    } catch (refusal) {
      this.session.refused(refusal, () => this.#end(each));
    }
  }
}
