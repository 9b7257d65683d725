// The live store: one socket, the newest state of each market, and the health of both. Views read it when they
// paint; nothing is painted because a message came.

import { post } from "./api.js";

const QUIET = 5000; // no frame for this long: ask
const ANSWER = 3000; // no answer for this long: the link is down
const SHORTEST = 500;
const LONGEST = 15000;
const ECHO = 3000;

export class LiveStore extends EventTarget {
  constructor({ hz = 5 } = {}) {
    super();
    this.hz = hz;
    this.prices = new Map(); // market -> newest price, with `version`
    this.gone = new Map();
    this.version = 0;
    this.health = null;
    this.link = "connecting";
    this.downSince = null;
    this.offset = 0; // server clock less ours, ms
    this.build = null;
    this.isUser = false;
    this.wasLive = false;
    this.snapshotAt = null; // when the prices of an earlier visit were taken, while they are shown
    this.focus = null; // the symbol that is followed closely
    this.rooms = new Set(); // what views follow besides prices and alerts
    this.firingSeq = null; // the newest firing heard; what comes after it is asked for again after a break
    this.socket = null;
    this.connecting = null; // resolves when the socket is open or gone
    this.left = false;
    this.tries = 0;
    this.timers = { again: 0, quiet: 0, answer: 0 };
    addEventListener("online", () => this.#atOnce());
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** The server's time in ms. */
  now() {
    return Date.now() + this.offset;
  }

  start(isUser) {
    this.isUser = isUser;
    this.#connect();
  }

  /** Show the prices of an earlier visit until there are new ones. */
  preload(kept) {
    if (!kept || this.prices.size) return;
    this.snapshotAt = kept.at;
    for (const row of kept.rows) this.prices.set(row.market, { ...row, version: 0 });
    this.version += 1;
  }

  /** Connect anew, as somebody else. */
  restart(isUser) {
    this.isUser = isUser;
    this.tries = 0;
    this.left = false;
    this.socket?.close();
    if (!this.socket) this.#atOnce();
  }

  /** Be nobody until the restart; resolves when no ticket and no handshake is under way. */
  async leave() {
    this.left = true;
    this.isUser = false;
    this.firingSeq = null;
    clearTimeout(this.timers.again);
    await this.connecting;
  }

  /** Follow one symbol with every change instead of a few a second. */
  follow(symbol) {
    if (this.focus === symbol) return;
    if (this.focus) this.#say("unsubscribe", { room: "prices", symbols: [this.focus] });
    this.focus = symbol;
    if (symbol) this.#say("subscribe", { room: "prices", symbols: [symbol] });
  }

  /** Be in a room of one's own, also after a break. */
  enter(room) {
    this.rooms.add(room);
    this.#say("join_room", { room });
  }

  depart(room) {
    this.rooms.delete(room);
    this.#say("leave_room", { room });
  }

  #connect() {
    this.connecting = this.#open();
  }

  async #open() {
    clearTimeout(this.timers.again);
    this.timers.again = 0;
    let query = "";
    try {
      if (this.isUser) query = `?ticket=${encodeURIComponent((await post("/api/auth/ws-ticket")).ticket)}`;
    } catch (refusal) {
      if (refusal.status !== 401) return this.#lost();
      this.isUser = false;
      this.dispatchEvent(new Event("expired"));
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws${query}`);
    this.socket = socket;
    socket.onmessage = (event) => this.#heard(event.data);
    await new Promise((settled) => {
      socket.onopen = () => [this.#opened(), settled()];
      socket.onclose = () => [socket === this.socket && this.#lost(), settled()];
    });
  }

  #opened() {
    this.tries = 0;
    this.#subscribe();
    this.#say("join_room", { room: "system" });
    if (this.isUser) this.#followAlerts();
    if (this.isUser) for (const room of this.rooms) this.#say("join_room", { room });
    this.#watch();
  }

  #followAlerts() {
    this.#say("join_room", { room: "alerts" });
    // The first time nothing is missed; the answer says where one stands, so that the first break is bridged too
    this.socket.send(JSON.stringify({ type: "resume", room: "alerts", after: this.firingSeq ?? Number.MAX_SAFE_INTEGER }));
  }

  #subscribe() {
    this.#say("subscribe", { room: "prices", symbols: ["*"], batch: true, max_hz: this.hz });
    if (this.focus) this.#say("subscribe", { room: "prices", symbols: [this.focus] });
  }

  #say(type, data) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type, data }));
  }

  #lost() {
    clearTimeout(this.timers.quiet);
    clearTimeout(this.timers.answer);
    this.socket = null;
    this.#become("down");
    const ceiling = Math.min(LONGEST, SHORTEST * 2 ** this.tries);
    this.tries += 1;
    if (this.left) return;
    this.timers.again = setTimeout(() => this.#connect(), Math.max(200, Math.random() * ceiling));
  }

  #atOnce() {
    if (this.socket || this.left) return;
    this.tries = 0;
    this.#connect();
  }

  #seen() {
    if (document.hidden) this.#say("leave_room", { room: "prices" });
    else if (this.socket?.readyState === WebSocket.OPEN) this.#subscribe();
    else this.#atOnce();
  }

  #watch() {
    clearTimeout(this.timers.quiet);
    clearTimeout(this.timers.answer);
    this.timers.quiet = setTimeout(() => {
      this.#say("ping");
      this.timers.answer = setTimeout(() => this.#drop(), ANSWER);
    }, QUIET);
  }

  #drop() {
    const socket = this.socket;
    if (socket) socket.onclose = null;
    socket?.close();
    this.#lost();
  }

  #heard(raw) {
    this.#watch();
    const message = JSON.parse(raw);
    if (message.type === "batch") this.#batch(message);
    else if (message.type === "price_update") this.#price(message.data);
    else if (message.type === "heartbeat") this.#beat(message.data);
    else if (message.type === "status") this.#status(message.data);
    else if (message.type === "alert") this.#fired(message);
    else if (message.type === "portfolio_update") this.dispatchEvent(new CustomEvent("portfolio", { detail: message.data }));
    if (message.type === "batch" && message.snapshot) this.#become("live");
  }

  #batch(message) {
    if (message.snapshot && this.snapshotAt !== null) {
      this.prices.clear(); // what was kept from an earlier visit has served
      this.snapshotAt = null;
    }
    for (const each of message.data) this.#price(each.data);
  }

  #price(data) {
    if (performance.now() < (this.gone.get(data.market) ?? 0)) return;
    const known = this.prices.get(data.market);
    // Never back in time: what arrived earlier at the server is older, whatever the venue's clock says
    if (known && data.received_at < known.received_at) return;
    this.version += 1;
    this.prices.set(data.market, { ...data, at: Date.parse(data.event_at), version: this.version });
  }

  /** A firing, each once and in order however often the link broke. */
  #fired(message) {
    if (this.firingSeq !== null && message.seq <= this.firingSeq) return;
    this.firingSeq = message.seq;
    this.dispatchEvent(new CustomEvent("firing", { detail: message.data }));
  }

  #beat(data) {
    this.offset = Date.parse(data.server_time) - Date.now();
    if (this.build && this.build !== data.build) this.dispatchEvent(new Event("build"));
    this.build ??= data.build;
  }

  #status(data) {
    if (data.room === "alerts" && data.resumed_to != null) this.firingSeq = Math.max(this.firingSeq ?? 0, data.resumed_to);
    if (data.server_time && data.build) this.#beat(data);
    if (data.room !== "system" || !data.feeds) return;
    this.health = data;
    this.dispatchEvent(new Event("health"));
  }

  /** Forget a market nobody watches any more. */
  forget(market) {
    this.prices.delete(market);
    this.gone.set(market, performance.now() + ECHO); // what was under way must not bring it back
    this.version += 1;
  }

  /** Take a market up again. */
  welcome(market) {
    this.gone.delete(market);
  }

  #become(link) {
    if (link === "live") {
      this.wasLive = true;
      this.downSince = null;
    } else {
      this.downSince ??= this.now();
    }
    if (this.link === link) return;
    this.link = link;
    this.dispatchEvent(new Event("link"));
  }
}
