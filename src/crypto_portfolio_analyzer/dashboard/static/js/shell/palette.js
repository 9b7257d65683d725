// The palette: one field for symbols, pages, settings, commands, and whole alerts. A combobox with its listbox.

import { del, get, post } from "../api.js";
import { el, icon } from "../dom.js";
import { language, t } from "../i18n.js";
import { recall, remember } from "../memory.js";
import { aliasesOf, asAlert, ranked } from "./ranking.js";
import { text } from "../text.js";

const PAUSE_MS = 150;
const MOST = 12;
const REMEMBERED = 20;
const ASKED = 20;
const NAME_LENGTH = 60;

export class Palette {
  /** `offers()` returns what can be done besides symbols: `{id, label, aliases, icon, hint, run, isFirst}`. */
  constructor({ store, session, go, add, offers, toast }) {
    Object.assign(this, { store, session, go, add, offers, toast });
    this.root = document.getElementById("search");
    this.field = document.getElementById("search-field");
    this.box = document.getElementById("search-box");
    this.list = document.getElementById("search-found");
    this.nothing = document.getElementById("search-none");
    this.found = [];
    this.chosen = 0;
    this.recent = recall("recent", "").split("\n").filter(Boolean); // newest first
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => setTimeout(() => document.activeElement === this.field || this.close(), 120));
    this.field.addEventListener("focus", () => this.#changed());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#pick(event));
  }

  open() {
    this.back = document.activeElement;
    this.root.classList.add("open");
    this.field.focus();
    this.field.select();
    this.#changed();
  }

  close() {
    this.root.classList.remove("open");
    this.box.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.#abort();
  }

