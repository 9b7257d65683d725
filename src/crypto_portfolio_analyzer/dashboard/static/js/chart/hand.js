// The hand on the chart: the + that follows the crosshair, lines dragged, bars walked and lines moved by keys.

import { write } from "../dom.js";
import { t } from "../i18n.js";
import { recall } from "../memory.js";

export const DRAFT = "draft"; // the line of an alert that is being written
const AIM_WIDTH = 30;
const MOVED = 3; // px before a press on a line is a drag
const MARKER_REACH = 14;
const TWO_KEYS_MS = 1500;

export class Hand {
  /** `house` gives canvas, bars, levels, draft(), groups(), number(price), create(price), open(firing), walked(bar), table(). */
  constructor(parts, house) {
    Object.assign(this, { parts, house });
    this.aimed = null; // { price, time } under the crosshair
    this.walk = null; // the bar that was walked to
    this.drag = null;
    this.isTouch = false;
    this.wentAt = -Infinity; // when `g` was pressed: the next letter belongs to it
    this.ended = new AbortController();
    const { signal } = this.ended;
    const listen = (node, kind, what, options = {}) => node.addEventListener(kind, what, { signal, ...options });
    listen(parts.chart, "pointerdown", (event) => this.#down(event), { capture: true });
    listen(parts.chart, "pointermove", (event) => this.#hover(event));
    listen(window, "pointermove", (event) => this.#dragged(event));
    listen(window, "pointerup", () => this.#drop());
    listen(window, "pointercancel", () => this.#drop(false));
    listen(parts.chart, "touchmove", (event) => this.drag && event.preventDefault(), { passive: false, capture: true });
    listen(parts.box, "pointerleave", () => this.#leave());
    listen(parts.box, "keydown", (event) => event.target === parts.box && this.#key(event));
    listen(parts.aim, "click", (event) => this.#createHere(event));
    listen(parts.here, "click", (event) => this.#createHere(event));
    house.canvas.chart.subscribeCrosshairMove((param) => this.#cross(param));
    house.canvas.chart.subscribeClick((param) => this.#click(param));
  }

  stop() {
    this.ended.abort();
  }

  /* pointer */

  #cross({ point, paneIndex, time, sourceEvent }) {
    const { canvas } = this.house;
    this.house.pointed(time ?? null);
    if (!point || paneIndex !== 0 || !sourceEvent) return;
    const price = canvas.candles.coordinateToPrice(point.y);
    if (price === null || price <= 0) return;
    this.aimed = { price, time };
    const isNear = this.#groupAt(point) !== null;
    this.parts.chart.classList.toggle("pointing", isNear);
    this.#show(point.y);
  }

  #show(y) {
    const { aim, here } = this.parts;
    const isOut = this.drag !== null;
    aim.hidden = isOut || this.isTouch;
    here.hidden = isOut || !this.isTouch;
    if (this.isTouch) write(here, t("alertHere", { price: this.house.number(this.aimed.price) }));
    else aim.style.transform = `translate(${this.house.canvas.width - AIM_WIDTH}px, ${y - aim.offsetHeight / 2}px)`;
  }

  #leave() {
    this.parts.aim.hidden = true;
    this.parts.chart.classList.remove("pointing", "dragging");
    this.#hovered(null);
  }

  #hovered(key) {
    const { levels } = this.house;
    if (levels.hovered === key) return;
    levels.hovered = key;
    levels.changed();
  }

  #createHere(event) {
    if (!this.aimed) return;
    const { canvas, bars } = this.house;
    const bar = event.ctrlKey ? bars().at(this.aimed.time) : null;
    const near = bar ? [bar.open, bar.high, bar.low, bar.close].sort((a, b) => Math.abs(a - this.aimed.price) - Math.abs(b - this.aimed.price))[0] : this.aimed.price;
    this.parts.here.hidden = true;
    this.house.create(near, canvas.candles.priceToCoordinate(near));
  }

  #place(event) {
    const box = this.parts.chart.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #lineAt(event) {
    const { canvas } = this.house;
    const { x, y } = this.#place(event);
    return x < canvas.width && y < canvas.height ? canvas.lines.at(y, event.pointerType === "touch") : null;
  }

  #hover(event) {
    this.isTouch = event.pointerType === "touch";
    if (this.drag || this.isTouch) return;
    const line = this.#lineAt(event);
    this.parts.chart.classList.toggle("dragging", line !== null);
    this.#hovered(line?.id ?? null);
  }

  #down(event) {
    this.isTouch = event.pointerType === "touch";
    if (event.button) return;
    const line = this.#lineAt(event);
    if (!line) return;
    if (line.id !== DRAFT && !this.house.levels.movable.some((level) => level.key === line.id)) return;
    this.drag = { key: line.id, y: this.#place(event).y, isMoved: false };
    this.#still(true);
    if (line.id !== DRAFT) this.house.levels.take(line.id);
  }

  /** While a line is dragged the chart holds still. */
  #still(isHeld) {
    const free = { handleScroll: { vertTouchDrag: false, horzTouchDrag: !isHeld, pressedMouseMove: !isHeld, mouseWheel: !isHeld }, handleScale: !isHeld };
    this.house.canvas.chart.applyOptions(free);
  }

  #dragged(event) {
    if (!this.drag) return;
    const { canvas, levels } = this.house;
    const { y } = this.#place(event);
    if (!this.drag.isMoved && Math.abs(y - this.drag.y) < MOVED) return;
    this.drag.isMoved = true;
    this.parts.aim.hidden = true;
    const price = canvas.candles.coordinateToPrice(Math.max(0, Math.min(canvas.height - 1, y)));
    if (price === null || price <= 0) return;
    if (this.drag.key === DRAFT) this.house.draft()?.moveTo(price);
    else levels.moveTo(price);
  }

  #drop(isDone = true) {
    if (!this.drag) return;
    const { key, isMoved } = this.drag;
    this.drag = null;
    this.#still(false);
    if (key === DRAFT) return;
    if (isMoved && isDone) this.house.levels.save();
    else if (this.house.levels.held) this.house.levels.restore();
  }

  #groupAt({ x, y }) {
    const { canvas } = this.house;
    const scale = canvas.chart.timeScale();
    const away = (group) => Math.hypot((scale.timeToCoordinate(group.time) ?? -99) - x, (canvas.candles.priceToCoordinate(group.price) ?? -99) - y);
    const near = this.house.groups().map((group) => [away(group), group]).filter(([far]) => far <= MARKER_REACH);
    return near.sort(([a], [b]) => a - b)[0]?.[1] ?? null;
  }

