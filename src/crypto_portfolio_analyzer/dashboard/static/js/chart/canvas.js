// The drawing itself: TradingView's library with our colours, numbers and times; one chart alive at a time.

import { tickTime, barTime } from "./frames.js";
import { GapBands } from "./gaps.js";
import { AlertLines } from "./lines.js";
import { colour } from "../colours.js";
import { compact, digitsOf, fullPrice, price } from "../format.js";
import { language } from "../i18n.js";

const LIBRARY = "/static/vendor/lightweight-charts-5.2.1.mjs";
const VOLUME_TOP = 0.8; // volume has the lowest fifth of the first pane
export const HUES = 6;

export const loadLibrary = () => import(LIBRARY);

/** A value of an indicator: large ones short, others with as many digits as they need. */
export function reading(value) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) >= 100_000) return compact(value, language);
  return fullPrice(value, Math.abs(value) < 1 ? digitsOf(value) : 2, language);
}

export class Canvas {
  /** `state` gives frame, length of a bar (s), digits, points, gaps. */
  constructor(library, place, state) {
    Object.assign(this, { library, place, state });
    this.indicators = []; // [{ expression, pane, lines: [{ name, series, values }], levels }]
    this.chart = library.createChart(place, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, panes: { enableResize: true } },
      handleScroll: { vertTouchDrag: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.1, bottom: 0.24 } },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 8, barSpacing: 8, minBarSpacing: 0.6 },
    });
    this.candles = this.chart.addSeries(library.CandlestickSeries, { priceLineStyle: 0, priceLineWidth: 1 });
    this.volumes = this.chart.addSeries(library.HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "custom", minMove: 1e-8, base: 1e8, formatter: (value) => compact(value, language) },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: VOLUME_TOP, bottom: 0 } });
    this.lines = new AlertLines();
    this.candles.attachPrimitive(new GapBands(state));
    this.candles.attachPrimitive(this.lines);
    this.markers = library.createSeriesMarkers(this.candles, [], { autoScale: false });
    this.dress();
  }

  remove() {
    this.chart.remove();
  }

  /** Colours, numbers and times as they are now. */
  dress() {
    const { frame, digits } = this.state();
    const line = { color: colour("line") };
    const cross = { color: colour("control"), labelBackgroundColor: colour("text-3") };
    const number = (value) => price(value, digits, language);
    this.chart.applyOptions({
      layout: {
        background: { type: "solid", color: colour("surface") },
        textColor: colour("text-2"),
        panes: { separatorColor: colour("line"), separatorHoverColor: colour("accent", 0.2) },
      },
      grid: { vertLines: line, horzLines: line },
      crosshair: { mode: 0, vertLine: cross, horzLine: cross },
      localization: { locale: language === "de" ? "de-DE" : "en-GB", priceFormatter: number, timeFormatter: (at) => barTime(at, frame, language) },
      timeScale: { tickMarkFormatter: (at, kind) => tickTime(at, kind, frame, language) },
    });
    this.candles.applyOptions({
      // Hollow when rising, filled when falling: colour is never alone
      upColor: colour("surface"),
      downColor: colour("down"),
      borderUpColor: colour("up"),
      borderDownColor: colour("down"),
      wickUpColor: colour("up"),
      wickDownColor: colour("down"),
      priceLineColor: colour("accent"),
      priceFormat: { type: "custom", minMove: 10 ** -digits, base: 10 ** digits, formatter: number },
    });
    this.volumes.setData(this.state().points.map((point) => this.#volume(point)));
    this.indicators.forEach((each) => this.#colourIndicator(each));
    this.lines.refresh();
  }

  show() {
    const { points } = this.state();
    this.candles.setData(points);
    this.volumes.setData(points.map((point) => this.#volume(point)));
  }

  update(bar) {
    this.candles.update(bar);
    this.volumes.update(this.#volume(bar));
  }

  #volume(bar) {
    if (bar.open === undefined) return { time: bar.time };
    return { time: bar.time, value: bar.volume, color: colour(bar.close >= bar.open ? "up" : "down", 0.32) };
  }

  /** Draw indicators anew; each own pane below the first, a third as high. */
  showIndicators(told) {
    for (const each of this.indicators) for (const line of each.lines) this.chart.removeSeries(line.series);
    let pane = 0;
    let hue = 0;
    this.indicators = told.map((each) => {
      const at = each.pane === "price" ? 0 : (pane += 1);
      const lines = each.lines.map((line) => ({ name: line.name, hue: line.name === "histogram" ? null : (hue += 1) % HUES, series: this.#addSeries(line, at), values: new Map() }));
      return { ...each, at, lines };
    });
    this.indicators.forEach((each, index) => {
      this.#colourIndicator(each);
      this.#cross(each);
      this.fill(index, told[index]);
    });
    this.chart.panes().forEach((each, index) => each.setStretchFactor(index ? 1 : 3));
  }

  #addSeries(line, pane) {
    const { library } = this;
    const isBars = line.name === "histogram";
    const format = pane ? { type: "custom", minMove: 1e-8, base: 1e8, formatter: reading } : this.candles.options().priceFormat;
    const options = { lastValueVisible: false, priceLineVisible: false, priceFormat: format, ...(isBars ? {} : { lineWidth: 1.5, crosshairMarkerRadius: 3 }) };
    return this.chart.addSeries(isBars ? library.HistogramSeries : library.LineSeries, options, pane);
  }

  /** Lines across an oscillator, always in view. */
  #cross(each) {
    const [{ series }] = each.lines;
    each.crossings = each.levels.map((level) => series.createPriceLine({ price: level, color: colour("control"), lineWidth: 1, lineStyle: 1, axisLabelVisible: false, title: "" }));
    if (!each.levels.length) return;
    const low = Math.min(...each.levels);
    const high = Math.max(...each.levels);
    const provider = (original) => {
      const found = original();
      const range = found?.priceRange ?? { minValue: low, maxValue: high };
      return { ...found, priceRange: { minValue: Math.min(low, range.minValue), maxValue: Math.max(high, range.maxValue) } };
    };
    series.applyOptions({ autoscaleInfoProvider: provider });
  }

  #colourIndicator(each) {
    for (const line of each.lines) if (line.hue !== null) line.series.applyOptions({ color: colour(`series-${line.hue}`) });
    for (const crossing of each.crossings ?? []) crossing.applyOptions({ color: colour("control") });
    for (const line of each.lines) if (line.hue === null && line.values.size) line.series.setData(bars(line.values));
  }

  /** Give an indicator its values; with `isTail` only the newest of them came. */
  fill(index, told, isTail = false) {
    this.indicators[index].lines.forEach((line, place) => {
      const points = told.lines[place].points.map(([at, value]) => [Date.parse(at) / 1000, value]);
      if (!isTail) line.values.clear();
      for (const [time, value] of points) line.values.set(time, value);
      if (!isTail) line.series.setData(line.hue === null ? bars(line.values) : curve(line.values, this.state().length));
      else for (const [time, value] of points) line.series.update(line.hue === null ? bar(time, value) : dot(time, value));
    });
  }

  /** Put older values before those that are shown. */
  fillBefore(index, told) {
    this.indicators[index].lines.forEach((line, place) => {
      const older = told.lines[place].points.map(([at, value]) => [Date.parse(at) / 1000, value]);
      line.values = new Map([...older, ...line.values]);
      line.series.setData(line.hue === null ? bars(line.values) : curve(line.values, this.state().length));
    });
  }

  /** Where each pane begins, in pixels from the chart's top. */
  paneTops() {
    return this.chart.panes().map((pane) => pane.getHTMLElement()?.offsetTop ?? 0);
  }

  get width() {
    return this.chart.paneSize(0).width;
  }

  get height() {
    return this.chart.paneSize(0).height;
  }
}

const UNSEEN = "rgba(0, 0, 0, 0)";
const dot = (time, value) => (value === null ? { time } : { time, value });
const bar = (time, value) => (value === null ? { time } : { time, value, color: colour(value >= 0 ? "up" : "down", 0.5) });

/** A line that breaks where bars are missing: what would bridge a gap is drawn unseen. */
function curve(values, length) {
  const points = [...values].map(([time, value]) => dot(time, value));
  points.forEach((point, place) => {
    const next = points[place + 1];
    if (next && next.time - point.time > length && point.value !== undefined) point.color = UNSEEN;
  });
  return points;
}

const bars = (values) => [...values].map(([time, value]) => bar(time, value));
