// The system: one sentence, then the feeds, the symbols that are not served as wished, and the server itself.

import { get } from "./api.js";
import { el, fromTemplate, icon } from "./dom.js";
import { duration, fullPrice, integer, milliseconds, percent } from "./format.js";
import { language, t } from "./i18n.js";
import { text } from "./text.js";

const GRAVE = ["refused", "stale", "polled", "fallback"];

const DAY_MS = 60_000; // how often the day's strip is asked for

/** The worst thing as a sentence, and how bad it is; `stats` adds to the good news. */
export function verdict(health, stats = null) {
  const down = health.feeds.find((feed) => feed.subscriptions && feed.status !== "connected");
  if (down) {
    const isSpare = [...GRAVE, "waiting"].every((state) => !health.watches[state]);
    const why = down.last_error ? `${text("sentence", down.last_error)}. ` : "";
    const second = `${why}${t(isSpare ? "feedSpare" : "feedDownWhy")}`;
    return { level: isSpare ? "warning" : "critical", first: t("feedDown", { feed: text("name", down.label) }), second };
  }
  for (const state of GRAVE) {
    const hit = health.troubled.filter((watch) => watch.state === state);
    if (hit.length) return { level: "warning", ...troubled(hit, `watch${state[0].toUpperCase()}${state.slice(1)}`) };
  }
  if (!health.feeds.length) return { level: "warning", first: t("noFeeds"), second: "" };
  const waiting = health.troubled.filter((watch) => watch.state === "waiting");
  if (waiting.length) return { level: "warning", ...troubled(waiting, "watchWaiting") };
  return { level: "ok", first: t("allWell"), second: wellWords(health, stats) };
}

function troubled(hit, sentence) {
  const more = hit.length > 1 ? ` (${t("andMore", { n: hit.length - 1 })})` : "";
  return { first: t(sentence, { symbol: text("symbol", hit[0].asked) + more }), second: text("sentence", hit[0].reason) };
}

function wellWords(health, stats) {
  const clients = health.connected_clients;
  const live = health.feeds.filter((feed) => feed.status === "connected").length;
  const open = health.feeds.reduce((sum, feed) => sum + feed.gaps_open, 0);
  const speed = stats?.deliveries.steps.stored?.p99 ?? null;
  const more = [speed === null ? null : t("verdictSpeed", { ms: milliseconds(speed * 1000, language) }), stats ? t("verdictQueued", { n: integer(stats.deliveries.waiting, language) }) : null];
  const living = t("verdictLive", {
    feeds: live === 1 ? t("feed") : t("feeds", { n: live }),
    gaps: open === 0 ? t("noGaps") : open === 1 ? t("gapOne") : t("gapMany", { n: open }),
    clients: clients === 1 ? t("clientOne") : t("clientMany", { n: clients }),
  });
  return [living.replace(/\.$/, ""), ...more.filter(Boolean)].join(", ") + ".";
}

/** A feed's day: one bar for each half hour, of what was live, fetched later, and missing. */
function day(feed, slots) {
  const known = slots.filter((slot) => slot.live !== null);
  const mean = (name) => percent((100 * known.reduce((sum, slot) => sum + slot[name], 0)) / known.length, language).replace("+", "");
  const words = known.length ? t("coverageOf", { feed: text("name", feed.label), live: mean("live"), late: mean("backfilled"), missing: mean("missing") }) : t("coverageNone");
  const bars = slots.map((slot) => {
    const bar = el("i");
    for (const [name, share] of [["missing", slot.missing], ["late", slot.backfilled], ["live", slot.live]]) {
      if (!share) continue;
      const part = el("b", { class: name });
      part.style.height = `${100 * share}%`;
      bar.append(part);
    }
    return bar;
  });
  return el("div", { class: "day", role: "img", "aria-label": words, title: words }, ...bars);
}

const row = (label, value) => el("div", {}, el("dt", {}, t(label)), el("dd", {}, value));

function card(feed, slots) {
  const well = feed.status === "connected";
  const dot = well ? "dot ok" : feed.subscriptions ? "dot critical" : "dot";
  const rejects = Object.values(feed.rejects).reduce((sum, count) => sum + count, 0);
  const gaps = feed.gaps ? `${integer(feed.gaps, language)}${feed.gaps_open ? ` · ${t("gapsOpen", { n: feed.gaps_open })}` : ""}` : t("none");
  return el(
    "article",
    { class: "card" },
    el(
      "header",
      {},
      el("span", { class: dot }),
      el("b", {}, text("name", feed.label)),
      feed.simulated ? el("span", { class: "chip chip-sim" }, "SIM") : null,
      el("span", { class: "mute" }, !well && !feed.subscriptions ? t("state_idle") : t(`state_${feed.status}`)),
    ),
    slots ? day(feed, slots) : null,
    el(
      "dl",
      {},
      row("lastFact", duration(feed.age_seconds, language)),
      row("latency", milliseconds(feed.latency_ms, language)),
      row("facts", integer(feed.facts, language)),
      row("subscriptions", integer(feed.subscriptions, language)),
      row("connections", integer(feed.connections, language)),
      row("reconnects", integer(feed.reconnects, language)),
      row("gaps", gaps),
      row("backfilledN", integer(feed.backfilled, language)),
      row("rejects", integer(rejects, language)),
    ),
    feed.last_error && !well ? el("p", { class: "why" }, text("note", feed.last_error)) : null,
  );
}

