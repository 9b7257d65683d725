// The banner under the bar: the one thing about the whole page that must be known now.

import { el, icon } from "../dom.js";
import { clock } from "../format.js";
import { t } from "../i18n.js";
import { text } from "../text.js";

export class Banner {
  constructor(store) {
    this.store = store;
    this.place = document.getElementById("banner");
    this.isNew = false;
    this.told = "";
  }

  /** A new version runs on the server: offer it, never take the page away. */
  renew() {
    this.isNew = true;
    this.draw();
  }

  draw() {
    const news = this.#news();
    const told = JSON.stringify(news);
    if (told === this.told) return; // a live region that is written again is read again
    this.told = told;
    this.place.hidden = !news;
    if (!news) return this.place.replaceChildren();
    const { level, words, act } = news;
    this.place.className = level === "info" ? "banner news" : "banner";
    const button = act ? el("button", { class: "button", type: "button", onclick: () => location.reload() }, t(act)) : null;
    this.place.replaceChildren(icon(level === "info" ? "info" : level), el("span", {}, words), ...(button ? [button] : []));
  }

  /** The worst first. */
  #news() {
    const { store } = this;
    if (store.link === "down") {
      const words = store.wasLive ? t("linkDown", { time: clock(store.downSince) }) : store.snapshotAt ? t("linkDownKept", { time: clock(store.snapshotAt) }) : t("linkDownFirst");
      return { level: "warning", words };
    }
    if (this.isNew) return { level: "info", words: t("newVersion"), act: "reload" };
    const down = store.health?.feeds.find((feed) => feed.subscriptions && feed.status !== "connected");
    if (down && this.#matters()) return { level: "warning", words: t("feedDownBanner", { feed: text("name", down.label) }) };
    return null;
  }

  /** A feed that only stands by is no news: the system page tells of it. */
  #matters() {
    const { watches } = this.store.health;
    return ["stale", "fallback", "polled", "refused"].some((state) => watches[state]);
  }
}
