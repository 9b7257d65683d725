// Parts of forms and dialogs that several pages share.

import { bdi, el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { text } from "./text.js";

/** A control under its label, with a sentence below that explains it. */
export function field(label, control, hint = "") {
  return el("label", { class: "form-field" }, el("span", {}, label), control, hint ? el("small", {}, hint) : null);
}

export const input = (name, more = {}) => el("input", { class: "field", name, ...more });

/** A choice; `options` are pairs of value and words. */
export function choice(name, options, value, more = {}) {
  const made = el("select", { class: "field", name, ...more }, ...options.map(([key, words]) => el("option", { value: key }, words)));
  made.value = value;
  return made;
}

export function tick(name, words, checked, more = {}) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", name, checked, ...more }), el("span", {}, words));
}

/** Some of a few, side by side. */
export function radios(name, options, value, chosen) {
  const each = ([key, ...words]) =>
    el("label", { class: "radio" }, el("input", { type: "radio", name, value: key, checked: key === value, onchange: () => chosen?.(key) }), ...words);
  return el("div", { class: "radios", role: "radiogroup" }, ...options.map(each));
}

export function button(words, act, more = {}) {
  return el("button", { class: "button", type: "button", onclick: act, ...more }, words);
}

/** A button that is an icon; its words are said and shown on hover. */
export function iconButton(mark, words, act, more = {}) {
  return el("button", { class: "button bare square", type: "button", title: words, "aria-label": words, onclick: act, ...more }, icon(mark, "icon-14"));
}

/** What a form holds, by name; ticks of one name are a list. */
export function valuesOf(form) {
  return Object.fromEntries(new FormData(form));
}

export const tickedOf = (form, name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((each) => each.value);

/** A text with a button that copies it. */
export function copyable(value, words = t("copy")) {
  const told = el("span", { class: "copied", role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      told.textContent = t("copied");
    } catch {
      getSelection().selectAllChildren(shown); // refused: it is selected, so that a key copies it
    }
  };
  const shown = el("code", { class: "mono" }, bdi(value));
  return el("div", { class: "copyable" }, shown, button(words, copy), told);
}

/** Something that is shown this once. */
export function onceShown(title, value, note) {
  return el("div", { class: "once", role: "status" }, el("b", {}, title), copyable(value), el("p", { class: "mute" }, note));
}

/** What the server complained of, in one line. */
export function complaint(refusal) {
  if (refusal.wait) return t("waitFor", { seconds: Math.ceil(refusal.wait) });
  const [first] = refusal.problem?.errors ?? [];
  const words = first ? [first.path, first.problem ?? first.message, first.remedy] : [refusal.message, refusal.problem?.remedy];
  return text("note", words.filter(Boolean).join(" · "));
}

/** Ask in the page's dialog; `content` is a form's inside, `act` what its button does. An error stays in the dialog. */
export function askIn(dialog, { title, content, word, act, danger = false }) {
  const error = el("p", { class: "error", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await act(form);
      dialog.close();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      error.textContent = complaint(refusal);
    }
  };
  const acts = el("div", { class: "acts" }, button(t("cancel"), () => dialog.close()), el("button", { class: danger ? "button danger" : "button primary" }, word));
  const form = el("form", { method: "dialog", onsubmit: submit }, el("h1", { id: "dialog-title" }, title), ...content, error, acts);
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  return form;
}

/** Before something that cannot be undone: the name has to be typed. */
export function askByName(dialog, { title, why, name, word, act }) {
  const typed = input("typed", { autocomplete: "off", spellcheck: false, required: true });
  const label = el("span", {}, t("typeName"), " ", el("b", {}, bdi(text("name", name))));
  const form = askIn(dialog, { title, content: [el("p", { class: "mute" }, why), field(label, typed)], word, act, danger: true });
  const last = form.querySelector(".danger");
  last.disabled = true;
  typed.addEventListener("input", () => {
    last.disabled = typed.value.trim() !== name;
  });
}