const sized = (bytes) => (bytes < 1e9 ? `${fullPrice(bytes / 1e6, 1, language)} MB` : `${fullPrice(bytes / 1e9, 1, language)} GB`);

/** The steps of an alert's way, from the venue to the other end, with the time that a share of them took at most. */
function way(steps) {
  const heads = ["step", "median", "p90", "p99", "counted"].map((word) => el("th", { scope: "col" }, t(word)));
  const rows = Object.entries(steps).map(([name, step]) => {
    const took = ["p50", "p90", "p99"].map((share) => el("td", {}, step[share] === null ? "–" : milliseconds(step[share] * 1000, language)));
    return el("tr", {}, el("th", { scope: "row" }, t(`way_${name}`)), ...took, el("td", {}, integer(step.count, language)));
  });
  return el("table", { class: "operands" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

export class SystemView {
  constructor({ store, session }) {
    Object.assign(this, { store, session });
    Object.assign(this, fromTemplate("t-system"));
    this.status = this.stats = this.inside = null;
    this.insideAt = -Infinity;
    this.draw = () => this.#draw();
  }

  get title() {
    return t("system");
  }

  async start() {
    this.store.addEventListener("health", this.draw);
    this.#draw();
    await this.#ask();
    this.asking = setInterval(() => this.#ask(), 5000);
  }

  stop() {
    this.store.removeEventListener("health", this.draw);
    clearInterval(this.asking);
  }

  retell() {
    this.#draw();
  }

  linkChanged() {
    this.#draw();
  }

  key() {
    return false;
  }

  async #ask() {
    try {
      this.status = await get("/status");
      if (this.session.isUser) await this.#more();
      this.#draw();
    } catch {
      // the connection pill tells
    }
  }

  async #more() {
    this.stats = await get("/api/stats");
    if (performance.now() - this.insideAt < DAY_MS) return;
    this.insideAt = performance.now();
    this.inside = await get("/api/system");
  }

  #draw() {
    const { parts } = this;
    const health = this.store.health;
    if (this.store.link === "down") this.#say({ level: "critical", first: t("linkDownFirst"), second: "" });
    else if (health) this.#say(verdict(health, this.stats));
    if (!health) return;
    const days = new Map(this.inside?.feeds.map((feed) => [feed.venue, feed.slots]));
    parts.feeds.replaceChildren(...health.feeds.map((feed) => card(feed, days.get(feed.venue))));
    parts.watches.replaceChildren(this.#watches(health));
    this.#told();
    this.#inside();
    this.#server();
  }

  /** How long each step of an alert's way takes, and what became of what was to be told. */
  #told() {
    const { stats, parts } = this;
    parts.toldHead.hidden = parts.told.hidden = !stats;
    if (!stats) return;
    const { by_state: states, waiting, oldest_due_seconds: oldest, steps } = stats.deliveries;
    const count = (state) => integer(states[state] ?? 0, language);
    const parted = { delivered: count("delivered"), dead: count("dead"), kept: integer((states.suppressed ?? 0) + (states.cancelled ?? 0), language) };
    const counts = Object.entries(parted).map(([name, words]) => el("div", {}, el("dt", {}, t(`tab_${name}`)), el("dd", {}, words)));
    const wait = oldest === null ? "" : ` · ${t("oldestDue", { age: duration(oldest, language) })}`;
    const queue = el("div", {}, el("dt", {}, t("tab_waiting")), el("dd", {}, `${integer(waiting, language)}${wait}`));
    parts.told.replaceChildren(el("dl", { class: "facts" }, queue, ...counts), way(steps));
  }

  /** What waits inside of the process, and where things are kept. */
  #inside() {
    const { inside, parts } = this;
    parts.inside.hidden = !inside;
    if (!inside) return;
    const words = ({ waiting, most, dropped }) => {
      const many = most === null ? integer(waiting, language) : t("queueOf", { n: integer(waiting, language), most: integer(most, language) });
      return dropped ? `${many} · ${t("dropped", { n: integer(dropped, language) })}` : many;
    };
    parts.queues.replaceChildren(...inside.queues.map((queue) => row(`queue_${queue.name}`, words(queue))));
    const { engine, bytes, free_bytes: free } = inside.storage;
    const size = bytes === null ? [] : [row("storageSize", sized(bytes))];
    parts.storage.replaceChildren(row("storageEngine", engine), ...size, row("storageFree", sized(free)));
  }

  #say({ level, first, second }) {
    const { parts } = this;
    parts.verdict.className = `verdict ${level}`;
    parts.mark.replaceChildren(icon({ ok: "check", warning: "warning", critical: "critical" }[level]));
    parts.first.textContent = first;
    parts.second.textContent = second;
  }

  #watches(health) {
    if (!health.troubled.length) return el("p", { class: "mute" }, t("watchesWell"));
    const rows = health.troubled.map((watch) =>
      el(
        "li",
        {},
        el("b", {}, text("symbol", watch.asked)),
        el("span", {}, t(`watch_${watch.state}`)),
        el("span", { class: "mute" }, text("sentence", watch.reason || watch.source || "")),
      ),
    );
    return el("ul", {}, ...rows);
  }

  #server() {
    const { status, store, parts } = this;
    const off = milliseconds(store.offset, language);
    parts.server.replaceChildren(
      row("version", store.build ? text("name", store.build) : "–"),
      row("uptime", status ? duration(status.uptime, language) : "–"),
      row("clients", integer(store.health.connected_clients, language)),
      row("clock", store.offset > 0 ? `+${off}` : off),
    );
  }
}
