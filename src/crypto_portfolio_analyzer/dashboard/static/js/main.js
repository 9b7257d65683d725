// The page put together: bar, routes, keys, and who is looking.

import { answered, inPath } from "./api.js";
import { Banner } from "./shell/banner.js";
import { Bar } from "./shell/bar.js";
import { offers } from "./shell/commands.js";
import { el } from "./dom.js";
import { language, onLanguage, t, translate } from "./i18n.js";
import { KEY_MAP, Keys } from "./shell/keys.js";
import { MarketView } from "./market/market.js";
import { recall, remember } from "./memory.js";
import { forgetPrices, keepPrices, keepShell, keptPrices, NeedsServer } from "./shell/offline.js";
import { Palette } from "./shell/palette.js";
import { preferred } from "./preferences.js";
import { Session } from "./shell/session.js";
import { attend } from "./market/since.js";
import { Stars } from "./market/stars.js";
import { LiveStore } from "./store.js";
import { text } from "./text.js";
import { toaster } from "./shell/toasts.js";

const $ = (id) => document.getElementById(id);

const toast = toaster($("toasts"));
const store = new LiveStore();
const session = new Session($("dialog"), toast, settle);
const stars = new Stars(session);
const bar = new Bar({ store, session, recolour: () => view?.recolour?.() });
const banner = new Banner(store);
const needsServer = new NeedsServer(() => store.link === "down", toast);
let view = null;
let place = null; // the name of the route it stands on
let turn = 0; // of the routes asked for, so that one that loads slowly does not come after its successor
let shownTo = null; // the name for whom the view was made
let isRunOut = false;

async function add(symbol) {
  if (place !== "market") await go("/");
  view.watch(symbol);
}

/** Where a new alert begins: with the symbol at hand. */
function newAlertPath() {
  const symbol = view.symbol ?? view.active;
  return symbol ? `/alerts/new?symbol=${inPath(symbol)}` : "/alerts/new";
}

/** The chart looked at last, else of the first symbol. */
const chartPath = () => `/chart/${inPath(recall("chart") ?? store.prices.keys().next().value ?? "BTC/USDT")}`;

/** Tell a firing wherever one is; where firings are listed they show by themselves. */
function fired(event) {
  if (place === "firings" || view.showsFirings) return;
  const firing = event.detail;
  const name = text("name", firing.alert_name ?? firing.alert_id);
  const words = t("firedToast", { symbol: text("symbol", firing.symbol), name });
  toast(words, t("evidence"), () => go(`/firings/${encodeURIComponent(firing.id)}`));
}

/* routes: the first that fits */

const common = { store, session, go, toast, stars };
const ROUTES = [
  [/^\/chart\/([^/]+)$/, "chart", () => import("./chart/chart.js"), ({ ChartView }, symbol, query) => new ChartView({ ...common, symbol, frame: query.get("tf") ?? "" })],
  [/^\/alerts$/, "alerts", () => import("./alerts/alerts.js"), ({ AlertsView }) => new AlertsView(common)],
  [/^\/alerts\/new$/, "alerts", () => import("./alerts/editor.js"), ({ AlertEditor }) => new AlertEditor(common)],
  [/^\/alerts\/([^/]+)\/edit$/, "alerts", () => import("./alerts/editor.js"), ({ AlertEditor }, name) => new AlertEditor({ ...common, id: name })],
  [/^\/alerts\/([^/]+)$/, "alerts", () => import("./alerts/alert.js"), ({ AlertView }, name) => new AlertView({ ...common, id: name })],
  [/^\/firings(?:\/([^/]+))?$/, "firings", () => import("./alerts/firings.js"), ({ FiringsView }, name) => new FiringsView({ ...common, id: name })],
  [/^\/deliveries(?:\/([^/]+))?$/, "deliveries", () => import("./delivery/deliveries.js"), ({ DeliveriesView }, name) => new DeliveriesView({ ...common, id: name })],
  [/^\/channels$/, "channels", () => import("./delivery/channels.js"), ({ ChannelsView }) => new ChannelsView(common)],
  [/^\/portfolio$/, "portfolio", () => import("./portfolio/portfolio.js"), ({ PortfolioView }) => new PortfolioView(common)],
  [/^\/settings(?:\/([^/]+))?$/, "settings", () => import("./settings/settings.js"), ({ SettingsView }, section) => new SettingsView({ ...common, section })],
  [/^\/setup$/, "setup", () => import("./settings/setup.js"), ({ SetupView }) => new SetupView(common)],
  [/^\/system$/, "system", () => import("./system.js"), ({ SystemView }) => new SystemView(common)],
];

/** The route of the address: its name, and what makes its view once its script is here; null: it cannot be had. */
async function routed() {
  const query = new URLSearchParams(location.search);
  for (const [pattern, name, load, make] of ROUTES) {
    const found = pattern.exec(location.pathname);
    if (!found) continue;
    const script = await load().catch(() => null);
    return script && [name, () => make(script, found[1] ? decodeURIComponent(found[1]) : null, query)];
  }
  return ["market", () => new MarketView(common)];
}

async function show() {
  turn += 1;
  const mine = turn;
  const found = await routed();
  if (mine !== turn) return;
  if (!found) return toast(t("needsServer"));
  view?.stop();
  const [name, make] = found;
  [place, view] = [name, make()];
  shownTo = session.me?.name ?? null;
  if (place === "chart") remember("chart", view.symbol);
  $("view").replaceChildren(view.root);
  bar.mark(place);
  title();
  view.linkChanged();
  view.start();
}