  #click({ point, paneIndex }) {
    if (!point || paneIndex !== 0) return;
    const group = this.#groupAt(point);
    if (group) this.house.open(group.firings[0]);
  }

  /* keys */

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isLetter = event.key.length === 1;
    if (isLetter && (recall("letters") === "off" || performance.now() - this.wentAt < TWO_KEYS_MS)) {
      this.wentAt = -Infinity;
      return;
    }
    if (event.key === "g") this.wentAt = performance.now();
    if (this.#act(event)) event.preventDefault();
  }

  #act({ key, shiftKey }) {
    const { levels } = this.house;
    const far = shiftKey ? 10 : 1;
    if (key === "a") return levels.takeNext() || true;
    if (levels.held) return this.#moveLine(key, far);
    if (key === "ArrowLeft" || key === "ArrowRight") this.#walkBy(key === "ArrowLeft" ? -far : far);
    else if (key === "Home" || key === "End") this.#walkTo(key === "Home" ? 0 : Infinity);
    else if (key === "+" || key === "-") this.#zoom(key === "+" ? 1.25 : 0.8);
    else if (key === "Enter") return this.#openWalked();
    else if (key === "Escape") return this.#stopWalking();
    else return false;
    return true;
  }

  #moveLine(key, far) {
    const { levels } = this.house;
    if (key === "ArrowUp" || key === "ArrowDown") levels.step(key === "ArrowUp" ? far : -far);
    else if (key === "Enter") levels.save();
    else if (key === "Escape") levels.restore();
    else return false;
    return true;
  }

  #walkBy(by) {
    const bars = this.house.bars();
    const place = this.walk === null ? bars.all.length - 1 : bars.placeOf(this.walk) + by;
    this.#walkTo(place);
  }

  #walkTo(place) {
    const { all } = this.house.bars();
    const bar = all[Math.max(0, Math.min(all.length - 1, place))];
    if (!bar) return;
    this.walk = bar.time;
    const { canvas } = this.house;
    canvas.chart.setCrosshairPosition(bar.close, bar.time, canvas.candles);
    const scale = canvas.chart.timeScale();
    const x = scale.timeToCoordinate(bar.time);
    if (x === null || x < 40 || x > canvas.width - 40) this.#bringIntoView(x ?? 0);
    this.house.walked(bar);
  }

  #bringIntoView(x) {
    const scale = this.house.canvas.chart.timeScale();
    const by = (this.house.canvas.width / 2 - x) / scale.options().barSpacing;
    scale.scrollToPosition(scale.scrollPosition() - by, false);
  }

  #zoom(by) {
    const scale = this.house.canvas.chart.timeScale();
    scale.applyOptions({ barSpacing: Math.max(1, Math.min(40, scale.options().barSpacing * by)) });
  }

  #openWalked() {
    const group = this.walk !== null && this.house.groups().find((each) => each.time === this.walk);
    if (group) this.house.open(group.firings[0]);
    return Boolean(group);
  }

  #stopWalking() {
    if (this.walk === null) return false;
    this.walk = null;
    this.house.canvas.chart.clearCrosshairPosition();
    this.house.pointed(null);
    return true;
  }
}
