// The market: every watched symbol in one row, painted a few times a second and only where something changed.

import { del, get, inPath, put } from "../api.js";
import { Columns } from "./columns.js";
import { fromTemplate, write } from "../dom.js";
import { Feed } from "./feed.js";
import { clock } from "../format.js";
import { Grid } from "./grid.js";
import { t, translate } from "../i18n.js";
import { Lists } from "./lists.js";
import { RowPainter } from "./market_row.js";
import { recall, remember } from "../memory.js";
import { Nearest } from "./nearest.js";
import { askList } from "./newlist.js";
import { Order } from "./order.js";
import { Pulse } from "./pulse.js";
import { Since } from "./since.js";
import { text } from "../text.js";
import { Welcome } from "./welcome.js";

const PAINT_MS = 200;
const CALM_MS = 1000;
const LEARN_MS = 60_000;
const LEARN_SOON_MS = 5000; // history is still under way
const WHOLE_DAY = 12;

export class MarketView {
  constructor({ store, session, go, toast, stars }) {
    this.stopped = false;
    Object.assign(this, { store, session, go, toast, stars });
    const { root, parts } = fromTemplate("t-market");
    Object.assign(this, { root, parts });
    this.watched = new Map(); // market -> what /api/symbols says of it
    this.isCalm = recall("calm", matchMedia("(prefers-reduced-motion: reduce)").matches ? "yes" : "no") === "yes";
    this.heldAt = null;
    this.slowAt = 0;
    this.version = -1;
    this.#parts();
    translate(root);
    this.#listen();
  }

  #parts() {
    const { parts, store, session, stars, toast } = this;
    this.nearest = new Nearest(store, session);
    this.painter = new RowPainter({ store, nearest: this.nearest, stars, watched: (key) => this.watched.get(key), isCalm: () => this.isCalm });
    this.columns = new Columns(parts);
    this.lists = new Lists({ place: parts.lists, store, session, stars, toast, keys: () => this.#keys(), changed: (isAsked) => this.#listChanged(isAsked) });
    this.grid = new Grid(parts, {
      columns: this.columns.all,
      paint: (slot, key) => this.painter.paint(slot, key, true),
      open: (key) => this.go(`/chart/${inPath(key)}`),
      sort: (column) => this.order.by(column),
    });
    this.order = new Order({ parts, grid: this.grid, store, nearest: this.nearest, lists: this.lists });
    this.pulse = new Pulse({ parts, store, lists: this.lists });
    this.feed = new Feed({ parts, store, session });
    this.since = new Since({ place: parts.since, store, session });
    this.welcome = new Welcome({ place: parts.welcome, store, session });
    this.pieces = [this.nearest, this.lists, this.feed, this.since, this.welcome];
  }

  #listen() {
    const { parts } = this;
    parts.hold.addEventListener("click", () => this.hold());
    parts.calm.addEventListener("click", () => this.#calm());
    parts.newList.addEventListener("click", () => askList(this.lists, this.grid.active));
    parts.filter.addEventListener("input", () => this.#filter());
    parts.slots.addEventListener("click", (event) => this.#clicked(event));
    parts.grid.addEventListener("keydown", (event) => event.key === "Delete" && this.unwatch(this.grid.active));
  }

  get title() {
    return t("market");
  }

  /** The symbol that keys and the palette act on. */
  get active() {
    return this.grid.active;
  }

  /** Whether firings are seen here without a notice. */
  get showsFirings() {
    return this.parts.side.checkVisibility();
  }

  start() {
    this.#again(0);
    this.parts.calm.setAttribute("aria-pressed", String(this.isCalm));
    this.root.classList.toggle("read-only", !this.session.isUser);
    for (const piece of this.pieces) piece.start?.();
    return this.learn();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.learning);
    for (const piece of this.pieces) piece.stop?.();
    this.grid.stop();
  }

  retell() {
    for (const slot of this.grid.slots) slot.shown = {};
    this.version = -1;
    this.pulse.again();
    this.lists.draw();
    this.columns.draw();
    this.since.draw();
    this.welcome.draw();
    this.feed.retell();
    if (this.heldAt === null) write(this.parts.holdText, t("hold"));
  }

  recolour() {
    for (const slot of this.grid.slots) slot.shown.drawn = null;
  }

  linkChanged() {
    this.root.classList.toggle("link-down", this.store.link !== "live" && (this.store.link === "down" || this.store.snapshotAt !== null));
  }

  /** Ask what is watched: tick sizes, and the day behind each trend line. */
  async learn() {
    clearTimeout(this.learning);
    if (!this.session.isUser || this.stopped) return;
    try {
      this.#learned(await everySymbol());
    } catch {
      // the banner tells; prices go on by the socket
    }
    if (this.stopped) return;
    const isWhole = [...this.watched.values()].every((each) => each.closes.length >= WHOLE_DAY || each.state === "refused");
    clearTimeout(this.learning);
    this.learning = setTimeout(() => this.learn(), isWhole ? LEARN_MS : LEARN_SOON_MS);
  }

  #learned(seen) {
    for (const market of this.watched.keys()) if (!seen.has(market)) this.store.forget(market);
    for (const [market, symbol] of seen) this.painter.tick(market, symbol.tick_size ? Number(symbol.tick_size) : null);
    this.watched = seen;
    for (const slot of this.grid.slots) slot.shown.version = null;
    this.version = -1;
    this.slowAt = 0;
  }

  async watch(symbol) {
    try {
      const added = await put(`/api/symbols/${inPath(symbol)}/watch`);
      this.store.welcome(added.symbol);
      this.toast(t("added", { symbol: text("symbol", added.symbol) }), t("undo"), () => this.unwatch(added.symbol, false));
      await this.learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.watch(symbol));
    }
  }

