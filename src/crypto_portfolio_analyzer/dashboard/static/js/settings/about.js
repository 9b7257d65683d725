// About: the version, and whose work this stands on.

import { get } from "../api.js";
import { bdi, el } from "../dom.js";
import { t } from "../i18n.js";
import { text } from "../text.js";

export class AboutSettings {
  constructor({ session }) {
    this.session = session;
    this.root = el("div", { class: "stack" });
    this.version = session.me?.version ?? "";
  }

  async learn() {
    this.version = (await get("/health")).version;
  }

  draw() {
    const facts = [[t("version"), this.version], [t("loginWord"), t(this.session.me?.auth === "off" ? "authOff" : "authOn")]];
    const rows = facts.map(([word, value]) => el("div", {}, el("dt", {}, word), el("dd", {}, bdi(text("name", value)))));
    const out = { target: "_blank", rel: "noopener noreferrer" };
    this.root.replaceChildren(
      el("section", { class: "card" }, el("h2", {}, "Crypto Analyzer"), el("dl", { class: "about-facts" }, ...rows), el("p", {}, el("a", { href: "/docs" }, t("apiDocs")))),
      el(
        "section",
        { class: "card" },
        el("h2", {}, t("licences")),
        el("p", {}, "TradingView Lightweight Charts™", el("br"), "Copyright (c) 2026 TradingView, Inc. ", el("a", { href: "https://www.tradingview.com/", ...out }, "https://www.tradingview.com/")),
        el("p", { class: "mute" }, t("licenceChart")),
        el("p", {}, el("a", { href: "/static/vendor/lightweight-charts-LICENSE.txt" }, "Apache License 2.0"), " · ", el("a", { href: "/static/vendor/README.md" }, t("licencesAll"))),
      ),
    );
  }
}