async function go(path) {
  if (path === location.pathname + location.search) return;
  history.pushState(null, "", path);
  await show();
  $("view").focus({ preventScroll: true });
}

function title() {
  const mark = store.health?.simulated ? "SIM · " : "";
  document.title = `${mark}${text("symbol", view.title)} · Crypto Analyzer`;
}

/* dialogs */

function open(...content) {
  const dialog = $("dialog");
  const close = el("button", { class: "button primary", type: "button", onclick: () => dialog.close() }, t("close"));
  dialog.replaceChildren(...content, el("div", { class: "acts" }, close));
  if (!dialog.open) dialog.showModal();
}

function showKeys() {
  const rows = KEY_MAP.flatMap(([keys, word]) => [el("dt", {}, ...keys.split("  ").map((key) => el("kbd", {}, key))), el("dd", {}, t(word))]);
  const about = el("p", { class: "mute" }, t(preferred().letters ? "lettersOn" : "lettersOff"));
  open(el("h1", { id: "dialog-title" }, t("keys")), el("dl", { class: "keys" }, ...rows), about);
}

function showMore() {
  const act = (word, what) => el("button", { class: "button", type: "button", onclick: what }, word);
  const place = (word, path) => act(t(word), () => [$("dialog").close(), go(path)]);
  const places = Object.entries({ deliveries: "/deliveries", portfolio: "/portfolio", channels: "/channels", system: "/system", settings: "/settings" });
  const { theme } = preferred();
  const list = el(
    "div",
    { class: "more-list" },
    ...places.map(([word, path]) => place(word, path)),
    act(session.isUser ? t("account") : t("login"), () => session.askAccount()),
    act(t("language"), () => [nextLanguage(), showMore()]),
    act(t(`theme${theme[0].toUpperCase()}${theme.slice(1)}`), () => [bar.nextTheme(), showMore()]),
    el("a", { class: "button", href: "/docs" }, t("apiDocs")),
  );
  open(el("h1", { id: "dialog-title" }, t("more")), list);
}

const nextLanguage = () => session.prefer({ language: language === "en" ? "de" : "en" });

/* begin */

const acts = { newAlert: () => go(newAlertPath()), showKeys, nextLanguage, nextTheme: () => bar.nextTheme() };
const palette = new Palette({ store, session, go, add, toast, offers: () => offers({ view, session, stars, go, acts }) });

function listen() {
  document.addEventListener("click", follow);
  addEventListener("popstate", show);
  const clicks = { theme: acts.nextTheme, language: nextLanguage, keys: showKeys, account: () => session.askAccount(), "bar-search": () => palette.open(), "bottom-new": acts.newAlert, "bottom-more": showMore };
  for (const [name, act] of Object.entries(clicks)) $(name).addEventListener("click", act);
  onLanguage(() => {
    bar.draw();
    banner.draw();
    title();
    view.retell();
    view.linkChanged();
  });
  store.addEventListener("link", () => {
    document.body.classList.toggle("offline", store.link === "down");
    bar.pill();
    banner.draw();
    needsServer.linkChanged();
    view.linkChanged();
  });
  store.addEventListener("health", () => [bar.pill(), banner.draw(), place === "chart" || title()]);
  store.addEventListener("firing", fired);
  store.addEventListener("expired", () => session.learn());
  store.addEventListener("build", () => banner.renew());
}

function follow(event) {
  const link = event.target.closest("a[data-link]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

async function begin() {
  translate(document);
  attend();
  store.preload(keptPrices());
  const isAnswered = session.learn().then(() => true, () => false);
  if (location.pathname !== "/") await isAnswered; // but for the prices: what is typed into a view would be lost with it
  await show();
  bar.draw();
  listen();
  new Keys({
    places: { m: "/", c: chartPath, a: "/alerts", f: "/firings", d: "/deliveries", p: "/portfolio", k: "/channels", s: "/system", o: "/settings" },
    commands: { "/": () => palette.open(), "?": showKeys, n: acts.newAlert },
    find: () => palette.open(),
    view: () => view,
    go,
  });
  await meet(await isAnswered);
  keepPrices(store);
  keepShell();
}

/** Learn who is looking, then connect; a server that does not answer is tried again by the store. */
async function meet(isAnswered) {
  if (!isAnswered) store.addEventListener("link", askAgain); // nobody knows yet who is looking: asked again as soon as there is a server
  session.addEventListener("change", changed);
  bar.account();
  store.start(session.isUser);
  if (location.pathname === "/login") {
    const wasUsed = new URLSearchParams(location.search).has("used");
    history.replaceState(null, "", "/");
    if (!session.isUser) session.askLogin(wasUsed);
  } else if (!session.mayLook && isAnswered) session.askLogin();
  if (session.me?.first_run) (await import("./settings/setup.js")).offerSetup({ session, store, go });
  if (session.isUser && session.me.name !== shownTo) await show();
}

async function askAgain() {
  if (store.link !== "live") return;
  store.removeEventListener("link", askAgain);
  await session.learn();
  if (!session.mayLook) session.askLogin();
}

/** Somebody else is looking: nothing of the one before stays. A session that ran out keeps the page under the login. */
function changed() {
  bar.account();
  store.restart(session.isUser);
  const hasRunOut = !session.isUser && session.lastName !== null;
  if (hasRunOut) session.askLogin();
  else if (!isRunOut || session.me?.name !== shownTo) {
    if (!session.isUser) forgetPrices();
    show();
  }
  isRunOut = hasRunOut;
}

/** Let view and link say nothing more for the user, and wait for what they have asked. */
async function settle() {
  view.stop();
  await store.leave();
  await answered();
}

begin();
