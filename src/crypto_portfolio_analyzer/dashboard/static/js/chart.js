// One symbol over time: candles with volume, the live bar followed closely, the quote beside it.

import { get, inPath } from "./api.js";
import { colour } from "./colours.js";
import { el, fromTemplate, write } from "./dom.js";
import { compact, Digits, direction, duration, fullPrice, moment, percent, price } from "./format.js";
import { language, t } from "./i18n.js";
import { recall, remember } from "./memory.js";
import { text } from "./text.js";

const LIBRARY = "/static/vendor/lightweight-charts-5.2.1.mjs";
const FRAMES = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400 };
const BARS = 500;
const TABLE_ROWS = 60;
const DAY = 86400;

export class ChartView {
  constructor({ store, session, symbol, frame, go }) {
    Object.assign(this, { store, session, go });
    this.symbol = symbol.replace("-", "/").toUpperCase();
    this.frame = frame in FRAMES ? frame : recall("frame", "15m");
    if (!(this.frame in FRAMES)) this.frame = "15m";
    Object.assign(this, fromTemplate("t-chart"));
    this.digits = new Digits();
    this.bars = [];
    this.chart = null;
    this.version = -1;
    this.alive = true;
    this.parts.asTable.addEventListener("click", () => this.#table());
    this.parts.box.addEventListener("keydown", (event) => event.key === "t" && this.#table());
    this.recolour = () => this.#recolour();
  }

  get title() {
    return this.symbol;
  }

  async start() {
    this.parts.name.textContent = text("symbol", this.symbol);
    this.#frames();
    this.store.follow(this.symbol);
    this.ticking = requestAnimationFrame(() => this.#tick());
    if (!this.session.isUser) return this.#note(t("chartLogin"));
    await this.#load();
  }

  stop() {
    this.alive = false;
    cancelAnimationFrame(this.ticking);
    clearTimeout(this.reloading);
    this.store.follow(null);
    this.chart?.remove();
    this.chart = null;
  }

  retell() {
    this.#frames();
    this.version = -1;
    this.chart?.applyOptions(this.#looks());
    if (!this.parts.bars.hidden) this.#rows();
  }

  linkChanged() {
    if (this.store.link === "live" && this.chart) this.#load();
  }

  key(name) {
    const frame = Object.keys(FRAMES)[Number(name) - 1];
    if (frame) this.#choose(frame);
    else if (name === "[" || name === "]") this.#neighbour(name === "]" ? 1 : -1);
    else if (name === "t") this.#table();
    else return false;
    return true;
  }

  #neighbour(by) {
    const all = [...this.store.prices.keys()];
    const index = all.indexOf(this.symbol);
    if (index >= 0) this.go(`/chart/${inPath(all[(index + by + all.length) % all.length])}?tf=${this.frame}`);
  }

  #frames() {
    const buttons = Object.keys(FRAMES).map((frame) =>
      el("button", { type: "button", role: "radio", "aria-checked": String(frame === this.frame), onclick: () => this.#choose(frame) }, frame),
    );
    this.parts.frames.replaceChildren(...buttons);
  }

  async #choose(frame) {
    if (frame === this.frame) return;
    this.frame = frame;
    remember("frame", frame);
    history.replaceState(null, "", `/chart/${inPath(this.symbol)}?tf=${frame}`);
    const hadFocus = this.parts.frames.contains(document.activeElement);
    this.#frames();
    if (hadFocus) this.parts.frames.querySelector("[aria-checked=true]").focus();
    await this.#load();
    this.chart?.timeScale().resetTimeScale();
  }

  async #load() {
    const frame = this.frame;
    try {
      const path = `/api/market/${inPath(this.symbol)}`;
      const [library, quote, answer] = await Promise.all([
        import(LIBRARY),
        get(path),
        get(`${path}/bars?timeframe=${frame}&limit=${BARS}`),
      ]);
      if (!this.alive || frame !== this.frame) return;
      this.quote = quote;
      this.digits = new Digits(quote.tick_size ? Number(quote.tick_size) : null);
      this.bars = answer.bars.map(toBar);
      this.parts.watermark.hidden = !quote.simulated;
      this.parts.watermark.textContent = t("watermark");
      this.#draw(library);
      this.version = -1;
    } catch (refusal) {
      if (!this.alive) return;
      if (refusal.status === 404) this.#note(t("chartUnknown", { symbol: text("symbol", this.symbol) }));
      else this.#note(t("failed", { why: text("sentence", refusal.message) }));
    }
  }

  #note(words) {
    this.parts.note.textContent = words;
    this.parts.note.hidden = false;
  }

  #draw(library) {
    this.chart ??= this.#make(library);
    this.chart.applyOptions(this.#looks());
    this.candles.applyOptions(this.#candleLooks());
    this.candles.setData(this.bars);
    this.volumes.setData(this.bars.map((bar) => this.#volume(bar)));
    if (this.bars.length) this.parts.note.hidden = true;
    else this.#note(t("chartEmpty"));
    this.#summary();
    if (!this.parts.bars.hidden) this.#rows();
  }

  #make(library) {
    const chart = library.createChart(this.parts.chart, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
      handleScroll: { vertTouchDrag: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.24 } },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 6, barSpacing: 8 },
    });
    this.candles = chart.addSeries(library.CandlestickSeries, { priceLineStyle: 0 });
    this.volumes = chart.addSeries(library.HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    return chart;
  }

  #looks() {
    const locale = language === "de" ? "de-DE" : "en-GB";
    const digits = this.#places();
    return {
      layout: { background: { type: "solid", color: colour("surface") }, textColor: colour("text-2") },
      grid: { vertLines: { color: colour("line") }, horzLines: { color: colour("line") } },
      crosshair: { vertLine: { color: colour("control"), labelBackgroundColor: colour("text-3") }, horzLine: { color: colour("control"), labelBackgroundColor: colour("text-3") } },
      localization: {
        locale,
        priceFormatter: (value) => price(value, digits, language),
        timeFormatter: (at) => new Date(at * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" }),
      },
      timeScale: { tickMarkFormatter: (at, kind) => tick(at, kind, locale) },
    };
  }

  #candleLooks() {
    const digits = this.#places();
    return {
      // Hollow when rising, filled when falling: colour is never alone
      upColor: colour("surface"),
      downColor: colour("down"),
      borderUpColor: colour("up"),
      borderDownColor: colour("down"),
      wickUpColor: colour("up"),
      wickDownColor: colour("down"),
      priceLineColor: colour("accent"),
      priceFormat: { type: "custom", minMove: 10 ** -digits, formatter: (value) => price(value, digits, language) },
    };
  }

