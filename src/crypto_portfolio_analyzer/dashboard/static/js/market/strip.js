// Thirty days of an alert as a strip: how long each revision stood, when it fired, what was swallowed.

import { day } from "../format.js";
import { language, t } from "../i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const HEIGHT = 40;
const SPAN = 30 * 86_400_000;

function shape(tag, attributes, title = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (title) {
    const words = document.createElementNS(SVG, "title");
    words.textContent = title;
    made.append(words);
  }
  return made;
}

/** Draw the strip; `history` is what the API tells of an alert. */
export function stripOf(history, now) {
  const start = now - SPAN;
  const x = (at) => Math.max(0, Math.min(WIDTH, ((at - start) / SPAN) * WIDTH));
  const svg = shape("svg", { class: "strip-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`, role: "img" });
  const { firings, suppressed } = history;
  svg.setAttribute("aria-label", t("stripOf", { fired: firings.length, swallowed: suppressed.length }));
  svg.append(shape("rect", { class: "strip-track", x: 0, y: 10, width: WIDTH, height: HEIGHT - 20, rx: 3 }));
  for (const { from, until, enabled, revision } of spansOf(history.revisions, now)) {
    svg.append(shape("rect", { class: enabled ? "strip-armed" : "strip-paused", x: Math.min(WIDTH - 3, x(from)), y: 10, width: Math.max(3, x(until) - x(from) - 1), height: HEIGHT - 20, rx: 3 }, t("revision", { n: revision })));
  }
  for (const each of suppressed) svg.append(shape("line", { class: "strip-swallowed", x1: x(Date.parse(each.event_at)), x2: x(Date.parse(each.event_at)), y1: 12, y2: HEIGHT - 12 }, each.reason));
  for (const each of firings) svg.append(shape("line", { class: "strip-fired", x1: x(Date.parse(each.event_at)), x2: x(Date.parse(each.event_at)), y1: 2, y2: HEIGHT - 2 }));
  for (const back of [30, 20, 10, 0]) {
    const label = shape("text", { class: "strip-day", x: x(now - back * 86_400_000), y: HEIGHT + 12, "text-anchor": back === 30 ? "start" : back ? "middle" : "end" });
    label.textContent = back ? day(now - back * 86_400_000, now, language) : t("nowWord");
    svg.append(label);
  }
  return svg;
}

/** From when until when each revision stood, within the strip. */
function spansOf(revisions, now) {
  const ordered = [...revisions].sort((one, other) => one.revision - other.revision);
  return ordered.map((each, index) => ({ ...each, from: Date.parse(each.at), until: index + 1 < ordered.length ? Date.parse(ordered[index + 1].at) : now })).filter(({ until }) => until > now - SPAN);
}
