// The bars around a firing, with the level it crossed and the moment: a picture, coloured by the theme's classes.

import { figure } from "../format.js";
import { language } from "../i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 190;
const RIGHT = 72; // for labels

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Draw bars (oldest first, numbers), the price at an instant (ms) and a level that may be null. */
export function pictureOf(bars, { at, price, level, words }) {
  const svg = shape("svg", { class: "picture", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words });
  const isShown = level !== null && bars.some((bar) => Math.abs(bar.close - level) < bar.close * 0.2);
  const all = [...bars.flatMap((bar) => [bar.high, bar.low]), ...(price === null ? [] : [price]), ...(isShown ? [level] : [])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || high * 0.01) * 0.08;
  const y = (value) => HEIGHT - ((value - low + room) / (high - low + 2 * room || 1)) * HEIGHT;
  const step = (WIDTH - RIGHT) / bars.length;
  bars.forEach((bar, index) => svg.append(...candle(bar, (index + 0.5) * step, step, y)));
  const index = bars.findLastIndex((bar) => bar.at <= at);
  const x = (Math.max(0, index) + 0.5) * step;
  svg.append(shape("line", { class: "picture-moment", x1: x, x2: x, y1: 0, y2: HEIGHT }));
  if (isShown) svg.append(shape("line", { class: "picture-level", x1: 0, x2: WIDTH - RIGHT, y1: y(level), y2: y(level) }), label(level, y(level), "picture-level-text"));
  if (price !== null) {
    svg.append(shape("circle", { class: "picture-ring", cx: x, cy: y(price), r: 6 }));
    if (!isShown || Math.abs(y(price) - y(level)) > 14) svg.append(label(price, y(price), "picture-price"));
  }
  return svg;
}

function candle(bar, x, step, y) {
  const kind = bar.close >= bar.open ? "candle-up" : "candle-down";
  const [top, bottom] = [y(Math.max(bar.open, bar.close)), y(Math.min(bar.open, bar.close))];
  const width = Math.max(1, step * 0.62);
  return [
    shape("line", { class: kind, x1: x, x2: x, y1: y(bar.high), y2: top }),
    shape("line", { class: kind, x1: x, x2: x, y1: bottom, y2: y(bar.low) }),
    shape("rect", { class: kind, x: x - width / 2, y: top, width, height: Math.max(1, bottom - top) }),
  ];
}

function label(value, y, kind) {
  const made = shape("text", { class: kind, x: WIDTH - RIGHT + 6, y: Math.max(12, Math.min(HEIGHT - 4, y + 4)) });
  made.textContent = figure(value, language);
  return made;
}
