// The chart as a table: the newest bars with what is drawn over them.

import { reading } from "./canvas.js";
import { barTime } from "./frames.js";
import { indicatorName } from "./indicators.js";
import { el } from "../dom.js";
import { compact, fullPrice } from "../format.js";
import { language, t } from "../i18n.js";

const ROWS = 60;

export function showTable(place, { bars, indicators, digits }) {
  const lines = indicators.flatMap((each) => each.lines.map((line) => [indicatorName(each, each.lines.length > 1 ? line : null), line]));
  const heads = [...["time", "open", "highBar", "lowBar", "closeBar", "volume"].map((word) => t(word)), ...lines.map(([name]) => name)];
  const cells = (bar) => [
    barTime(bar.time, bars.frame, language),
    ...[bar.open, bar.high, bar.low, bar.close].map((value) => fullPrice(value, digits, language)),
    compact(bar.volume, language),
    ...lines.map(([, line]) => reading(line.values.get(bar.time))),
  ];
  const rows = bars.all.slice(-ROWS).reverse();
  const table = el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((bar) => el("tr", {}, ...cells(bar).map((value) => el("td", {}, value))))),
  );
  place.replaceChildren(table);
}
