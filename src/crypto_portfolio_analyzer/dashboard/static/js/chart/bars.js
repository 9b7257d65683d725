// The bars of one symbol and timeframe: a first page, older ones on demand, the newest followed and mended.

import { get, inPath } from "../api.js";
import { lengthOf, openOf } from "./frames.js";

const PAGE = 500;
export const MOST = 5000;
const MOST_BLANKS = 300; // places kept free in one gap; a longer one is drawn shortened

export class Bars {
  constructor(symbol, frame) {
    Object.assign(this, { symbol, frame });
    this.all = []; // oldest first, the last one perhaps forming
    this.gaps = [];
    this.isLoaded = false;
    this.isWhole = false; // nothing older is to be had
    this.loadingOlder = null;
    this.stopped = new AbortController();
  }

  get length() {
    return lengthOf(this.frame);
  }

  get last() {
    return this.all.at(-1);
  }

  stop() {
    this.stopped.abort();
  }

  async load() {
    const answer = await this.#ask(`limit=${PAGE}`);
    this.all = answer.bars.map(toBar);
    this.gaps = answer.gaps.map(toGap);
    this.isWhole = answer.bars.length < PAGE;
    this.isLoaded = true;
    return this;
  }

  /** One page of older bars; resolves to how many came. */
  older() {
    if (this.isWhole || !this.all.length || this.all.length >= MOST) return Promise.resolve(0);
    this.loadingOlder ??= this.#older().finally(() => {
      this.loadingOlder = null;
    });
    return this.loadingOlder;
  }

  async #older() {
    const first = this.all[0].time;
    const answer = await this.#ask(`limit=${PAGE}&end=${iso(first)}`);
    const before = answer.bars.map(toBar).filter((bar) => bar.time < first);
    this.isWhole = before.length < PAGE;
    this.all = [...before, ...this.all].slice(-MOST);
    this.gaps = mergedGaps(answer.gaps.map(toGap), this.gaps);
    return before.length;
  }

  /** What came since the last bar that is known to be closed: the server's truth about volume and extremes. */
  async refresh() {
    const known = this.all.findLast((bar) => bar.isClosed);
    if (!known) return this.load();
    const answer = await this.#ask(`limit=1000&start=${iso(known.time)}`);
    if (!answer.bars.length) return this;
    const fresh = answer.bars.map(toBar);
    const live = this.last;
    this.all = [...this.all.filter((bar) => bar.time < fresh[0].time), ...fresh].slice(-MOST);
    // A bar that began here while the answer was under way
    if (live.time > this.last.time) this.all.push(live);
    this.gaps = mergedGaps(this.gaps, answer.gaps.map(toGap));
    return this;
  }

  /** Let a price move the forming bar; tells "none", "same" or "new". */
  follow(price, at) {
    if (!this.isLoaded) return "none";
    const open = openOf(Math.floor(at / 1000), this.frame);
    const last = this.last;
    if (!last || open > last.time) {
      if (last) last.isClosed = true;
      this.all.push({ time: open, open: price, high: price, low: price, close: price, volume: 0, isClosed: false });
      return "new";
    }
    if (open < last.time || last.isClosed) return "none";
    last.close = price;
    last.high = Math.max(last.high, price);
    last.low = Math.min(last.low, price);
    return "same";
  }

  /** What the chart is given: the bars, and blanks where bars are missing, so that time keeps its measure. */
  points() {
    const { length } = this;
    const points = [];
    for (const bar of this.all) {
      const before = points.at(-1);
      const missing = before ? Math.min(MOST_BLANKS, Math.round((bar.time - before.time) / length) - 1) : 0;
      for (let back = missing; back > 0; back -= 1) points.push({ time: bar.time - back * length });
      points.push(bar);
    }
    return points;
  }

  /** The bar that begins at an instant, by bisection. */
  at(time) {
    return this.all[this.placeOf(time)];
  }

  placeOf(time) {
    let [low, high] = [0, this.all.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].time === time) return middle;
      if (this.all[middle].time < time) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #ask(query) {
    return get(`/api/market/${inPath(this.symbol)}/bars?timeframe=${this.frame}&${query}`, this.stopped.signal);
  }
}

const iso = (seconds) => encodeURIComponent(new Date(seconds * 1000).toISOString());

function toBar(bar) {
  return {
    time: Date.parse(bar.open_at) / 1000,
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
    volume: Number(bar.volume),
    isClosed: bar.closed,
    kind: bar.kind,
  };
}

const toGap = (gap) => ({ from: Date.parse(gap.from_at) / 1000, until: Date.parse(gap.until_at) / 1000, status: gap.status });

/** Gaps of two answers; where both know one, the later answer counts. */
function mergedGaps(one, other) {
  const found = new Map();
  for (const gap of [...one, ...other]) found.set(gap.from, gap);
  return [...found.values()].sort((a, b) => a.from - b.from);
}
