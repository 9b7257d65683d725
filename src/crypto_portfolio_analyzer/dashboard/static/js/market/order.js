// The order of the market's rows. It follows the prices every few seconds at most, and never while somebody points
// at the rows or moves among them: then it waits until it is asked for.

import { recall, remember } from "../memory.js";

const SORT_MS = 5000;

export class Order {
  constructor({ parts, grid, store, nearest, lists }) {
    Object.assign(this, { parts, grid, store, nearest, lists });
    const asked = new URLSearchParams(location.search).get("sort") ?? recall("sort", "none up").replace(" ", ".");
    const [column, way] = asked.split(".");
    this.column = column;
    this.isDown = way === "down";
    this.orderedAt = -Infinity;
    parts.order.addEventListener("click", () => this.apply(true));
    this.#mark();
  }

  /** Sort by a column; the same one again turns it round, a third time ends it. */
  by(column) {
    const first = !["symbol", "near", "age"].includes(column); // names begin at A, distances and ages at the smallest
    if (this.column !== column) [this.column, this.isDown] = [column, first];
    else if (this.isDown === first) this.isDown = !first;
    else this.column = "none";
    remember("sort", `${this.column} ${this.isDown ? "down" : "up"}`);
    const query = new URLSearchParams(location.search);
    if (this.column === "none") query.delete("sort");
    else query.set("sort", `${this.column}.${this.isDown ? "down" : "up"}`);
    history.replaceState(null, "", query.size ? `/?${query}` : "/");
    this.#mark();
    this.apply(true);
  }

  /** Follow the prices if that is due and moves nothing under anybody's hands; `now` as of `performance.now()`. */
  keep(now) {
    const isDue = now - this.orderedAt > SORT_MS;
    if (!isDue && this.lists.keys().length === this.known) return;
    const keys = this.#sorted();
    this.known = this.lists.keys().length;
    const old = this.grid.keys;
    const isLonger = keys.length !== old.length;
    if (!isLonger && keys.every((key, index) => key === old[index])) {
      this.parts.order.hidden = true;
      if (isDue) this.orderedAt = now;
    } else if (isLonger || (this.column === "none" && !this.lists.isMovers) || this.#mayMove()) this.#show(keys, now);
    else this.parts.order.hidden = false;
  }

  /** Show what there is now; `isAsked` by somebody, who therefore expects it to move. */
  apply(isAsked) {
    if (isAsked || this.#mayMove() || !this.grid.keys.length) this.#show(this.#sorted(), performance.now());
  }

  #show(keys, now) {
    this.orderedAt = now;
    this.parts.order.hidden = true;
    this.grid.show(keys);
  }

  #mark() {
    this.grid.sorted(this.column, this.isDown ? "descending" : "ascending");
  }

  /** Nothing moves under the pointer, the focus or an open menu. */
  #mayMove() {
    const { grid } = this.parts;
    return !grid.matches(":hover") && !grid.contains(document.activeElement) && !document.querySelector(":popover-open, dialog[open]");
  }

  #sorted() {
    const keys = this.lists.shown();
    if (this.column === "none") return keys;
    const { prices } = this.store;
    const value = {
      symbol: (key) => key,
      price: (key) => prices.get(key)?.price ?? null,
      change: (key) => prices.get(key)?.change_percent_24h ?? null,
      volume: (key) => prices.get(key)?.volume_24h ?? null,
      near: (key) => this.nearest.score(key),
      source: (key) => prices.get(key)?.source ?? null,
      age: (key) => (prices.has(key) ? -prices.get(key).at : null),
    }[this.column];
    if (!value) return keys;
    // A stale price never sorts to the top: it counts as unknown, and unknown is last
    const known = (key) => (!["symbol", "age"].includes(this.column) && prices.get(key)?.stale ? null : value(key));
    const sign = this.isDown ? -1 : 1;
    return keys
      .map((key) => [known(key), key])
      .sort(([a, one], [b, other]) => {
        if (a === null || b === null) return (a === null) - (b === null) || (one < other ? -1 : 1);
        return sign * (a < b ? -1 : a > b ? 1 : 0) || (one < other ? -1 : 1);
      })
      .map(([, key]) => key);
  }
}
