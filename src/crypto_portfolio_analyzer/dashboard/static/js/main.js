// The page put together: bar, routes, keys.

import { AlertView } from "./alert.js";
import { AlertsView } from "./alerts.js";
import { answered, inPath } from "./api.js";
import { ChannelsView } from "./channels.js";
import { ChartView } from "./chart.js";
import { forgetColours } from "./colours.js";
import { DeliveriesView } from "./deliveries.js";
import { el, setIcon, write } from "./dom.js";
import { AlertEditor } from "./editor.js";
import { FiringsView, nameOf } from "./firings.js";
import { clock } from "./format.js";
import { language, onLanguage, speak, t, translate } from "./i18n.js";
import { MarketView } from "./market.js";
import { recall, remember } from "./memory.js";
import { Search } from "./search.js";
import { Session } from "./session.js";
import { LiveStore } from "./store.js";
import { SystemView } from "./system.js";
import { text } from "./text.js";
import { toaster } from "./toasts.js";

const THEMES = ["auto", "light", "dark"];
const THEME_ICON = { auto: "auto", light: "sun", dark: "moon" };
const $ = (id) => document.getElementById(id);

const toast = toaster($("toasts"));
const store = new LiveStore();
const session = new Session($("dialog"), toast, settle);
const search = new Search({ store, session, go, add });
let view = null;
let awaiting = null; // the first key of a two-key command

function add(symbol) {
  if (!(view instanceof MarketView)) go("/");
  view.watch(symbol);
}

/** Where a new alert begins: with the symbol at hand. */
function newAlertPath() {
  return view instanceof ChartView ? `/alerts/new?symbol=${inPath(view.symbol)}` : "/alerts/new";
}

/** Tell a firing wherever one is; the list of firings shows it by itself. */
function fired(event) {
  if (view instanceof FiringsView) return;
  const firing = event.detail;
  const words = t("firedToast", { symbol: text("symbol", firing.symbol), name: nameOf(firing) });
  toast(words, t("evidence"), () => go(`/firings/${encodeURIComponent(firing.id)}`));
}

/* routes */

function makeView() {
  const path = location.pathname;
  const chart = /^\/chart\/([^/]+)$/.exec(path);
  if (chart) {
    const frame = new URLSearchParams(location.search).get("tf") ?? "";
    return ["chart", new ChartView({ store, session, go, symbol: decodeURIComponent(chart[1]), frame })];
  }
  const alert = /^\/alerts\/([^/]+)$/.exec(path);
  const firing = /^\/firings(?:\/([^/]+))?$/.exec(path);
  if (path === "/alerts") return ["alerts", new AlertsView({ store, session, go, toast })];
  if (path === "/alerts/new") return ["alerts", new AlertEditor({ store, session, go, toast })];
  if (alert) return ["alerts", new AlertView({ store, session, id: decodeURIComponent(alert[1]) })];
  if (firing) return ["firings", new FiringsView({ store, session, id: firing[1] ? decodeURIComponent(firing[1]) : null })];
  const delivery = /^\/deliveries(?:\/([^/]+))?$/.exec(path);
  if (delivery) return ["deliveries", new DeliveriesView({ store, session, toast, id: delivery[1] ? decodeURIComponent(delivery[1]) : null })];
  if (path === "/channels") return ["channels", new ChannelsView({ store, session, toast })];
  if (path === "/system") return ["system", new SystemView({ store, session })];
  return ["market", new MarketView({ store, session, go, toast })];
}

function show() {
  view?.stop();
  const [name, next] = makeView();
  view = next;
  $("view").replaceChildren(view.root);
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  title();
  view.linkChanged();
  view.start();
}

function go(path) {
  if (path === location.pathname + location.search) return;
  history.pushState(null, "", path);
  show();
  $("view").focus({ preventScroll: true });
}

function title() {
  const mark = store.health?.simulated ? "SIM · " : "";
  document.title = `${mark}${text("symbol", view.title)} · Crypto Analyzer`;
}

/* bar */

function pill() {
  const { health, link } = store;
  const feeds = health?.feeds.filter((feed) => feed.subscriptions) ?? [];
  const live = feeds.filter((feed) => feed.status === "connected").length;
  const isWhole = live === feeds.length;
  const level = link === "down" ? "critical" : link !== "live" ? "" : isWhole ? "ok" : "warning";
  $("pill-dot").className = `dot ${level}`;
  write($("pill-state"), t({ critical: "offline", "": "connecting", warning: "live", ok: "live" }[level]));
  const count = live === 1 ? t("feed") : t("feeds", { n: live });
  write($("pill-feeds"), !health ? "" : isWhole ? count : t("feedsOf", { n: live, all: feeds.length }));
  $("pill-feeds").classList.toggle("warning", level === "warning");
  $("sim").hidden = !health?.simulated;
}

function tickClock() {
  const place = $("pill-clock");
  const now = store.now();
  place.dateTime = new Date(now).toISOString();
  write(place, `${clock(now, true)} UTC`);
}

