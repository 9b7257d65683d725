// One row of the market: written only where what is shown changes.

import { inPath } from "../api.js";
import { colour } from "../colours.js";
import { el, write } from "../dom.js";
import { compact, Digits, direction, duration, fullPrice, moment, percent, price } from "../format.js";
import { language, t } from "../i18n.js";
import { drawSparkline } from "./sparkline.js";
import { text } from "../text.js";

const FLASH_EVERY_MS = 1000;
const FLASH_MS = 400;
const LATE_S = 2;

export class RowPainter {
  /** `watched` returns what `/api/symbols` says of a market; `isCalm` tells whether nothing may flash. */
  constructor({ store, nearest, stars, watched, isCalm }) {
    Object.assign(this, { store, nearest, stars, watched, isCalm });
    this.digits = new Map();
  }

  /** Use a market's tick for its digits. */
  tick(market, tick) {
    if (this.digits.get(market)?.tick !== tick) this.digits.set(market, new Digits(tick));
  }

  paint(slot, key, isFresh) {
    if (key === undefined) return;
    const state = this.store.prices.get(key);
    const { shown } = slot;
    if (shown.name !== key) this.#name(slot, key);
    if (slot.isLit && performance.now() - slot.flashed >= FLASH_MS) this.#calm(slot);
    const version = `${state?.version ?? "none"} ${language}`;
    if (shown.version === version) return;
    shown.version = version;
    if (!state) return this.#blank(slot, key);
    this.#price(slot, key, state, isFresh);
    this.#day(slot, state);
    slot.parts.sim.hidden = !(state.simulated && !this.store.health?.simulated);
    slot.row.classList.toggle("stale", state.stale);
    slot.row.classList.remove("refused");
    this.#age(slot, state);
    if (isFresh) this.slow(slot, key);
  }

  /** What changes once a second at most: age, trend, and how near the nearest alert is. */
  slow(slot, key) {
    if (key === undefined) return;
    this.#near(slot, key);
    const isStarred = String(this.stars.has(key));
    if (slot.parts.star.getAttribute("aria-pressed") !== isStarred) slot.parts.star.setAttribute("aria-pressed", isStarred);
    const state = this.store.prices.get(key);
    if (!state) return;
    this.#age(slot, state);
    const closes = this.watched(key)?.closes ?? [];
    const line = closes.length > 1 ? [...closes.slice(0, -1), state.price] : [];
    const reference = state.change_24h === null ? null : state.price - state.change_24h;
    const drawn = `${key} ${closes.length} ${closes[0]} ${state.price} ${reference}`;
    if (slot.shown.drawn === drawn) return;
    slot.shown.drawn = drawn;
    drawSparkline(slot.parts.trend, line, reference, { pen: colour("text-2"), line: colour("control") });
  }

  #price(slot, key, state, isFresh) {
    const { parts, shown } = slot;
    const digits = this.#digits(key, state.price);
    const line = price(state.price, digits, language);
    const before = shown.price;
    if (write(parts.price, line)) parts.price.title = fullPrice(state.price, digits, language);
    shown.price = line;
    if (!isFresh && before !== undefined && before !== line) this.#flash(slot, state);
    shown.value = state.price;
  }

  #day(slot, state) {
    const { parts } = slot;
    const way = direction(state.change_percent_24h);
    write(parts.percent, percent(state.change_percent_24h, language));
    parts.change.classList.toggle("up", way > 0);
    parts.change.classList.toggle("down", way < 0);
    write(parts.volume, compact(state.volume_24h, language));
    const kind = !state.kind || state.kind === "live" ? "" : ` · ${t(state.kind)}`;
    write(parts.source, text("name", this.#label(state.source)) + kind);
  }

  #name(slot, key) {
    slot.shown.name = key;
    const [base, quote] = text("symbol", key).split("/");
    slot.parts.name.replaceChildren(base, ...(quote ? [el("span", { class: "quote-asset" }, `/${quote}`)] : []));
    slot.parts.symbol.href = `/chart/${inPath(key)}`;
    slot.parts.remove.setAttribute("aria-label", t("remove", { symbol: text("symbol", key) }));
    slot.parts.star.setAttribute("aria-label", t("starOf", { symbol: text("symbol", key) }));
    this.#calm(slot);
  }

  #blank(slot, key) {
    for (const name of ["price", "percent", "volume"]) write(slot.parts[name], "–");
    slot.parts.change.classList.remove("up", "down");
    write(slot.parts.source, "");
    const watch = this.watched(key);
    write(slot.parts.age, watch ? t(`watch_${watch.state}`) : "");
    slot.parts.age.title = text("sentence", watch?.reason);
    slot.row.classList.toggle("refused", watch?.state === "refused");
    slot.row.classList.remove("stale", "late");
  }

  #near(slot, key) {
    const { parts } = slot;
    const near = this.nearest.words(key);
    parts.near.hidden = near === null;
    slot.row.classList.toggle("has-near", near !== null);
    if (near === null) return;
    parts.near.setAttribute("href", near.path);
    if (parts.near.title !== near.whole) parts.near.title = near.whole;
    parts.nearSide.classList.toggle("above", near.side === "above");
    parts.nearSide.classList.toggle("below", near.side === "below");
    write(parts.nearWhat, near.what);
    write(parts.nearAway, near.distance);
  }

  #flash(slot, state) {
    const now = performance.now();
    if (this.isCalm() || state.stale || now - slot.flashed < FLASH_EVERY_MS || state.price === slot.shown.value) return;
    slot.flashed = now;
    slot.isLit = true;
    // Not animated: twenty fading rows would keep the main thread at sixty frames a second
    slot.parts.price.classList.add(state.price > slot.shown.value ? "flash-up" : "flash-down");
  }

  #calm(slot) {
    slot.isLit = false;
    slot.parts.price.classList.remove("flash-up", "flash-down");
  }

  #age(slot, state) {
    const seconds = Math.max(0, (this.store.now() - state.at) / 1000);
    slot.row.classList.toggle("late", !state.stale && seconds > LATE_S);
    const since = state.stale ? t("since", { time: moment(state.at, this.store.now(), language) }) : duration(seconds, language);
    write(slot.parts.age, since);
  }

  #label(venue) {
    return this.store.health?.feeds.find((feed) => feed.venue === venue)?.label ?? venue ?? "";
  }

  #digits(key, value) {
    if (!this.digits.has(key)) this.digits.set(key, new Digits());
    return this.digits.get(key).for(value);
  }
}
