// Building and changing the document without ever parsing markup.

import { translate } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `content` are nodes or texts. */
export function el(tag, properties = {}, ...content) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...content.filter((part) => part !== null && part !== undefined));
  return node;
}

export function icon(name, size = "") {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("class", `icon ${size}`.trim());
  node.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  node.append(use);
  return node;
}

export function setIcon(button, name) {
  button.querySelector("use").setAttribute("href", `/static/icons.svg#${name}`);
}

/** A copy of a template, translated, with its `data-p` parts at hand. */
export function fromTemplate(id) {
  const root = document.getElementById(id).content.firstElementChild.cloneNode(true);
  translate(root);
  return { root, parts: partsOf(root) };
}

export function partsOf(root) {
  const parts = {};
  for (const node of root.querySelectorAll("[data-p]")) parts[node.dataset.p] = node;
  return parts;
}

/** Write text only if it differs; tell whether it did. */
export function write(node, value) {
  if (node.firstChild?.nodeType === Node.TEXT_NODE && node.childNodes.length === 1) {
    if (node.firstChild.data === value) return false;
    node.firstChild.data = value;
    return true;
  }
  if (node.textContent === value) return false;
  node.textContent = value;
  return true;
}

/** Draw a part anew and leave the focus where it was: on what bears the same `data-focus`. */
export function keepingFocus(root, draw) {
  const held = document.activeElement;
  const name = root.contains(held) ? held.dataset.focus : undefined;
  draw();
  if (name !== undefined) root.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
}

export function bdi(value) {
  return el("bdi", {}, value);
}
