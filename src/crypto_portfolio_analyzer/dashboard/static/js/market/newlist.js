// The dialog that makes a watchlist.

import { el } from "../dom.js";
import { t } from "../i18n.js";

const LONGEST = 64;

/** Ask for a name and symbols; `symbol` is what is at hand. */
export function askList(lists, symbol) {
  if (!lists.session.isUser) return lists.session.askLogin();
  const dialog = document.getElementById("dialog");
  const name = el("input", { class: "field", name: "name", required: true, maxlength: String(LONGEST), autocomplete: "off" });
  const symbols = el("input", { class: "field", name: "symbols", required: true, autocomplete: "off", spellcheck: "false", placeholder: "BTC, ETH, SOL/USDT", value: symbol ?? "" });
  const close = el("button", { class: "button", type: "button", onclick: () => dialog.close() }, t("cancel"));
  const make = async (event) => {
    event.preventDefault();
    dialog.close();
    await lists.set(name.value.trim(), symbols.value.split(/[\s,;]+/).filter(Boolean));
    if (lists.own.has(name.value.trim())) lists.choose(`list ${name.value.trim()}`);
  };
  dialog.replaceChildren(
    el(
      "form",
      { method: "dialog", onsubmit: make },
      el("h1", { id: "dialog-title" }, t("newList")),
      el("p", { class: "mute" }, t("newListWhy")),
      el("label", {}, t("name"), name),
      el("label", {}, t("symbolsWord"), symbols),
      el("div", { class: "acts" }, close, el("button", { class: "button primary" }, t("create"))),
    ),
  );
  dialog.showModal();
}
