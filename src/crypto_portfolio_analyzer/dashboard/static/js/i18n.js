// Language: which one, its words, and their places in the document.

import { recall, remember } from "./memory.js";
import { WORDS } from "./words.js";

const COLUMN = { en: 0, de: 1 };
const listeners = new Set();

export let language = document.documentElement.lang in COLUMN ? document.documentElement.lang : "en";

export function t(key, values) {
  const sentence = WORDS[key]?.[COLUMN[language]] ?? key;
  return values ? sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : sentence;
}

export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-title]")) node.title = t(node.dataset.tTitle);
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

export function speak(next) {
  language = next;
  remember("language", next);
  document.documentElement.lang = next;
  translate(document);
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const wasChosen = () => recall("language") !== null;
