// What may stand at the cursor of a condition: offered below the field while a word is typed, taken with Enter.

import { post } from "../api.js";
import { bdi, el } from "../dom.js";
import { language } from "../i18n.js";
import { text } from "../text.js";

const PAUSE_MS = 120;
const MOST = 8;

export class Completion {
  /** `list` is a listbox below `typed`; `hint` says what the parentheses around the cursor take. */
  constructor(typed, list, hint) {
    Object.assign(this, { typed, list, hint });
    this.offers = [];
    this.active = -1;
    this.timer = 0;
    this.asking = null;
    typed.addEventListener("input", () => this.#soon());
    typed.addEventListener("keydown", (event) => this.#key(event));
    typed.addEventListener("blur", () => this.hide());
    list.addEventListener("mousedown", (event) => this.#clicked(event));
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.hide();
  }

  hide() {
    this.offers = [];
    this.active = -1;
    this.list.hidden = true;
    this.typed.removeAttribute("aria-activedescendant");
  }

  #soon(wantsAll = false) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = setTimeout(() => this.#ask(wantsAll), PAUSE_MS);
  }

  async #ask(wantsAll) {
    this.asking = new AbortController();
    const { value, selectionStart: place } = this.typed;
    try {
      const told = await post("/api/alerts/complete", { text: value, cursor: [...value.slice(0, place)].length, language }, this.asking.signal);
      const word = value.slice(0, place).match(/[\w.]*$/)[0];
      const fits = (offer) => offer.text.toLowerCase() !== word.toLowerCase();
      this.#show(word || wantsAll ? told.completions.filter(fits).slice(0, MOST) : []);
      this.hint.textContent = told.signature ? text("sentence", told.signature.label) : "";
    } catch (refusal) {
      if (refusal.name !== "AbortError" && refusal.status === undefined) throw refusal;
      this.hide(); // refused: typing goes on without help
    }
  }

  #show(offers) {
    if (document.activeElement !== this.typed || !offers.length) return this.hide();
    this.offers = offers;
    this.active = -1;
    this.list.replaceChildren(...offers.map((offer, index) => el("li", { role: "option", id: `offer-${index}`, "aria-selected": "false" }, el("code", { class: "mono" }, bdi(text("name", offer.text))), el("small", {}, bdi(text("sentence", offer.about))))));
    this.list.hidden = false;
  }

  #key(event) {
    if (event.ctrlKey && event.key === " ") this.#soon(true);
    else if (!this.offers.length) return;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && this.active >= 0) this.#take(this.active);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(by) {
    const all = this.list.children;
    this.active = (this.active + by + all.length + (this.active < 0 && by < 0 ? 1 : 0)) % all.length;
    [...all].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.active)));
    this.typed.setAttribute("aria-activedescendant", all[this.active].id);
    all[this.active].scrollIntoView({ block: "nearest" });
  }

  #clicked(event) {
    event.preventDefault(); // the field keeps its focus
    const row = event.target.closest("li");
    if (row) this.#take([...this.list.children].indexOf(row));
  }

  #take(index) {
    const { typed } = this;
    const { text: word, start, end } = this.offers[index];
    const letters = [...typed.value];
    const before = letters.slice(0, start).join("") + word;
    typed.value = before + letters.slice(end).join("");
    typed.setSelectionRange(before.length, before.length);
    this.hide();
    typed.dispatchEvent(new Event("input"));
  }
}