  async unwatch(market, mayUndo = true) {
    if (!market || !this.session.isUser) return;
    const asked = this.watched.get(market)?.asked ?? market;
    try {
      await del(`/api/symbols/${inPath(asked)}/watch`);
      this.store.forget(market);
      const undo = mayUndo ? [t("undo"), () => this.watch(asked)] : [];
      this.toast(t("removed", { symbol: text("symbol", market) }), ...undo);
      await this.learn();
    } catch (refusal) {
      this.session.refused(refusal, () => this.unwatch(market));
    }
  }

  hold() {
    this.heldAt = this.heldAt === null ? this.store.now() : null;
    this.heldVersion = this.store.version;
    this.parts.hold.setAttribute("aria-pressed", String(this.heldAt !== null));
    if (this.heldAt === null) write(this.parts.holdText, t("hold"));
    else this.#holding();
  }

  key(name) {
    if (name === "h") this.hold();
    else if (name === "j" || name === "k") {
      this.parts.grid.focus();
      if (this.grid.active === null) this.grid.step(0);
      else this.grid.step(name === "j" ? 1 : -1);
    } else if (name === "*" && this.active) this.#star(this.active);
    else return false;
    return true;
  }

  /** For the palette: what can be done with the view, and with a symbol's place in lists. */
  actions() {
    return [
      { id: "hold", label: t(this.heldAt === null ? "holdPrices" : "resumePrices"), icon: "hold", keys: "h", run: () => this.hold() },
      { id: "calm", label: t("calm"), icon: "calm", run: () => this.#calm() },
      { id: "new list", label: t("newList"), icon: "plus", run: () => askList(this.lists, this.active) },
    ];
  }

  listActions(symbol) {
    return this.lists.actions(symbol);
  }

  #calm() {
    this.isCalm = !this.isCalm;
    remember("calm", this.isCalm ? "yes" : "no");
    this.parts.calm.setAttribute("aria-pressed", String(this.isCalm));
  }