  #recolour() {
    if (!this.chart) return;
    this.chart.applyOptions(this.#looks());
    this.candles.applyOptions(this.#candleLooks());
    this.volumes.setData(this.bars.map((bar) => this.#volume(bar)));
  }

  #places() {
    const last = this.bars.at(-1)?.close ?? this.store.prices.get(this.symbol)?.price;
    return last === undefined ? 2 : this.digits.for(last);
  }

  #volume(bar) {
    return { time: bar.time, value: bar.volume, color: colour(bar.close >= bar.open ? "up" : "down", 0.35) };
  }

  #tick() {
    this.ticking = requestAnimationFrame(() => this.#tick());
    const state = this.store.prices.get(this.symbol);
    if (!state || state.version === this.version) return;
    this.version = state.version;
    this.#head(state);
    if (this.chart) this.#follow(state);
  }

  #head(state) {
    const digits = this.digits.for(state.price);
    const { parts } = this;
    write(parts.price, price(state.price, digits, language));
    const way = direction(state.change_percent_24h);
    parts.change.className = `chart-change ${way > 0 ? "up" : way < 0 ? "down" : ""}`;
    write(parts.change, `${way > 0 ? "▲ " : way < 0 ? "▼ " : ""}${percent(state.change_percent_24h, language)}`);
    const age = Math.max(0, (this.store.now() - state.at) / 1000);
    write(parts.from, `${text("name", this.#label(state.source))} · ${state.stale ? t("stale") : duration(age, language)}`);
    document.title = `${price(state.price, digits, language)} ${text("symbol", this.symbol)}`;
    this.#quote(state, digits);
  }