function account() {
  write($("account-name"), session.isUser ? text("name", session.me.name) : t("login"));
  $("account").setAttribute("aria-label", session.isUser ? `${t("account")}: ${text("name", session.me.name)}` : t("login"));
}

function theme(next) {
  remember("theme", next === "auto" ? null : next);
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  const button = $("theme");
  const words = t(`theme${next[0].toUpperCase()}${next.slice(1)}`);
  button.title = words;
  button.setAttribute("aria-label", words);
  setIcon(button, THEME_ICON[next]);
  recolour();
}

function recolour() {
  forgetColours();
  view?.recolour?.();
}

const themeNow = () => recall("theme", "auto");
const nextTheme = () => theme(THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length]);
const nextLanguage = () => speak(language === "en" ? "de" : "en");

/* dialogs */

function open(...content) {
  const dialog = $("dialog");
  const close = el("button", { class: "button primary", type: "button", onclick: () => dialog.close() }, t("close"));
  dialog.replaceChildren(...content, el("div", { class: "acts" }, close));
  if (!dialog.open) dialog.showModal();
}

function showKeys() {
  const keys = { "/": "keySearch", "↑ ↓ j k": "keyMove", Enter: "keyOpen", h: "keyHold", "g m": "keyGoMarket", "g a": "keyGoAlerts", "g f": "keyGoFirings", "g d": "keyGoDeliveries", "g c": "keyGoChannels", n: "keyNew", "g s": "keyGoSystem", "[ ]": "keyNext", "1 … 6": "keyFrame", "?": "keyHelp", Esc: "keyEscape" };
  const rows = Object.entries(keys).flatMap(([key, word]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, t(word))]);
  open(el("h1", { id: "dialog-title" }, t("keys")), el("dl", { class: "keys" }, ...rows));
}

function showMore() {
  const act = (word, what) => el("button", { class: "button", type: "button", onclick: what }, word);
  const list = el(
    "div",
    { class: "more-list" },
    act(session.isUser ? t("account") : t("login"), () => session.askAccount()),
    act(t("deliveries"), () => [$("dialog").close(), go("/deliveries")]),
    act(t("channels"), () => [$("dialog").close(), go("/channels")]),
    act(t("system"), () => [$("dialog").close(), go("/system")]),
    act(t("language"), () => [nextLanguage(), showMore()]),
    act(t(`theme${themeNow()[0].toUpperCase()}${themeNow().slice(1)}`), () => [nextTheme(), showMore()]),
    el("a", { class: "button", href: "/docs" }, t("apiDocs")),
  );
  open(el("h1", { id: "dialog-title" }, t("more")), list);
}

/* keys: single letters are dead while typing */

const COMMANDS = { "/": () => search.open(), "?": showKeys, n: () => go(newAlertPath()) };
const PLACES = { m: "/", a: "/alerts", f: "/firings", d: "/deliveries", c: "/channels", s: "/system" };

function key(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const first = awaiting;
  awaiting = null;
  if (first === "g" && event.key in PLACES) go(PLACES[event.key]);
  else if (event.key === "g") awaiting = "g";
  else if (event.key in COMMANDS) COMMANDS[event.key]();
  else if (!view.key(event.key)) return;
  event.preventDefault();
}

function follow(event) {
  const link = event.target.closest("a[data-link]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/* begin */

async function begin() {
  translate(document);
  theme(themeNow());
  show();
  pill();
  account();
  tickClock();
  setInterval(tickClock, 1000);
  document.addEventListener("click", follow);
  document.addEventListener("keydown", key);
  addEventListener("popstate", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  $("theme").addEventListener("click", nextTheme);
  $("language").addEventListener("click", nextLanguage);
  $("keys").addEventListener("click", showKeys);
  $("account").addEventListener("click", () => session.askAccount());
  $("bottom-search").addEventListener("click", () => search.open());
  $("bottom-more").addEventListener("click", showMore);
  onLanguage(() => {
    theme(themeNow());
    pill();
    account();
    title();
    view.retell();
    view.linkChanged();
  });
  store.addEventListener("link", () => [pill(), view.linkChanged()]);
  store.addEventListener("health", () => [pill(), view instanceof ChartView || title()]);
  store.addEventListener("firing", fired);
  store.addEventListener("expired", () => session.learn());
  store.addEventListener("build", () => toast(t("newVersion"), t("reload"), () => location.reload()));
  await meet();
}

/** Learn who is looking, then connect; a server that does not answer is tried again by the store. */
async function meet() {
  try {
    await session.learn();
  } catch {
    session.me = null;
  }
  session.addEventListener("change", () => {
    account();
    store.restart(session.isUser);
    show();
  });
  account();
  store.start(session.isUser);
  if (location.pathname === "/login") {
    const wasUsed = new URLSearchParams(location.search).has("used");
    history.replaceState(null, "", "/");
    if (!session.isUser) session.askLogin(wasUsed);
  } else if (!session.mayLook) session.askLogin();
  if (session.isUser) show();
}

/** Let view and link say nothing more for the user, and wait for what they have asked. */
async function settle() {
  view.stop();
  await store.leave();
  await answered();
}

begin();
