// Gaps in a chart: hatched where bars were missed, with a word about what is known of them now.

import { shortTime } from "./frames.js";
import { colour } from "../colours.js";
import { language, t } from "../i18n.js";

const STEP = 7;
const ROOM_FOR_WORDS = 110;
const LEAST = 3;

/** A primitive of the candles; `state` gives `points` (the chart's data), `gaps` and `frame`. */
export class GapBands {
  constructor(state) {
    this.state = state;
    this.views = [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace((scope) => this.#draw(scope)) }) }];
  }

  attached({ chart }) {
    this.chart = chart;
  }

  paneViews() {
    return this.views;
  }

  #draw({ context, mediaSize }) {
    const { points, gaps } = this.state();
    if (!points.length) return;
    const scale = this.chart.timeScale();
    const half = scale.options().barSpacing / 2;
    let free = -Infinity; // up to where words stand already
    for (const gap of gaps) {
      const [first, last] = [lowerBound(points, gap.from), lowerBound(points, gap.until)];
      if (first >= points.length) continue;
      const left = (scale.logicalToCoordinate(first) ?? 0) - half;
      const right = Math.max(left + LEAST, (scale.logicalToCoordinate(Math.max(first + 1, last)) ?? 0) - half);
      if (right < 0 || left > mediaSize.width) continue;
      hatch(context, left, right, mediaSize.height, gap.status === "missing");
      const middle = (left + right) / 2;
      if (middle - ROOM_FOR_WORDS / 2 > free && right - left >= 18) free = this.#words(context, gap, middle, mediaSize);
    }
  }

  #words(context, gap, middle, { width, height }) {
    const { frame } = this.state();
    const words = t(`gap_${gap.status}`, { from: shortTime(gap.from, frame, language), until: shortTime(gap.until, frame, language) });
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const size = context.measureText(words).width + 12;
    const centre = Math.min(width - size / 2, Math.max(size / 2, middle));
    const y = height * 0.78;
    context.fillStyle = colour("surface", 0.9);
    context.fillRect(centre - size / 2, y - 10, size, 20);
    context.fillStyle = colour("text-2");
    context.fillText(words, centre, y);
    return centre + size / 2;
  }
}

function hatch(context, left, right, height, isMissing) {
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, height);
  context.clip();
  context.fillStyle = colour("control", isMissing ? 0.1 : 0.05);
  context.fillRect(left, 0, right - left, height);
  context.strokeStyle = colour("control", isMissing ? 0.38 : 0.16);
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height - ((left - height) % STEP); x < right; x += STEP) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

/** The place of the first point that does not begin before an instant. */
export function lowerBound(points, time) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
