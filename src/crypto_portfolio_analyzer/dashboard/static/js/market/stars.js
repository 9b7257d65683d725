// Starred symbols: kept with the person, or in this browser for somebody who is not logged in.

import { get } from "../api.js";
import { recall, remember } from "../memory.js";
import { prefer } from "../preferences.js";

const KEY = "starred";
const WAIT_MS = 400;

export class Stars extends EventTarget {
  constructor(session) {
    super();
    this.session = session;
    this.symbols = new Set(recall(KEY, "").split(" ").filter(Boolean));
    session.addEventListener("change", () => this.#learn());
  }

  has(symbol) {
    return this.symbols.has(symbol);
  }

  toggle(symbol) {
    if (!this.symbols.delete(symbol)) this.symbols.add(symbol);
    this.#told();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.#save(), WAIT_MS);
  }

  #told() {
    remember(KEY, [...this.symbols].join(" ") || null);
    this.dispatchEvent(new Event("change"));
  }

  async #learn() {
    if (!this.session.isUser) return;
    try {
      const { starred } = await get("/api/auth/preferences");
      this.symbols = new Set([...starred, ...this.symbols]);
      this.#told();
      if (this.symbols.size > starred.length) await this.#save(); // what was starred before the login comes along
    } catch {
      // this browser's stars hold
    }
  }

  async #save() {
    if (!this.session.isUser) return;
    try {
      await prefer({ starred: [...this.symbols] });
    } catch (refusal) {
      this.session.refused(refusal, () => this.#save());
    }
  }
}
