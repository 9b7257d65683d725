// Audit: who changed what and when, and whether the chain of entries is whole.

import { get } from "../api.js";
import { bdi, el } from "../dom.js";
import { button, field, input, valuesOf } from "../forms.js";
import { exactly, integer, moment } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const MOST = 50;
const FILTERS = { actor: "auditActor", action: "auditAction", subject: "auditSubject" };

export class AuditSettings {
  constructor({ store, session, toast }) {
    Object.assign(this, { store, session, toast });
    this.rows = el("tbody");
    this.more = button(t("auditMore"), () => this.#more());
    this.verdict = el("p", { class: "audit-verdict", role: "status" });
    this.asked = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => name in FILTERS));
    this.root = el("div", { class: "stack" });
    this.entries = null;
    this.cursor = null;
  }

  async learn() {
    const told = await get(`/api/audit?${this.#query()}`);
    this.entries = told.entries;
    this.cursor = told.next_cursor;
  }

  #query(more = {}) {
    return new URLSearchParams({ ...this.asked, limit: String(MOST), ...more });
  }

  draw() {
    const inputs = Object.entries(FILTERS).map(([name, word]) => field(t(word), input(name, { value: this.asked[name] ?? "", maxlength: "120", spellcheck: false })));
    const form = el("form", { class: "form-line", role: "search", onsubmit: (event) => this.#filter(event) }, ...inputs, el("button", { class: "button" }, t("auditFilter")));
    const heads = ["time", "auditActor", "auditAction", "auditSubject", "auditDetails"].map((word) => el("th", { scope: "col" }, t(word)));
    const table = el("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": t("settings_audit") }, el("table", { class: "table audit" }, el("thead", {}, el("tr", {}, ...heads)), this.rows));
    const verify = this.session.isAdmin ? el("div", { class: "acts start" }, button(t("auditVerify"), () => this.#verify()), this.verdict) : null;
    this.root.replaceChildren(el("section", { class: "card" }, el("h2", {}, t("settings_audit")), el("p", { class: "mute" }, t("auditWhy")), ...[verify].filter(Boolean), form, table, this.more));
    this.#fill();
  }

  #fill() {
    const entries = this.entries ?? [];
    const none = el("tr", {}, el("td", { class: "mute", colspan: "5" }, t("auditEmpty")));
    this.rows.replaceChildren(...(entries.length ? entries.map((entry) => this.#row(entry)) : [none]));
    this.more.hidden = !this.cursor;
  }

  #row(entry) {
    const at = Date.parse(entry.at);
    const cell = (kind, value) => el("td", {}, bdi(text(kind, value)));
    return el(
      "tr",
      {},
      el("td", {}, el("time", { datetime: entry.at, title: exactly(at) }, moment(at, this.store.now(), language))),
      cell("name", entry.actor),
      cell("name", entry.action),
      cell("name", entry.subject),
      el("td", { class: "mono details" }, bdi(text("sentence", detailsOf(entry.details)))),
    );
  }

  async #filter(event) {
    event.preventDefault();
    this.asked = Object.fromEntries(Object.entries(valuesOf(event.target)).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
    const query = new URLSearchParams(this.asked);
    history.replaceState(null, "", `/settings/audit${query.size ? `?${query}` : ""}`);
    await this.#ask(async () => {
      await this.learn();
      this.#fill();
    });
  }

  #more() {
    return this.#ask(async () => {
      const told = await get(`/api/audit?${this.#query({ cursor: this.cursor })}`);
      this.entries = [...this.entries, ...told.entries];
      this.cursor = told.next_cursor;
      this.#fill();
    });
  }

  #verify() {
    return this.#ask(async () => {
      const told = await get("/api/audit/verify");
      this.verdict.className = `audit-verdict ${told.ok ? "leaf-yes" : "error"}`;
      const words = told.ok ? t("auditWhole", { n: integer(told.entries, language) }) : t("auditBroken", { n: String(told.broken_at) });
      this.verdict.textContent = told.ok ? `${words} ${t("auditHead", { head: text("symbol", told.head) })}` : words;
    });
  }

  async #ask(question) {
    try {
      await question();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      this.session.refused(refusal, () => this.#ask(question));
    }
  }
}

/** What belongs to an entry, as `name: value`. */
function detailsOf(details) {
  if (!details) return "";
  if (typeof details !== "object") return String(details);
  return Object.entries(details).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
}
