// One symbol over time: candles with volume and indicators, alert levels, firings, gaps; the live bar followed closely.

import { get, inPath } from "../api.js";
import { openPopover } from "./alert.js";
import { Bars } from "./bars.js";
import { Canvas, loadLibrary } from "./canvas.js";
import { Firings } from "./firings.js";
import { lengthOf, USUAL } from "./frames.js";
import { DRAFT, Hand } from "./hand.js";
import { drawFrames, drawPrice } from "./head.js";
import { chosenFor, IndicatorPicker, Indicators, rememberFor } from "./indicators.js";
import { Levels, relationWords } from "./levels.js";
import { ChartReader } from "./reader.js";
import { ChartSide } from "./side.js";
import { forgetColours } from "../colours.js";
import { fromTemplate, write } from "../dom.js";
import { Digits, duration, fullPrice } from "../format.js";
import { language, t } from "../i18n.js";
import { recall, remember } from "../memory.js";
import { text } from "../text.js";
import { toaster } from "../shell/toasts.js";

const REFRESH_MS = 3000;
const STATES_MS = 5000;
const NEAR_THE_END = 30; // bars left of the view before older ones are fetched
const AROUND = 0.02; // how far thresholds are tried around a level
const DEFAULT_LEVEL = 1.005;

export class ChartView {
  constructor({ store, session, symbol, frame, go, toast }) {
    Object.assign(this, { store, session, go });
    this.toast = toast ?? toaster(document.getElementById("toasts"));
    this.symbol = symbol.replace("-", "/").toUpperCase();
    this.frame = [frame, recall("frame", "15m"), "15m"].find((each) => lengthOf(each) > 0);
    Object.assign(this, fromTemplate("t-chart"));
    this.digits = new Digits();
    this.tickSize = null;
    this.bars = new Bars(this.symbol, this.frame);
    this.points = [];
    this.firings = new Firings(this.symbol);
    Object.assign(this, { canvas: null, popover: null, pointedAt: null, version: -1, alive: true });
    this.ended = new AbortController();
    this.indicators = new Indicators({ symbol: this.symbol, chosen: chosenFor(this.symbol, new URLSearchParams(location.search)), changed: () => this.#chosen() });
    this.levels = new Levels({
      symbol: this.symbol,
      session,
      toast: this.toast,
      speak: (words) => this.reader.speak(words),
      digits: () => this.places(),
      tick: () => this.tick(),
      changed: () => this.linesChanged(),
      span: (level) => this.span(level),
    });
    this.side = new ChartSide(this.parts.side, {
      symbol: this.symbol,
      store,
      levels: this.levels,
      firings: () => this.firings.all,
      digits: () => this.places(),
      label: (venue) => this.#label(venue),
      open: (firing) => this.#open(firing),
      create: () => this.create(),
      hover: (key) => {
        this.levels.hovered = key;
        this.linesChanged();
      },
    });
    this.reader = new ChartReader(this);
    this.recolour = () => this.#dress();
    this.#listen();
  }

  get title() {
    return this.symbol;
  }

  #listen() {
    const { parts } = this;
    const { signal } = this.ended;
    parts.asTable.addEventListener("click", () => this.reader.table());
    parts.more.addEventListener("change", () => this.#choose(parts.more.value));
    for (const chip of [parts.above, parts.below]) chip.addEventListener("click", () => this.reader.fit());
    this.picker = new IndicatorPicker({ button: parts.indicators, indicators: this.indicators, frame: () => this.frame, place: parts.floats });
    // Before the page's own keys: here `n` is a new alert on this chart
    document.addEventListener("keydown", (event) => this.#early(event), { capture: true, signal });
    const looks = new MutationObserver(() => [forgetColours(), this.#dress()]);
    looks.observe(document.documentElement, { attributeFilter: ["data-theme", "data-colours"] });
    signal.addEventListener("abort", () => looks.disconnect());
    document.addEventListener("looks", () => this.retell(), { signal });
    this.store.addEventListener("firing", (event) => this.#fired(event.detail), { signal });
  }

  async start() {
    this.parts.name.textContent = text("symbol", this.symbol);
    this.#frames();
    this.store.follow(this.symbol);
    this.ticking = requestAnimationFrame(() => this.#tick());
    if (!this.session.isUser) return this.#note(t("chartLogin"));
    await this.#load();
    await this.#learn();
  }

  stop() {
    this.alive = false;
    this.ended.abort();
    cancelAnimationFrame(this.ticking);
    for (const timer of [this.refreshing, this.learning]) clearTimeout(timer);
    this.store.follow(null);
    this.popover?.close();
    this.hand?.stop();
    this.levels.stop();
    this.bars.stop();
    this.canvas?.remove();
    this.canvas = null;
  }

  retell() {
    this.#frames();
    this.version = -1;
    this.side.build();
    this.picker.draw();
    if (this.canvas) {
      this.reader.build();
      this.#dress();
      this.linesChanged();
      this.reader.summary();
    }
    if (!this.parts.bars.hidden) this.reader.rows();
  }

  linkChanged() {
    if (this.store.link === "live" && this.canvas) this.#refresh();
  }

  key(name) {
    const frame = USUAL[Number(name) - 1];
    if (frame) this.#choose(frame);
    else if (name === "[" || name === "]") this.#neighbour(name === "]" ? 1 : -1);
    else if (name === "t") this.reader.table();
    else return false;
    return true;
  }

  #early(event) {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || recall("letters") === "off") return;
    if (event.target.closest("input, textarea, select, dialog") || !this.canvas) return;
    event.preventDefault();
    event.stopPropagation();
    this.create();
  }

  #neighbour(by) {
    const all = [...this.store.prices.keys()];
    const index = all.indexOf(this.symbol);
    if (index >= 0) this.go(`/chart/${inPath(all[(index + by + all.length) % all.length])}?tf=${this.frame}`);
  }

  #frames() {
    drawFrames(this.parts, this.frame, (frame) => this.#choose(frame));
  }

  async #choose(frame) {
    if (!frame || frame === this.frame) return;
    this.frame = frame;
    remember("frame", frame);
    this.#address();
    this.#frames();
    this.bars.stop();
    this.bars = new Bars(this.symbol, frame);
    await this.#load();
    this.canvas?.chart.timeScale().resetTimeScale();
  }

  /** What is shown stands in the address, so that it can be kept and sent. */
  #address() {
    const query = new URLSearchParams([["tf", this.frame], ...this.indicators.chosen.map((each) => ["i", each])]);
    history.replaceState(null, "", `/chart/${inPath(this.symbol)}?${query}`);
  }

  async #load() {
    const { bars } = this;
    try {
      const path = `/api/market/${inPath(this.symbol)}`;
      const [library, quote] = await Promise.all([loadLibrary(), get(path), bars.load()]);
      if (!this.alive || bars !== this.bars) return;
      this.quote = quote;
      this.tickSize = quote.tick_size ? Number(quote.tick_size) : null;
      this.digits = new Digits(this.tickSize);
      this.parts.watermark.hidden = !quote.simulated;
      this.parts.watermark.textContent = t("watermark");
      this.#make(library);
      this.version = -1;
      this.#later();
      await this.#loadIndicators();
    } catch (refusal) {
      if (!this.alive || bars !== this.bars || refusal.name === "AbortError") return;
      if (refusal.status === 404) this.#note(t("chartUnknown", { symbol: text("symbol", this.symbol) }));
      else if (refusal.status === 401) this.session.refused(refusal, () => this.#load());
      else this.#note(t("failed", { why: text("sentence", refusal.message) }));
    }
  }

  #note(words) {
    this.parts.note.textContent = words;
    this.parts.note.hidden = false;
  }

  #make(library) {
    this.points = this.bars.points();
    if (!this.canvas) {
      this.canvas = new Canvas(library, this.parts.chart, () => ({ frame: this.frame, length: this.bars.length, digits: this.places(), points: this.points, gaps: this.bars.gaps }));
      this.canvas.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => range && range.from < NEAR_THE_END && this.#older());
      this.hand = new Hand(this.parts, {
        canvas: this.canvas,
        levels: this.levels,
        bars: () => this.bars,
        draft: () => this.popover,
        groups: () => this.firings.groups,
        number: (value) => fullPrice(value, this.places(), language),
        create: (level, y) => this.create(level, y),
        open: (firing) => this.#open(firing),
        pointed: (time) => {
          this.pointedAt = time;
          this.reader.tell();
        },
        walked: (bar) => this.reader.walked(bar),
      });
    }
    this.#show();
    this.canvas.dress();
    this.reader.tell();
    this.linesChanged();
  }

  #show() {
    this.shown = this.bars;
    this.points = this.bars.points();
    this.canvas.show();
    if (this.points.length) this.parts.note.hidden = true;
    else this.#note(t("chartEmpty"));
    this.#mark();
    this.reader.summary();
    if (!this.parts.bars.hidden) this.reader.rows();
  }

