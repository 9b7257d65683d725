// The bar and the rail: what stands around every view.

import { forgetColours } from "../colours.js";
import { setIcon, write } from "../dom.js";
import { clock, zoneNow } from "../format.js";
import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";
import { preferred, THEMES } from "../preferences.js";
import { text } from "../text.js";

const THEME_ICON = { auto: "auto", light: "sun", dark: "moon" };
const LEVEL_WORD = { critical: "offline", "": "connecting", warning: "live", ok: "live" };
const $ = (id) => document.getElementById(id);

export class Bar {
  constructor({ store, session, recolour }) {
    Object.assign(this, { store, session });
    this.prefersDark = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => [forgetColours(), this.theme(), recolour()];
    document.addEventListener("looks", repaint);
    this.prefersDark.addEventListener("change", repaint);
    $("rail-pin").addEventListener("click", () => this.#pin(!document.body.classList.contains("pinned")));
    this.#pin(recall("rail") === "pinned");
    setInterval(() => this.tick(), 1000);
  }

  /** Everything, as after a change of language. */
  draw() {
    this.pill();
    this.account();
    this.theme();
    this.tick();
  }

  pill() {
    const { health, link } = this.store;
    const feeds = health?.feeds.filter((feed) => feed.subscriptions) ?? [];
    const live = feeds.filter((feed) => feed.status === "connected").length;
    const isWhole = live === feeds.length;
    const level = link === "down" ? "critical" : link !== "live" ? "" : isWhole ? "ok" : "warning";
    $("pill-dot").className = `dot ${level}`;
    write($("pill-state"), t(LEVEL_WORD[level]));
    const count = live === 1 ? t("feed") : t("feeds", { n: live });
    write($("pill-feeds"), !health ? "" : isWhole ? count : t("feedsOf", { n: live, all: feeds.length }));
    $("pill-feeds").classList.toggle("warning", level === "warning");
    $("sim").hidden = !health?.simulated;
  }

  /** The time in the reader's zone, or in UTC where none was chosen. */
  tick() {
    const place = $("pill-clock");
    const now = this.store.now();
    const { zone } = preferred();
    place.dateTime = new Date(now).toISOString();
    place.title = zone ? zoneNow() : "UTC";
    write(place, zone ? clock(now) : `${clock(now, true)} UTC`);
  }

  account() {
    const { session } = this;
    write($("account-name"), session.isUser ? text("name", session.me.name) : t("login"));
    $("account").setAttribute("aria-label", session.isUser ? `${t("account")}: ${text("name", session.me.name)}` : t("login"));
  }

  theme() {
    const { theme } = preferred();
    const button = $("theme");
    const words = t(`theme${theme[0].toUpperCase()}${theme.slice(1)}`);
    button.title = words;
    button.setAttribute("aria-label", words);
    setIcon(button, THEME_ICON[theme]);
    const isDark = theme === "dark" || (theme === "auto" && this.prefersDark.matches);
    document.querySelector("meta[name=theme-color]").content = isDark ? "#161B22" : "#FFFFFF";
  }

  nextTheme() {
    this.session.prefer({ theme: THEMES[(THEMES.indexOf(preferred().theme) + 1) % THEMES.length] });
  }

  /** Mark where one is. */
  mark(name) {
    for (const link of document.querySelectorAll("[data-view]")) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  #pin(isPinned) {
    document.body.classList.toggle("pinned", isPinned);
    $("rail-pin").setAttribute("aria-pressed", String(isPinned));
    remember("rail", isPinned ? "pinned" : null);
  }
}