  #filter() {
    this.lists.filter = this.parts.filter.value;
    this.#listChanged(true);
  }

  #star(symbol) {
    this.stars.toggle(symbol);
    this.slowAt = 0;
  }

  /** Paint in a frame a while from now: frames in between would cost and show nothing. */
  #again(wait) {
    this.timer = setTimeout(() => {
      this.frame = requestAnimationFrame((at) => this.#tick(at));
    }, wait);
  }

  #tick(at) {
    this.#again(this.isCalm ? CALM_MS : PAINT_MS);
    if (this.heldAt !== null) return this.#holding();
    if (this.version !== this.store.version) this.#paint(at);
    if (at - this.slowAt >= 1000) {
      this.slowAt = at;
      this.lists.draw();
      this.grid.each((slot, key) => this.painter.slow(slot, key));
    }
  }

  #paint(at) {
    this.version = this.store.version;
    this.order.keep(at);
    this.#empty();
    this.grid.each((slot, key) => this.painter.paint(slot, key, false));
    this.pulse.draw(this.grid.keys, at);
  }

  #holding() {
    const waiting = [...this.store.prices.values()].filter((each) => each.version > this.heldVersion).length;
    write(this.parts.holdText, t("held", { time: clock(this.heldAt), n: waiting }));
  }

  #keys() {
    return [...new Set([...this.watched.keys(), ...this.store.prices.keys()])];
  }

  #listChanged(isAsked = false) {
    this.order.apply(isAsked);
    this.#empty();
    this.pulse.draw(this.grid.keys, performance.now());
    this.version = -1;
    const query = new URLSearchParams(location.search);
    if (!isAsked || location.pathname !== "/") return;
    if (this.lists.name === "all") query.delete("list");
    else query.set("list", this.lists.name);
    history.replaceState(null, "", query.size ? `/?${query}` : "/");
  }

  /** Nothing to show teaches what to do about it. */
  #empty() {
    const { parts } = this;
    const isEmpty = this.grid.keys.length === 0 && (this.store.wasLive || this.store.link === "down");
    parts.grid.hidden = isEmpty;
    if (parts.empty.hidden !== isEmpty && parts.empty.dataset.why === this.#why()) return;
    parts.empty.hidden = !isEmpty;
    parts.empty.dataset.why = this.#why();
    const [first, why, use, act] = this.#teach();
    write(parts.emptyFirst, t(first));
    write(parts.emptyWhy, t(why));
    write(parts.emptyUse, t(use));
    parts.emptyUse.onclick = act;
  }

  #why() {
    return this.lists.filter ? "filter" : this.#keys().length === 0 ? "nothing" : this.lists.name;
  }

  #teach() {
    const showAll = () => this.lists.choose("all");
    const why = this.#why();
    if (why === "filter") return ["filterNone", "filterTry", "filterClear", () => [(this.parts.filter.value = ""), this.#filter()]];
    if (why === "nothing") return ["empty", "emptyTry", "emptyUse", () => this.watch("BTC")];
    if (why === "mine") return ["mineEmpty", "mineTry", "showAll", showAll];
    if (why === "movers") return ["moversEmpty", "moversTry", "showAll", showAll];
    return ["listEmpty", "listTry", "showAll", showAll];
  }

  #clicked(event) {
    const button = event.target.closest("button[data-p=remove], button[data-p=star]");
    const slot = button && this.grid.slots.find((each) => each.row.contains(button));
    if (!slot) return;
    if (button.dataset.p === "star") this.#star(slot.key);
    else if (this.lists.ownName !== null) this.lists.set(this.lists.ownName, this.lists.own.get(this.lists.ownName).filter((key) => key !== slot.key));
    else this.unwatch(slot.key);
  }
}

/** Every watched market, page by page, by its name. */
async function everySymbol() {
  const seen = new Map();
  let cursor = "";
  do {
    const page = await get(`/api/symbols${cursor}`);
    for (const symbol of page.symbols) seen.set(symbol.symbol, symbol);
    cursor = page.next_cursor ? `?cursor=${encodeURIComponent(page.next_cursor)}` : "";
  } while (cursor);
  return seen;
}
