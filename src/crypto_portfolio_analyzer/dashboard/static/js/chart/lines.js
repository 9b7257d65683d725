// Alert levels in a chart: a line each, in the look of its alert's state, with a bell and a word on it.

import { colour } from "../colours.js";

export const MOST_LINES = 12;
const MOST_AXIS_LABELS = 2; // besides the price's own
const REACH = 7; // px around a line that count as on it
const REACH_TOUCH = 18;
const APART = 23; // px between words
const PAD = 6;

// Long dash armed, hourglass pending, dotted cooldown and snoozed, grey dotted at rest or in trouble, thin done
const LOOKS = {
  armed: { tone: "warning", dash: [10, 5], mark: "bell" },
  warming: { tone: "warning", dash: [10, 5], mark: "hourglass" },
  pending: { tone: "warning", dash: [10, 5], mark: "hourglass" },
  firing: { tone: "warning", dash: [10, 5], mark: "bell" },
  cooldown: { tone: "warning", dash: [2, 4], mark: "bell" },
  snoozed: { tone: "warning", dash: [2, 4], mark: "bell" },
  paused: { tone: "text-3", dash: [2, 4], mark: "hold" },
  no_data: { tone: "text-3", dash: [2, 4], mark: "warning" },
  error: { tone: "text-3", dash: [2, 4], mark: "warning" },
  expired: { tone: "text-3", dash: [], mark: "check", isThin: true },
  done: { tone: "text-3", dash: [], mark: "check", isThin: true },
};
const PATHS = {
  bell: "M3 8.2V5.5a3 3 0 0 1 6 0v2.7l.9 1.1H2.1zM5 10.6h2",
  hourglass: "M3 1.5h6M3 10.5h6M3.5 1.5c0 3 5 6 5 9M8.5 1.5c0 3-5 6-5 9",
  hold: "M4.5 2.5v7M7.5 2.5v7",
  warning: "M6 1.5L.8 10.5h10.4zM6 5v2.5M6 9v.01",
  check: "M2 6.5l2.8 2.8L10 3",
};

/** A primitive of the candles. Lines are `{ id, price, state, severity, words, number, isActive, isGhost }`. */
export class AlertLines {
  constructor() {
    this.lines = [];
    this.isFit = false; // whether the scale makes room for every line
    this.ghost = null;
    this.seen = { above: 0, below: 0 };
    this.views = [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace((scope) => this.#draw(scope)) }) }];
    this.labels = [];
  }

  attached({ chart, series, requestUpdate }) {
    Object.assign(this, { chart, series, requestUpdate });
  }

  paneViews() {
    return this.views;
  }

  priceAxisViews() {
    return this.labels;
  }

  updateAllViews() {
    this.#label();
  }

  autoscaleInfo() {
    const prices = this.shown.map((line) => line.price);
    if (!this.isFit || !prices.length) return null;
    return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } };
  }

  set(lines) {
    this.lines = lines;
    this.refresh();
  }

  refresh() {
    this.#label();
    this.requestUpdate?.();
  }

  /** Those that are drawn: the nearest to the price, and the one in hand. */
  get shown() {
    const price = this.price ?? 0;
    const near = [...this.lines].sort((a, b) => Math.abs(a.price - price) - Math.abs(b.price - price));
    return near.filter((line, place) => place < MOST_LINES || line.isActive);
  }

  y(price) {
    return this.series.priceToCoordinate(price);
  }

  /** The line under a pointer. */
  at(y, isTouch) {
    const reach = isTouch ? REACH_TOUCH : REACH;
    const near = this.shown.map((line) => [Math.abs((this.y(line.price) ?? Infinity) - y), line]).filter(([away]) => away <= reach);
    return near.sort(([a], [b]) => a - b)[0]?.[1] ?? null;
  }

  /** How many lines are out of sight above and below. */
  count(height) {
    const shown = new Set(this.shown);
    const places = this.lines.map((line) => [this.y(line.price), shown.has(line), line.price > (this.price ?? 0)]);
    const above = places.filter(([y, isShown, isHigher]) => (isShown ? y !== null && y < 0 : isHigher)).length;
    const below = places.filter(([y, isShown, isHigher]) => (isShown ? y !== null && y > height : !isHigher)).length;
    return { above, below };
  }

  #label() {
    if (!this.series) return;
    const active = this.shown.filter((line) => line.isActive || line.isHovered);
    const others = this.shown.filter((line) => !line.isActive && !line.isHovered && LOOKS[line.state]?.tone === "warning");
    const last = this.price === undefined ? null : this.y(this.price);
    const isFree = (line) => last === null || Math.abs((this.y(line.price) ?? 0) - last) > APART;
    this.labels = [...active, ...others.filter(isFree)].slice(0, MOST_AXIS_LABELS).map((line) => ({
      coordinate: () => this.y(line.price) ?? -100,
      text: () => line.number,
      textColor: () => colour("surface"),
      backColor: () => colour(toneOf(line)),
      visible: () => true,
      tickVisible: () => true,
    }));
  }

  #draw({ context, mediaSize }) {
    let free = [];
    for (const line of this.shown) {
      const y = this.y(line.price);
      if (y === null || y < -2 || y > mediaSize.height + 2) continue;
      const look = LOOKS[line.state] ?? LOOKS.armed;
      const tone = colour(toneOf(line));
      if (line.from !== undefined && line.from !== line.price) this.#stroke(context, this.y(line.from), mediaSize.width, colour(look.tone, 0.45), 1, [2, 4]);
      const width = (look.isThin ? 1 : line.severity === "critical" ? 3 : 2) + (line.isActive ? 1 : 0);
      this.#stroke(context, y, mediaSize.width, tone, width, look.dash);
      const isCovered = free.some((other) => Math.abs(other - y) < APART);
      if (isCovered && !line.isActive && !line.isHovered) continue;
      free = [...free, y];
      this.#flag(context, line, y, tone, look.mark);
    }
  }

  #stroke(context, y, width, tone, size, dash) {
    if (y === null) return;
    context.save();
    context.strokeStyle = tone;
    context.lineWidth = size;
    context.setLineDash(dash);
    const at = Math.round(y) + (size % 2 ? 0.5 : 0);
    context.beginPath();
    context.moveTo(0, at);
    context.lineTo(width, at);
    context.stroke();
    context.restore();
  }

  /** The bell with its words, at the left end of the line. */
  #flag(context, line, y, tone, mark) {
    context.save();
    context.font = `${line.isActive ? 600 : 400} 12px ${getComputedStyle(document.body).fontFamily}`;
    const size = context.measureText(line.words).width + 12 + 3 * PAD;
    const left = 8;
    context.fillStyle = colour("surface");
    context.strokeStyle = tone;
    context.lineWidth = line.isActive ? 2 : 1;
    context.beginPath();
    context.roundRect(left, y - 10, size, 20, 4);
    context.fill();
    context.stroke();
    context.fillStyle = tone;
    context.textBaseline = "middle";
    context.fillText(line.words, left + 12 + 2 * PAD, y + 0.5);
    context.translate(left + PAD, y - 6);
    context.lineWidth = 1.4;
    context.lineCap = context.lineJoin = "round";
    context.stroke(new Path2D(PATHS[mark]));
    context.restore();
  }
}

/** The colour of a line at work tells how severe its alert is. */
function toneOf(line) {
  const { tone } = LOOKS[line.state] ?? LOOKS.armed;
  return line.severity === "critical" && tone === "warning" ? "critical" : tone;
}
