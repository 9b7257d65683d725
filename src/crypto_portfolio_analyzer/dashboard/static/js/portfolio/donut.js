// Shares as a ring: one arc each, largest first from the top; what is small is one arc together.

import { percent } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const SVG = "http://www.w3.org/2000/svg";
export const MOST = 8;
const GAP = 0.6; // of a hundred

/** Draw `[name, share]` pairs (shares from 0 to 1) into an SVG element. */
export function drawDonut(svg, shares) {
  const shown = shares.slice(0, MOST);
  const rest = shares.slice(MOST).reduce((sum, [, share]) => sum + share, 0);
  if (rest > 0) shown.push([t("others"), rest]);
  let start = 0;
  const arcs = shown.map(([name, share], index) => {
    const made = arc(start * 100, share * 100, shown.length > 1 ? GAP : 0, index + 1);
    start += share;
    return [made, `${text("symbol", name)} ${percent(share * 100, language, 1).replace("+", "")}`];
  });
  for (const [made, words] of arcs) {
    const title = document.createElementNS(SVG, "title");
    title.textContent = words;
    made.append(title);
  }
  svg.replaceChildren(...arcs.map(([made]) => made));
  svg.setAttribute("aria-label", `${t("allocation")}: ${arcs.map(([, words]) => words).join(", ")}`);
}

export function makeDonut() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "donut");
  svg.setAttribute("viewBox", "0 0 42 42");
  svg.setAttribute("role", "img");
  return svg;
}

function arc(start, length, gap, number) {
  const circle = document.createElementNS(SVG, "circle");
  const seen = Math.max(0.2, length - gap);
  const attributes = { cx: 21, cy: 21, r: 15.9155, pathLength: 100, "stroke-dasharray": `${seen} ${100 - seen}`, "stroke-dashoffset": 25 - start, class: `slice slice-${number}` };
  for (const [name, value] of Object.entries(attributes)) circle.setAttribute(name, String(value));
  return circle;
}
