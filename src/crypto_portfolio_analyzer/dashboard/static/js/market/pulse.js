// The pulse of the market: how many rise and fall, and who moved farthest.

import { inPath } from "../api.js";
import { el, write } from "../dom.js";
import { direction, percent } from "../format.js";
import { language, t } from "../i18n.js";
import { text } from "../text.js";

const MOVERS = 3;
const MOVERS_MS = 5000;

export class Pulse {
  constructor({ parts, store, lists }) {
    Object.assign(this, { parts, store, lists });
    this.movedAt = -Infinity;
    this.slots = [];
  }

  /** Write the counts of what the grid shows; `now` as of `performance.now()`. */
  draw(keys, now) {
    const { parts } = this;
    write(parts.count, keys.length === 1 ? t("symbolOne") : t("symbols", { n: keys.length }));
    let up = 0;
    let down = 0;
    let known = 0;
    for (const key of keys) {
      const state = this.store.prices.get(key);
      if (!state || state.stale) continue;
      const way = direction(state.change_percent_24h);
      known += 1;
      if (way > 0) up += 1;
      else if (way < 0) down += 1;
    }
    const words = t("breadth", { up, down });
    parts.breadth.hidden = !known;
    parts.breadth.setAttribute("aria-label", words);
    write(parts.breadthText, known ? words : "");
    const share = known ? 100 / known : 0;
    parts.barUp.style.width = `${up * share}%`;
    parts.barDown.style.width = `${down * share}%`;
    if (now - this.movedAt > MOVERS_MS && !parts.movers.matches(":hover, :focus-within")) this.#movers(now);
  }

  /** The farthest risers, then the farthest fallers, each in a place of fixed width. */
  #movers(now) {
    const farthest = this.lists.movers();
    const change = (key) => this.store.prices.get(key).change_percent_24h;
    const risers = farthest.filter((key) => change(key) > 0).slice(0, MOVERS);
    const fallers = farthest.filter((key) => change(key) < 0).slice(0, MOVERS);
    const found = [...risers, ...fallers];
    if (found.length) this.movedAt = now;
    while (this.slots.length > found.length) this.slots.pop().item.remove();
    while (this.slots.length < found.length) this.#add();
    found.forEach((key, index) => this.#write(this.slots[index], key, change(key)));
  }

  #add() {
    const [name, moved] = [el("bdi"), el("span")];
    const link = el("a", { "data-link": "" }, name, moved);
    const item = el("li", {}, link);
    this.parts.movers.append(item);
    this.slots.push({ item, link, name, moved });
  }

  #write({ link, name, moved }, key, change) {
    link.setAttribute("href", `/chart/${inPath(key)}`);
    link.title = text("symbol", key);
    write(name, text("symbol", key).split("/")[0]);
    write(moved, `${change > 0 ? "▲" : "▼"} ${percent(change, language, 1)}`);
    moved.className = change > 0 ? "up" : "down";
  }

  /** After a change of language. */
  again() {
    this.movedAt = -Infinity;
  }
}
