// Short notices at the foot: done things with Undo. Six seconds, ten with a button, longer under the pointer or the focus, three at most.

import { el } from "../dom.js";

const SHOWN_MS = 6000;
const UNDO_MS = 10_000; // while something can be taken back
const MOST = 3;

export function toaster(place) {
  return (words, action, act) => {
    const notice = el("div", { class: "toast" }, el("span", {}, words));
    let timer = 0;
    const leave = () => notice.remove();
    const wait = () => {
      timer = setTimeout(leave, action ? UNDO_MS : SHOWN_MS);
    };
    if (action) {
      const button = el("button", { class: "button", type: "button" }, action);
      button.addEventListener("click", () => {
        leave();
        act();
      });
      notice.append(button);
    }
    for (const kind of ["pointerenter", "focusin"]) notice.addEventListener(kind, () => clearTimeout(timer));
    for (const kind of ["pointerleave", "focusout"]) notice.addEventListener(kind, wait);
    while (place.children.length >= MOST) place.firstChild.remove();
    place.append(notice);
    wait();
  };
}
