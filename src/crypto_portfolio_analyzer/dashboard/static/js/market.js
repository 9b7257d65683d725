// The market: every watched symbol in one row, painted a few times a second and only where something changed.

import { del, get, inPath, put } from "./api.js";
import { colour } from "./colours.js";
import { el, fromTemplate, icon, write } from "./dom.js";
import { clock, compact, Digits, direction, duration, fullPrice, moment, percent, price } from "./format.js";
import { Grid } from "./grid.js";
import { language, t, translate } from "./i18n.js";
import { recall, remember } from "./memory.js";
import { drawSparkline } from "./sparkline.js";
import { text } from "./text.js";

const PAINT_MS = 200;
const CALM_MS = 1000;
const FLASH_MS = 1000;
const SORT_MS = 5000;
const LATE_S = 2;
const LEARN_MS = 60_000;
const LEARN_SOON_MS = 5000; // history is still under way
const WHOLE_DAY = 12;
const COLUMNS = [
  { name: "symbol", word: "symbol", sorts: true },
  { name: "price", word: "price", sorts: true },
  { name: "change", word: "change", sorts: true },
  { name: "trend", word: "trend" },
  { name: "volume", word: "volume", sorts: true },
  { name: "source", word: "source" },
  { name: "age", word: "age" },
];

export class MarketView {
  constructor({ store, session, go, toast }) {
    this.stopped = false;
    Object.assign(this, { store, session, go, toast });
    const { root, parts } = fromTemplate("t-market");
    Object.assign(this, { root, parts });
    this.watched = new Map(); // market -> what /api/symbols says of it
    this.digits = new Map();
    this.isCalm = recall("calm", matchMedia("(prefers-reduced-motion: reduce)").matches ? "yes" : "no") === "yes";
    this.heldAt = null;
    [this.sortBy, this.sortDown] = recall("sort", "none up").split(" ").map((word, index) => (index ? word === "down" : word));
    this.grid = new Grid(parts, {
      columns: COLUMNS,
      paint: (slot, key) => this.#paint(slot, key, true),
      open: (key) => this.go(`/chart/${inPath(key)}`),
      sort: (column) => this.#sort(column),
    });
    translate(root);
    this.painted = 0;
    this.drawn = 0;
    this.ordered = 0;
    this.version = -1;
    parts.hold.addEventListener("click", () => this.hold());
    parts.calm.addEventListener("click", () => this.#calm());
    parts.order.addEventListener("click", () => this.#order(true));
    parts.emptyUse.addEventListener("click", () => this.watch("BTC"));
    parts.slots.addEventListener("click", (event) => this.#remove(event));
    parts.grid.addEventListener("keydown", (event) => event.key === "Delete" && this.unwatch(this.grid.active));
  }

  get title() {
    return t("market");
  }

  async start() {
    this.frame = requestAnimationFrame((at) => this.#tick(at));
    this.parts.calm.setAttribute("aria-pressed", String(this.isCalm));
    this.root.classList.toggle("read-only", !this.session.isUser);
    await this.learn();
  }

  stop() {
    this.stopped = true;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.learning);
    this.grid.stop();
  }

  retell() {
    for (const slot of this.grid.slots) slot.shown = {};
    this.version = -1;
    this.#strip();
  }

  /** Ask what is watched: tick sizes, and the day behind each trend line. */
  async learn() {
    clearTimeout(this.learning);
    if (!this.session.isUser || this.stopped) return;
    try {
      let cursor = "";
      const seen = new Map();
      do {
        const page = await get(`/api/symbols${cursor}`);
        for (const symbol of page.symbols) seen.set(symbol.symbol, symbol);
        cursor = page.next_cursor ? `?cursor=${encodeURIComponent(page.next_cursor)}` : "";
      } while (cursor);
      for (const market of this.watched.keys()) if (!seen.has(market)) this.store.forget(market);
      for (const [market, symbol] of seen) {
        const tick = symbol.tick_size ? Number(symbol.tick_size) : null;
        if (this.digits.get(market)?.tick !== tick) this.digits.set(market, new Digits(tick));
      }
      this.watched = seen;
      this.version = -1;
      this.drawn = 0;
    } catch {
      // the connection pill tells; prices go on by the socket
    }
    if (this.stopped) return;
    const isWhole = [...this.watched.values()].every((each) => each.closes.length >= WHOLE_DAY || each.state === "refused");
    clearTimeout(this.learning);
    this.learning = setTimeout(() => this.learn(), isWhole ? LEARN_MS : LEARN_SOON_MS);
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
    this.#strip();
  }

  key(name) {
    if (name === "h") this.hold();
    else if (name === "j" || name === "k") {
      this.parts.grid.focus();
      if (this.grid.active === null) this.grid.step(0);
      else this.grid.step(name === "j" ? 1 : -1);
    } else return false;
    return true;
  }

  linkChanged() {
    this.#banner();
    this.root.classList.toggle("link-down", this.store.link === "down");
  }

  #calm() {
    this.isCalm = !this.isCalm;
    remember("calm", this.isCalm ? "yes" : "no");
    this.parts.calm.setAttribute("aria-pressed", String(this.isCalm));
  }

  #tick(at) {
    this.frame = requestAnimationFrame((next) => this.#tick(next));
    if (at - this.painted < (this.isCalm ? CALM_MS : PAINT_MS)) return;
    this.painted = at;
    if (this.heldAt !== null) return this.#holding();
    if (this.version !== this.store.version || this.#listChanged()) {
      this.version = this.store.version;
      this.#order(false);
      this.grid.each((slot, key) => this.#paint(slot, key, false));
      this.#strip();
    }
    if (at - this.drawn >= 1000) {
      this.drawn = at;
      this.grid.each((slot, key) => this.#each(slot, key));
    }
  }

  #holding() {
    const waiting = [...this.store.prices.values()].filter((each) => each.version > this.heldVersion).length;
    write(this.parts.holdText, t("held", { time: clock(this.heldAt), n: waiting }));
  }

  #keys() {
    return [...new Set([...this.watched.keys(), ...this.store.prices.keys()])];
  }

  #listChanged() {
    return this.#keys().length !== this.grid.keys.length;
  }

  #sort(column) {
    if (this.sortBy !== column) [this.sortBy, this.sortDown] = [column, column !== "symbol"];
    else if (this.sortDown === (column !== "symbol")) this.sortDown = !this.sortDown;
    else this.sortBy = "none";
    remember("sort", `${this.sortBy} ${this.sortDown ? "down" : "up"}`);
    this.#order(true);
  }