  #abort() {
    clearTimeout(this.waiting);
    this.aborting?.abort();
    this.aborting = new AbortController();
  }

  #changed() {
    this.#abort();
    const query = this.field.value.trim();
    const draft = asAlert(query, [...this.store.prices.keys()]);
    this.found = draft && this.session.isUser ? [this.#alert(draft), ...this.#near(query)] : this.#near(query);
    this.chosen = 0;
    this.isAsking = Boolean(query) && this.session.isUser;
    this.#show();
    if (!this.isAsking) return;
    const { signal } = this.aborting;
    this.waiting = setTimeout(() => (draft ? this.#validate(draft, signal) : this.#ask(query, signal)), PAUSE_MS);
  }

  /** What is known here, best first: actions on the current object, then all the rest by rank. */
  #near(query) {
    const recent = new Map(this.recent.map((id, index) => [id, REMEMBERED - index]));
    const known = [...this.offers(), ...[...this.store.prices.keys()].map((symbol) => this.#symbol(symbol, true))];
    const items = known.map((item) => ({ ...item, recent: recent.get(item.id) ?? 0 }));
    if (query) {
      const fitting = ranked(items, query);
      return [...fitting.filter((item) => item.isFirst), ...fitting.filter((item) => !item.isFirst)].slice(0, MOST);
    }
    const used = items.filter((item) => item.recent && !item.isFirst).sort((one, other) => other.recent - one.recent);
    const rest = items.filter((item) => !item.recent && !item.isFirst && item.kind !== "symbol");
    return [...items.filter((item) => item.isFirst), ...used, ...rest].slice(0, MOST);
  }

  #symbol(symbol, isWatched) {
    return {
      id: `symbol ${symbol}`,
      kind: "symbol",
      label: symbol,
      aliases: aliasesOf(symbol),
      icon: isWatched ? "chart" : "plus",
      hint: t(isWatched ? "searchWatched" : "searchAdd"),
      run: () => (isWatched ? this.go(`/chart/${encodeURIComponent(symbol.replace("/", "-"))}`) : this.add(symbol)),
    };
  }

  #alert({ symbol, condition }) {
    const sentence = `${symbol} ${condition}`;
    const edit = `/alerts/new?symbol=${encodeURIComponent(symbol)}&condition=${encodeURIComponent(condition)}`;
    return { id: "", label: t("createAlert", { sentence }), icon: "bell", hint: "", draft: { symbol, condition }, run: () => this.go(edit) };
  }

  /** Say what row 1 would make, or what is wrong with it; the row stays where it is. */
  async #validate(draft, signal) {
    try {
      const told = await post("/api/alerts/validate", draft, signal);
      const [row] = this.found;
      if (!row?.draft) return;
      if (told.valid) {
        const sentence = typeof told.sentence === "string" ? told.sentence : (told.sentence?.[language] ?? told.condition);
        row.label = t("createAlert", { sentence });
        row.run = () => this.#create({ ...draft, condition: told.condition ?? draft.condition, timeframe: told.timeframe ?? undefined });
      } else {
        row.hint = text("sentence", told.errors[0]?.message ?? "");
      }
      this.isAsking = false;
      this.#show();
    } catch {
      // typed on, or the server is away: Enter opens the editor
    }
  }

  async #create(draft) {
    const base = `${draft.symbol} ${draft.condition}`.slice(0, NAME_LENGTH);
    try {
      const made = await this.#named(draft, base);
      this.toast(t("createdAlert", { name: text("name", made.name) }), t("undo"), () => del(`/api/alerts/${encodeURIComponent(made.id)}`));
    } catch (refusal) {
      this.session.refused(refusal, () => this.#create(draft));
    }
  }

  /** Make it under a name of its own; one that is taken gets a number. */
  async #named(draft, base, number = 1) {
    const name = number === 1 ? base : `${base} ${number}`;
    try {
      return await post("/api/alerts?source=page", { ...draft, name });
    } catch (refusal) {
      const isTaken = refusal.problem?.errors?.some((fault) => fault.path === "name");
      if (!isTaken || number > 20) throw refusal;
      return this.#named(draft, base, number + 1);
    }
  }

  async #ask(query, signal) {
    try {
      const answer = await get(`/api/symbols?q=${encodeURIComponent(query.slice(0, 48))}&limit=${ASKED}`, signal);
      // Later answers go below and never move the selection
      const have = new Set(this.found.map((each) => each.id));
      const more = answer.symbols.map((each) => this.#symbol(each.symbol, each.state !== null)).filter((each) => !have.has(each.id));
      this.found = [...this.found, ...more].slice(0, MOST);
    } catch (refusal) {
      if (refusal.name === "AbortError") return;
    }
    this.isAsking = false;
    this.#show();
  }

  #show() {
    const options = this.found.map((item, index) =>
      el(
        "li",
        { role: "option", id: `found-${index}`, "aria-selected": String(index === this.chosen), "data-index": String(index) },
        icon(item.icon ?? "play"),
        el("bdi", {}, text("note", item.label)),
        item.hint ? el("small", {}, item.hint) : null,
        item.keys ? el("kbd", { "aria-hidden": "true" }, item.keys) : null,
      ),
    );
    this.list.replaceChildren(...options);
    this.nothing.hidden = Boolean(options.length) || this.isAsking;
    this.nothing.textContent = this.session.isUser ? t("searchNone", { text: text("symbol", this.field.value) }) : t("searchLogin");
    this.box.hidden = !options.length && this.isAsking;
    this.field.setAttribute("aria-expanded", String(!this.box.hidden));
    if (options.length) this.field.setAttribute("aria-activedescendant", `found-${this.chosen}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  #choose(index) {
    this.list.children[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = index;
    const option = this.list.children[index];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", option.id);
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) this.#choose((this.chosen + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" && this.found.length) this.#take(this.found[this.chosen]);
    else if (event.key === "Escape") this.#leave(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(event) {
    const option = event.target.closest("li");
    if (option) this.#take(this.found[Number(option.dataset.index)]);
  }

  #take(item) {
    this.#leave(false);
    if (item.id) {
      this.recent = [item.id, ...this.recent.filter((id) => id !== item.id)].slice(0, REMEMBERED);
      remember("recent", this.recent.join("\n"));
    }
    item.run();
  }

  #leave(isBack) {
    this.field.value = "";
    this.field.blur();
    this.close();
    if (isBack && this.back?.isConnected) this.back.focus({ preventScroll: true });
  }
}
