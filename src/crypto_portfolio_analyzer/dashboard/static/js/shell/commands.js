// What the palette offers besides symbols: actions on what is shown first, then pages, settings, commands.

import { t } from "../i18n.js";
import { COLOURS, prefer, preferred, THEMES, wear } from "../preferences.js";
import { inPath } from "../api.js";
import { text } from "../text.js";

const PAGES = { market: ["/", "market", "g m"], alerts: ["/alerts", "bell", "g a"], firings: ["/firings", "bolt", "g f"], deliveries: ["/deliveries", "send", "g d"], portfolio: ["/portfolio", "portfolio", "g p"], channels: ["/channels", "channels", "g k"], system: ["/system", "system", "g s"], settings: ["/settings", "settings", "g o"] };
const SETTINGS = ["profile", "security", "tokens", "users", "silences", "audit", "about"];

/** Everything, for the palette. `acts` are what only the page as a whole can do. */
export function offers({ view, session, stars, go, acts }) {
  const symbol = view.symbol ?? view.active ?? null;
  return [...(symbol ? ofSymbol(symbol, { view, session, stars, go }) : []), ...ofView(view), ...pages(go), ...commands(acts, session), ...settings(go), ...looks(session)];
}

function ofSymbol(symbol, { view, session, stars, go }) {
  const name = text("symbol", symbol);
  const found = [
    { id: "new alert here", label: t("newAlertOn", { symbol: name }), icon: "bell", run: () => go(`/alerts/new?symbol=${inPath(symbol)}`) },
    { id: "star", label: t(stars.has(symbol) ? "unstar" : "star", { symbol: name }), icon: "star", run: () => stars.toggle(symbol) },
  ];
  if (view.active) found.push({ id: "open chart", label: t("openChart", { symbol: name }), icon: "chart", run: () => go(`/chart/${inPath(symbol)}`) });
  if (session.isUser) found.push(...(view.listActions?.(symbol) ?? []));
  return found.map((each) => ({ ...each, isFirst: true }));
}

const ofView = (view) => (view.actions?.() ?? []).map((each) => ({ ...each, isFirst: true }));

const pages = (go) => Object.entries(PAGES).map(([word, [path, icon, keys]]) => ({ id: `page ${word}`, label: t(word), icon, keys, run: () => go(path) }));

const settings = (go) =>
  SETTINGS.map((name) => ({ id: `settings ${name}`, label: `${t("settings")}: ${t(`settings_${name}`)}`, aliases: [t(`settings_${name}`)], icon: "settings", run: () => go(`/settings/${name}`) }));

function commands(acts, session) {
  return [
    { id: "new alert", label: t("newAlert"), icon: "plus", keys: "n", run: acts.newAlert },
    { id: "keys", label: t("keys"), icon: "keyboard", keys: "?", run: acts.showKeys },
    { id: "language", label: t("language"), icon: "channels", run: acts.nextLanguage },
    { id: "account", label: t(session.isUser ? "account" : "login"), icon: "user", run: () => session.askAccount() },
  ];
}

/** Themes and colours, each by its name. */
function looks(session) {
  const now = preferred();
  const change = (wish) => (session.isUser ? prefer(wish).catch((refusal) => session.refused(refusal)) : wear(wish));
  const themes = THEMES.filter((name) => name !== now.theme).map((name) => ({ id: `theme ${name}`, label: t(`theme${name[0].toUpperCase()}${name.slice(1)}`), icon: { auto: "auto", light: "sun", dark: "moon" }[name], run: () => change({ theme: name }) }));
  const colours = COLOURS.filter((name) => name !== now.colours).map((name) => ({ id: `colours ${name}`, label: t(`colours_${name}`), icon: "auto", run: () => change({ colours: name }) }));
  const letters = { id: "letters", label: t(now.letters ? "lettersOffNow" : "lettersOnNow"), icon: "keyboard", run: () => change({ letters: !now.letters }) };
  return [...themes, ...colours, letters];
}
