// Past firings of a symbol, at their exact price: a circle on time, a square late, a count when several share a bar.

import { get, inPath } from "../api.js";
import { openOf } from "./frames.js";
import { colour } from "../colours.js";

const MOST = 200;

export class Firings {
  constructor(symbol) {
    this.symbol = symbol;
    this.all = []; // newest first
    this.groups = []; // [{ time, price, firings }], oldest first
  }

  async learn(signal) {
    this.all = (await get(`/api/firings?symbol=${inPath(this.symbol)}&limit=${MOST}`, signal)).firings;
  }

  /** Take a firing that was just heard; tells whether it is new and of this symbol. */
  add(firing) {
    if (firing.symbol !== this.symbol || this.all.some((each) => each.id === firing.id)) return false;
    this.all = [firing, ...this.all].slice(0, MOST);
    return true;
  }

  at(time) {
    return this.groups.find((group) => group.time === time);
  }

  /** The markers of those within the bars. */
  marks(bars) {
    const groups = new Map();
    for (const firing of this.all) {
      const time = openOf(Math.floor(Date.parse(firing.event_at) / 1000), bars.frame);
      if (firing.price === null || bars.placeOf(time) < 0) continue;
      const group = groups.get(time) ?? { time, price: Number(firing.price), firings: [] };
      group.firings.push(firing);
      groups.set(time, group);
    }
    this.groups = [...groups.values()].sort((a, b) => a.time - b.time);
    return this.groups.map(({ time, price, firings }) => ({
      time,
      price,
      position: "atPriceMiddle",
      shape: firings.every((firing) => firing.late || firing.approximated) ? "square" : "circle",
      color: colour("warning"),
      size: 0.9,
      text: firings.length > 1 ? String(firings.length) : "",
      id: firings[0].id,
    }));
  }
}