  #order(now) {
    const keys = this.#sortedKeys();
    this.grid.sorted(this.sortBy, this.sortDown ? "descending" : "ascending");
    const old = this.grid.keys;
    const isSame = keys.length === old.length && keys.every((key, index) => key === old[index]);
    if (isSame) {
      this.parts.order.hidden = true;
    } else if (now || keys.length !== old.length || this.sortBy === "none" || this.#mayMove()) {
      this.ordered = performance.now();
      this.parts.order.hidden = true;
      this.grid.show(keys);
    } else if (performance.now() - this.ordered > SORT_MS) {
      this.parts.order.hidden = false;
    }
    const isEmpty = keys.length === 0 && this.store.wasLive;
    this.parts.empty.hidden = !isEmpty;
    this.parts.grid.hidden = isEmpty;
  }

  /** Nothing moves under the pointer or the focus. */
  #mayMove() {
    const grid = this.parts.grid;
    return performance.now() - this.ordered > SORT_MS && !grid.matches(":hover") && !grid.contains(document.activeElement);
  }

  #sortedKeys() {
    const keys = this.#keys();
    if (this.sortBy === "none") return keys;
    const value = {
      symbol: (key) => key,
      price: (key) => this.store.prices.get(key)?.price ?? null,
      change: (key) => this.store.prices.get(key)?.change_percent_24h ?? null,
      volume: (key) => this.store.prices.get(key)?.volume_24h ?? null,
    }[this.sortBy];
    // A stale price never sorts to the top: it counts as unknown, and unknown is last
    const known = (key) => (this.sortBy !== "symbol" && this.store.prices.get(key)?.stale ? null : value(key));
    const sign = this.sortDown ? -1 : 1;
    return keys.sort((one, other) => {
      const [a, b] = [known(one), known(other)];
      if (a === null || b === null) return (a === null) - (b === null) || one.localeCompare(other);
      return sign * (a < b ? -1 : a > b ? 1 : 0) || one.localeCompare(other);
    });
  }

  #paint(slot, key, isFresh) {
    if (key === undefined) return;
    const state = this.store.prices.get(key);
    const { parts, shown } = slot;
    if (shown.name !== key) this.#name(slot, key);
    const version = `${state?.version ?? "none"} ${language}`;
    if (shown.version === version) return;
    shown.version = version;
    if (!state) return this.#blank(slot, key);
    const digits = this.#digits(key, state.price);
    const line = price(state.price, digits, language);
    const before = shown.price;
    if (write(parts.price, line)) parts.price.title = fullPrice(state.price, digits, language);
    shown.price = line;
    if (!isFresh && before !== undefined && before !== line) this.#flash(slot, state);
    shown.value = state.price;
    const way = direction(state.change_percent_24h);
    write(parts.percent, percent(state.change_percent_24h, language));
    parts.change.classList.toggle("up", way > 0);
    parts.change.classList.toggle("down", way < 0);
    write(parts.volume, compact(state.volume_24h, language));
    const kind = state.kind === "live" ? "" : ` · ${t(state.kind)}`;
    write(parts.source, text("name", this.#label(state.source)) + kind);
    parts.sim.hidden = !(state.simulated && !this.store.health?.simulated);
    slot.row.classList.toggle("stale", state.stale);
    slot.row.classList.remove("refused");
    this.#age(slot, state);
    if (isFresh) this.#each(slot, key);
  }

  #name(slot, key) {
    slot.shown.name = key;
    const [base, quote] = text("symbol", key).split("/");
    slot.parts.name.replaceChildren(base, ...(quote ? [el("span", { class: "quote-asset" }, `/${quote}`)] : []));
    slot.parts.symbol.href = `/chart/${inPath(key)}`;
    slot.parts.remove.setAttribute("aria-label", t("remove", { symbol: text("symbol", key) }));
    slot.parts.price.classList.remove("flash-up", "flash-down");
  }

  #blank(slot, key) {
    for (const name of ["price", "percent", "volume"]) write(slot.parts[name], "–");
    slot.parts.change.classList.remove("up", "down");
    write(slot.parts.source, "");
    const watch = this.watched.get(key);
    write(slot.parts.age, watch ? t(`watch_${watch.state}`) : "");
    slot.parts.age.title = text("sentence", watch?.reason);
    slot.row.classList.toggle("refused", watch?.state === "refused");
    slot.row.classList.remove("stale", "late");
  }

  #flash(slot, state) {
    const now = performance.now();
    if (this.isCalm || state.stale || now - slot.flashed < FLASH_MS || state.price === slot.shown.value) return;
    slot.flashed = now;
    const name = state.price > slot.shown.value ? "flash-up" : "flash-down";
    const cell = slot.parts.price;
    cell.classList.remove("flash-up", "flash-down");
    cell.addEventListener("animationend", () => cell.classList.remove(name), { once: true });
    cell.classList.add(name);
  }

  #each(slot, key) {
    const state = this.store.prices.get(key);
    if (!state) return;
    this.#age(slot, state);
    const closes = this.watched.get(key)?.closes ?? [];
    const line = closes.length > 1 ? [...closes.slice(0, -1), state.price] : [];
    const reference = state.change_24h === null ? null : state.price - state.change_24h;
    drawSparkline(slot.parts.trend, line, reference, { pen: colour("text-2"), line: colour("control") });
  }

  #age(slot, state) {
    const seconds = Math.max(0, (this.store.now() - state.at) / 1000);
    slot.row.classList.toggle("late", !state.stale && seconds > LATE_S);
    const since = state.stale ? t("since", { time: moment(state.at, this.store.now(), language) }) : duration(seconds, language);
    write(slot.parts.age, since);
  }

  #label(venue) {
    return this.store.health?.feeds.find((feed) => feed.venue === venue)?.label ?? venue;
  }

  #digits(key, value) {
    if (!this.digits.has(key)) this.digits.set(key, new Digits());
    return this.digits.get(key).for(value);
  }

  #strip() {
    const { parts } = this;
    if (this.heldAt === null) write(parts.holdText, t("hold"));
    const n = this.grid.keys.length;
    write(parts.count, n === 1 ? t("symbolOne") : t("symbols", { n }));
    const ways = [...this.store.prices.values()].map((each) => direction(each.change_percent_24h));
    const up = ways.filter((way) => way > 0).length;
    const down = ways.filter((way) => way < 0).length;
    const breadth = t("breadth", { up, down });
    parts.breadth.hidden = !ways.length;
    parts.breadth.setAttribute("aria-label", breadth);
    write(parts.breadthText, ways.length ? breadth : "");
    const share = ways.length ? 100 / ways.length : 0;
    parts.barUp.style.width = `${up * share}%`;
    parts.barDown.style.width = `${down * share}%`;
  }

  #banner() {
    const { banner } = this.parts;
    const isDown = this.store.link === "down";
    banner.hidden = !isDown;
    if (!isDown) return;
    const time = clock(this.store.downSince);
    const words = this.store.wasLive ? t("linkDown", { time }) : t("linkDownFirst");
    banner.replaceChildren(icon("warning"), el("span", {}, words));
  }

  #remove(event) {
    const button = event.target.closest("button[data-p=remove]");
    const slot = button && this.grid.slots.find((each) => each.row.contains(button));
    if (slot) this.unwatch(slot.key);
  }
}
