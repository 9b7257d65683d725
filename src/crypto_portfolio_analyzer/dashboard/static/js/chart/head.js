// Above the chart: the price as it is now, and the choice of a timeframe.

import { MORE, USUAL } from "./frames.js";
import { el, write } from "../dom.js";
import { direction, fullPrice, percent, price } from "../format.js";
import { language } from "../i18n.js";
import { text } from "../text.js";

/** Six buttons and a list of the rest. */
export function drawFrames({ frames, more }, chosen, choose) {
  const hadFocus = frames.contains(document.activeElement);
  const walk = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(USUAL[(USUAL.indexOf(event.target.textContent) + by + USUAL.length) % USUAL.length]);
  };
  const hasUsual = USUAL.includes(chosen);
  const radio = (frame, place) => {
    const isTabStop = hasUsual ? frame === chosen : place === 0;
    return el("button", { type: "button", role: "radio", "aria-checked": String(frame === chosen), tabindex: isTabStop ? "0" : "-1", onclick: () => choose(frame), onkeydown: walk }, frame);
  };
  frames.replaceChildren(...USUAL.map(radio));
  if (hadFocus) frames.querySelector("[tabindex='0']").focus();
  const others = hasUsual || MORE.includes(chosen) ? MORE : [chosen, ...MORE];
  more.replaceChildren(el("option", { value: "", disabled: true, selected: hasUsual }, "…"), ...others.map((frame) => el("option", { value: frame, selected: frame === chosen }, frame)));
  more.classList.toggle("chosen", !hasUsual);
}

/** The price and what it did in a day, in the head and in the title. */
export function drawPrice(parts, symbol, state, digits) {
  const words = price(state.price, digits, language);
  write(parts.price, words);
  parts.price.title = fullPrice(state.price, digits, language);
  parts.price.classList.toggle("stale", state.stale);
  const way = direction(state.change_percent_24h);
  write(parts.change, `${{ 1: "▲ ", "-1": "▼ " }[way] ?? ""}${percent(state.change_percent_24h, language)}`);
  parts.change.classList.toggle("up", way > 0);
  parts.change.classList.toggle("down", way < 0);
  document.title = `${state.simulated ? "SIM · " : ""}${words} ${text("symbol", symbol)}`;
}