  #label(venue) {
    return this.store.health?.feeds.find((feed) => feed.venue === venue)?.label ?? venue;
  }

  #quote(state, digits) {
    const told = this.quote ?? {};
    const full = (value) => (value === null || value === undefined ? "–" : fullPrice(Number(value), digits, language));
    const open = state.change_24h === null ? null : state.price - state.change_24h;
    const rows = [
      ["bid", full(told.bid)],
      ["ask", full(told.ask)],
      ["high", full(told.high_24h && Math.max(Number(told.high_24h), state.price))],
      ["low", full(told.low_24h && Math.min(Number(told.low_24h), state.price))],
      ["open", full(open)],
      ["volume", compact(state.volume_24h, language)],
      ["source", text("name", this.#label(state.source))],
    ];
    if (this.parts.quote.children.length !== rows.length || this.told !== language) {
      this.told = language;
      this.parts.quote.replaceChildren(...rows.map(([label]) => el("div", {}, el("dt", {}, t(label)), el("dd", {}, "–"))));
    }
    rows.forEach(([, value], index) => write(this.parts.quote.children[index].lastChild, value));
  }

  #follow(state) {
    const length = FRAMES[this.frame];
    const at = Math.floor(state.at / 1000);
    const open = this.frame === "1d" ? at - (at % DAY) : at - (at % length);
    const last = this.bars.at(-1);
    if (!last || open > last.time) {
      this.bars.push({ time: open, open: state.price, high: state.price, low: state.price, close: state.price, volume: 0 });
      // The finished bar's true volume and extremes come from the server
      clearTimeout(this.reloading);
      this.reloading = setTimeout(() => this.#load(), 3000);
    } else if (open === last.time) {
      last.close = state.price;
      last.high = Math.max(last.high, state.price);
      last.low = Math.min(last.low, state.price);
    } else return;
    this.candles.update(this.bars.at(-1));
  }

  #summary() {
    const seen = this.bars.slice(-100);
    if (!seen.length) return;
    const digits = this.#places();
    const state = this.store.prices.get(this.symbol);
    this.parts.box.setAttribute(
      "aria-label",
      t("chartOf", {
        symbol: this.symbol,
        timeframe: this.frame,
        price: fullPrice(seen.at(-1).close, digits, language),
        change: percent(state?.change_percent_24h, language),
        low: fullPrice(Math.min(...seen.map((bar) => bar.low)), digits, language),
        high: fullPrice(Math.max(...seen.map((bar) => bar.high)), digits, language),
      }),
    );
  }

  #table() {
    const { bars, box, asTable } = this.parts;
    bars.hidden = !bars.hidden;
    box.hidden = !bars.hidden;
    asTable.setAttribute("aria-pressed", String(!bars.hidden));
    if (!bars.hidden) this.#rows();
  }

  #rows() {
    const digits = this.#places();
    const heads = ["time", "open", "highBar", "lowBar", "closeBar", "volume"];
    const cells = (bar) => [
      moment(bar.time * 1000, this.store.now(), language),
      ...[bar.open, bar.high, bar.low, bar.close].map((value) => fullPrice(value, digits, language)),
      compact(bar.volume, language),
    ];
    const rows = this.bars.slice(-TABLE_ROWS).reverse();
    const table = el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, t(head))))),
      el("tbody", {}, ...rows.map((bar) => el("tr", {}, ...cells(bar).map((value) => el("td", {}, value))))),
    );
    this.parts.bars.replaceChildren(table);
  }
}

function toBar(bar) {
  return {
    time: Date.parse(bar.open_at) / 1000,
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
    volume: Number(bar.volume),
  };
}

// Kinds of tick marks, as the library numbers them: year, month, day, time
function tick(at, kind, locale) {
  const options = [{ year: "numeric" }, { month: "short" }, { day: "numeric", month: "short" }][kind] ?? { hour: "2-digit", minute: "2-digit" };
  return new Date(at * 1000).toLocaleString(locale, { hourCycle: "h23", ...options });
}
