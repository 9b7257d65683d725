// A new password: typed once, shown on demand, its strength said in words.

import { el } from "../dom.js";
import { field, input } from "../forms.js";
import { t } from "../i18n.js";

export const SHORTEST = 12;
const LONGEST = 256;
const STRENGTHS = ["strengthShort", "strengthWeak", "strengthFair", "strengthGood"];

/** 0 too short, 1 weak, 2 fair, 3 good: by length and by how many different characters there are. */
export function strengthOf(password) {
  if (password.length < SHORTEST) return 0;
  const variety = new Set(password).size;
  const hasRun = /(.)\1{3}|0123|1234|2345|3456|4567|5678|6789|abcd|qwer|asdf|pass/i.test(password);
  if (variety < 6 || hasRun) return 1;
  return password.length >= 16 && variety >= 9 ? 3 : 2;
}

/** The field with its button and its word, after the old one if there is one; managers know it as that of `name`. */
export function newPassword({ name, has_password: hasOld }) {
  const typed = input("password", { type: "password", autocomplete: "new-password", minlength: String(SHORTEST), maxlength: String(LONGEST), required: true });
  const word = el("span", { class: "strength", role: "status" });
  const show = el("button", { class: "button", type: "button", "aria-pressed": "false" }, t("show"));
  show.addEventListener("click", () => {
    const isShown = typed.type === "text";
    typed.type = isShown ? "password" : "text";
    show.setAttribute("aria-pressed", String(!isShown));
  });
  typed.addEventListener("input", () => {
    const strength = strengthOf(typed.value);
    word.textContent = typed.value ? t(STRENGTHS[strength]) : "";
    word.dataset.strength = String(strength);
  });
  const account = el("input", { name: "username", autocomplete: "username", value: name, hidden: true });
  const old = hasOld ? field(t("currentPassword"), input("current", { type: "password", autocomplete: "current-password", required: true })) : null;
  return el("div", { class: "new-password" }, account, old, field(t("newPassword"), typed), show, word);
}
