// Which symbols the market shows: starred ones, all, those of a quote asset, the movers, or a watchlist of one's own.

import { del, get, put } from "../api.js";
import { el, icon } from "../dom.js";
import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";
import { plain } from "../shell/ranking.js";
import { text } from "../text.js";

const MOVERS = 20;
const OWN = "list ";
const MOST_QUOTES = 4;

export class Lists {
  /** `keys()` returns every market that could be shown; `changed()` is told when others are. */
  constructor({ place, store, session, stars, toast, keys, changed }) {
    Object.assign(this, { place, store, session, stars, toast, keys, changed });
    this.own = new Map(); // name -> symbols
    this.filter = "";
    const asked = new URLSearchParams(location.search).get("list");
    this.name = asked ?? recall("list") ?? (stars.symbols.size ? "mine" : "all");
    this.starred = () => [this.draw(), this.changed()];
    place.addEventListener("click", (event) => this.#clicked(event));
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  start() {
    this.stars.addEventListener("change", this.starred);
    return this.learn();
  }

  stop() {
    this.stars.removeEventListener("change", this.starred);
  }

  async learn() {
    if (this.session.isUser) {
      try {
        const { watchlists } = await get("/api/watchlists");
        this.own = new Map(watchlists.map((each) => [each.name, each.symbols]));
      } catch {
        // the banner tells
      }
    }
    this.draw();
    this.changed();
  }

  get ownName() {
    return this.name.startsWith(OWN) ? this.name.slice(OWN.length) : null;
  }

  get isMovers() {
    return this.name === "movers";
  }

  /** The markets of the list, in the list's own order. */
  shown() {
    const all = this.keys();
    const found = this.#of(all);
    if (!this.filter) return found;
    const wanted = plain(this.filter).replaceAll(" ", "");
    return found.filter((key) => plain(key).replaceAll(" ", "").includes(wanted));
  }

  #of(all) {
    if (this.name === "mine") return all.filter((key) => this.stars.has(key));
    if (this.name === "movers") return this.movers(all).slice(0, MOVERS);
    if (this.ownName !== null) return this.own.get(this.ownName) ?? [];
    if (this.name === "all") return all;
    return all.filter((key) => quoteOf(key) === this.name);
  }

  /** Markets by how far they moved in a day, farthest first; what is stale or unknown is none. */
  movers(all = this.keys()) {
    const moved = (key) => {
      const state = this.store.prices.get(key);
      return state && !state.stale ? Math.abs(state.change_percent_24h ?? 0) : 0;
    };
    return all.filter(moved).sort((one, other) => moved(other) - moved(one) || (one < other ? -1 : 1));
  }

  choose(name) {
    this.name = name;
    remember("list", name === "all" ? null : name);
    this.draw();
    this.changed(true);
  }

  /** Tabs: only those that would show something else. */
  #tabs() {
    const counts = new Map();
    for (const key of this.keys()) counts.set(quoteOf(key), (counts.get(quoteOf(key)) ?? 0) + 1);
    const quotes = [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST_QUOTES).map(([quote]) => quote);
    return [
      { name: "mine", words: t("mine"), mark: "star" },
      { name: "all", words: t("tab_all") },
      ...(quotes.length > 1 ? quotes.map((name) => ({ name, words: text("symbol", name) })) : []),
      { name: "movers", words: t("movers") },
      ...[...this.own.keys()].map((name) => ({ name: OWN + name, words: text("name", name) })),
    ];
  }

  draw() {
    const tabs = this.#tabs();
    if (!tabs.some((tab) => tab.name === this.name) && this.store.prices.size && this.own.size) this.name = "all";
    const told = JSON.stringify([tabs, this.name]);
    if (told === this.told) return;
    this.told = told;
    const had = this.place.contains(document.activeElement);
    this.place.replaceChildren(
      ...tabs.map(({ name, words, mark }) =>
        el("button", { type: "button", role: "tab", "data-list": name, "aria-selected": String(name === this.name), tabindex: name === this.name ? "0" : "-1" }, mark ? icon(mark, "icon-14") : null, el("bdi", {}, words)),
      ),
    );
    const chosen = this.place.querySelector("[aria-selected=true]");
    if (!chosen) this.place.firstChild?.setAttribute("tabindex", "0");
    else if (had) chosen.focus();
  }

  #clicked(event) {
    const tab = event.target.closest("[role=tab]");
    if (tab) this.choose(tab.dataset.list);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const tabs = this.#tabs();
    const at = tabs.findIndex((tab) => tab.name === this.name);
    this.choose(tabs[(at + step + tabs.length) % tabs.length].name);
  }

  /** Make, change or, with no symbols, end a watchlist. */
  async set(name, symbols) {
    const path = `/api/watchlists/${encodeURIComponent(name)}`;
    try {
      if (symbols.length) await put(path, { symbols });
      else await del(path);
      await this.learn();
      if (!symbols.length && this.ownName === name) this.choose("all");
    } catch (refusal) {
      this.session.refused(refusal, () => this.set(name, symbols));
    }
  }

  /** For the palette: put a symbol on one's lists, or take it off. */
  actions(symbol) {
    return [...this.own].map(([name, symbols]) => {
      const isOn = symbols.includes(symbol);
      const rest = isOn ? symbols.filter((each) => each !== symbol) : [...symbols, symbol];
      const values = { symbol: text("symbol", symbol), list: text("name", name) };
      return { id: `list ${name}`, label: t(isOn ? "listOff" : "listOn", values), icon: isOn ? "close" : "plus", run: () => this.set(name, rest) };
    });
  }
}

const quoteOf = (key) => key.split("/")[1]?.split(":")[0] ?? "";
