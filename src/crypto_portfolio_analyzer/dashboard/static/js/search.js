// Search: a combobox over watched symbols first, then over every market the venues list.

import { get, inPath } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { text } from "./text.js";

const PAUSE_MS = 150;
const MOST = 12;

/** Exact base, then prefix, then anywhere; scattered letters never match. */
export function rank(symbol, wanted) {
  const [base] = symbol.split("/");
  const joined = symbol.replace(/[/:]/g, "");
  const tests = [base === wanted, joined === wanted, joined.startsWith(wanted), joined.includes(wanted)];
  const found = tests.indexOf(true);
  return found < 0 ? null : found;
}

export class Search {
  constructor({ store, session, go, add }) {
    Object.assign(this, { store, session, go, add });
    this.root = document.getElementById("search");
    this.field = document.getElementById("search-field");
    this.box = document.getElementById("search-box");
    this.list = document.getElementById("search-found");
    this.nothing = document.getElementById("search-none");
    this.found = [];
    this.chosen = 0;
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    this.field.addEventListener("focus", () => this.#changed());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#pick(event));
  }

  open() {
    this.root.classList.add("open");
    this.field.focus();
    this.field.select();
  }

  close() {
    this.root.classList.remove("open");
    this.box.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.aborting?.abort();
  }

  #wanted() {
    return this.field.value.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  }

  #changed() {
    clearTimeout(this.waiting);
    this.aborting?.abort();
    const wanted = this.#wanted();
    if (!wanted) {
      this.box.hidden = true;
      return;
    }
    const near = [...this.store.prices.keys()]
      .map((symbol) => ({ symbol, watched: true, rank: rank(symbol, wanted) }))
      .filter((each) => each.rank !== null)
      .sort((one, other) => one.rank - other.rank || one.symbol.localeCompare(other.symbol));
    this.found = near.slice(0, MOST);
    this.chosen = 0;
    this.#show(this.session.isUser);
    if (this.session.isUser) this.waiting = setTimeout(() => this.#ask(wanted), PAUSE_MS);
  }

  async #ask(wanted) {
    this.aborting = new AbortController();
    try {
      const answer = await get(`/api/symbols?q=${encodeURIComponent(this.field.value)}&limit=20`, this.aborting.signal);
      if (wanted !== this.#wanted()) return;
      // Later answers go below and never move the selection
      const have = new Set(this.found.map((each) => each.symbol));
      const more = answer.symbols.filter((each) => !have.has(each.symbol));
      this.found = [...this.found, ...more.map((each) => ({ symbol: each.symbol, watched: each.state !== null }))].slice(0, MOST);
      this.#show(false);
    } catch {
      this.#show(false);
    }
  }

  #show(isAsking) {
    const options = this.found.map((each, index) =>
      el(
        "li",
        { role: "option", id: `found-${index}`, "aria-selected": String(index === this.chosen), "data-index": String(index) },
        el("bdi", {}, text("symbol", each.symbol)),
        el("small", {}, t(each.watched ? "searchWatched" : "searchAdd")),
      ),
    );
    this.list.replaceChildren(...options);
    this.nothing.hidden = Boolean(options.length) || isAsking;
    this.nothing.textContent = this.session.isUser ? t("searchNone", { text: text("symbol", this.field.value) }) : t("searchLogin");
    this.box.hidden = !options.length && isAsking;
    this.field.setAttribute("aria-expanded", String(!this.box.hidden));
    if (options.length) this.field.setAttribute("aria-activedescendant", `found-${this.chosen}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      this.chosen = (this.chosen + step + this.found.length) % this.found.length;
      this.#show(false);
      this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && this.found.length) this.#take(this.found[this.chosen]);
    else if (event.key === "Escape") this.#leave();
    else return;
    event.preventDefault();
  }

  #pick(event) {
    const option = event.target.closest("li");
    if (option) this.#take(this.found[Number(option.dataset.index)]);
  }

  #take(found) {
    this.#leave();
    if (found.watched) this.go(`/chart/${inPath(found.symbol)}`);
    else this.add(found.symbol);
  }

  #leave() {
    this.field.value = "";
    this.field.blur();
    this.close();
  }
}