  async #older() {
    const { bars, canvas } = this;
    if (bars.loadingOlder) return;
    const first = bars.all[0]?.time;
    const count = await bars.older().catch(() => 0);
    if (!count || bars !== this.bars || canvas !== this.canvas) return;
    this.#show();
    const told = await this.indicators.ask(this.frame, { limit: count, end: first, signal: this.ended.signal }).catch(() => []);
    if (bars === this.drawn && bars === this.bars && canvas === this.canvas && told.length === canvas.indicators.length) told.forEach((each, index) => canvas.fillBefore(index, each));
  }

  /** The server's truth of the newest bars, again and again: volume, extremes, what was mended. */
  async #refresh() {
    clearTimeout(this.refreshing);
    const { bars } = this;
    try {
      const quote = get(`/api/market/${inPath(this.symbol)}`, this.ended.signal);
      await bars.refresh();
      this.quote = await quote;
      if (!this.alive || bars !== this.bars || !this.canvas) return;
      this.#show();
      this.version = -1;
      const told = await this.indicators.ask(this.frame, { limit: 3, signal: this.ended.signal });
      if (this.alive && bars === this.drawn && bars === this.bars && told.length === this.canvas.indicators.length) told.forEach((each, index) => this.canvas.fill(index, each, true));
      this.reader.tell();
    } catch {
      // The pill tells of a lost link; the next look mends what is missing
    }
    if (this.alive && bars === this.bars) this.#later();
  }

  #later() {
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => (document.hidden ? this.#later() : this.#refresh()), REFRESH_MS);
  }

  #chosen() {
    rememberFor(this.symbol, this.indicators.chosen);
    this.#address();
    this.#loadIndicators().catch((refusal) => this.alive && this.session.refused(refusal, () => this.#loadIndicators()));
  }

  async #loadIndicators() {
    const { bars } = this;
    const told = await this.indicators.load(this.frame, Math.max(1, bars.all.length), this.ended.signal);
    if (!this.alive || bars !== this.bars || !this.canvas) return;
    this.canvas.showIndicators(told);
    this.drawn = bars;
    this.reader.build();
    this.picker.draw();
    this.parts.count.textContent = told.length ? String(told.length) : "";
  }

  #tick() {
    this.ticking = requestAnimationFrame(() => this.#tick());
    const state = this.store.prices.get(this.symbol);
    if (this.canvas) this.reader.settle();
    if (!state) return;
    if (state.version !== this.version) {
      this.version = state.version;
      drawPrice(this.parts, this.symbol, state, this.places());
      if (this.canvas) this.#follow(state);
    }
    const age = duration(Math.max(0, (this.store.now() - state.at) / 1000), language);
    write(this.parts.from, `${text("name", this.#label(state.source))} · ${state.stale ? t("stale") : age}`);
    this.side.tell(state, this.quote, state.stale ? t("stale") : age);
  }

  #follow(state) {
    this.canvas.lines.price = state.price;
    if (this.shown !== this.bars) return;
    const what = this.bars.follow(state.price, state.at);
    if (what === "none") return;
    if (what === "new") {
      this.points.push(this.bars.last);
      clearTimeout(this.refreshing);
      this.refreshing = setTimeout(() => this.#refresh(), REFRESH_MS);
    }
    this.canvas.update(this.bars.last);
    if (this.pointedAt === null) this.reader.tell();
  }

  #dress() {
    this.canvas?.dress();
    this.#mark();
  }

  places() {
    const last = this.bars.last?.close ?? this.store.prices.get(this.symbol)?.price;
    return this.digits.for(last ?? 1);
  }

  tick() {
    return this.tickSize ?? 10 ** -this.places();
  }

  #label(venue) {
    return this.store.health?.feeds.find((feed) => feed.venue === venue)?.label ?? venue;
  }

  span(level) {
    return { from: level * (1 - AROUND), to: level * (1 + AROUND) };
  }

  async #learn() {
    clearTimeout(this.learning);
    try {
      await Promise.all([this.firings.learn(this.ended.signal), this.levels.learn()]);
      this.#mark();
      this.side.draw();
    } catch {
      // The pill tells; the next look brings it
    }
    if (this.alive) this.#soon();
  }

  #soon() {
    this.learning = setTimeout(() => (document.hidden ? this.#soon() : this.#learn()), STATES_MS);
  }

  #fired(firing) {
    if (!this.firings.add(firing)) return;
    this.#mark();
    this.side.draw();
    this.levels.learn().catch(() => {});
  }

  #mark() {
    this.canvas?.markers.setMarkers(this.firings.marks(this.bars));
  }

  #open(firing) {
    this.go(`/firings/${encodeURIComponent(firing.id)}`);
  }

  linesChanged() {
    if (!this.alive) return;
    this.side.draw();
    if (!this.canvas) return;
    const draft = this.popover && { id: DRAFT, price: this.popover.level, state: "armed", words: `${t("newWord")} · ${relationWords(this.popover.relation)}`, number: fullPrice(this.popover.level, this.places(), language), isActive: true };
    this.canvas.lines.set(draft ? [...this.levels.lines(), draft] : this.levels.lines());
  }

  /** Begin an alert: at a level, else a little above the price. */
  create(level, y) {
    const last = this.store.prices.get(this.symbol)?.price ?? this.bars.last?.close;
    if (!this.canvas || !last) return;
    if (this.popover) {
      if (level) this.popover.moveTo(level);
      this.popover.focus();
      return;
    }
    openPopover(this, level ?? last * DEFAULT_LEVEL, y, this.parts);
  }
}
