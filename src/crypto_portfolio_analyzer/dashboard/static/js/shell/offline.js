// The time without a server: the shell is kept by the service worker, the last prices by the browser, and what
// needs the server says why it cannot be done now.

import { t } from "../i18n.js";
import { recall, remember } from "../memory.js";

const KEPT = "snapshot";
const KEEP_MS = 15_000;
const MOST = 600;
const WORKER = "/sw.js";
const NEEDS_SERVER = "main form button:not([type]), main form button[type=submit], main .button.primary:not(a), [data-online]";

/** Let the browser keep the shell. A browser that cannot, or a page that is not served safely, goes without. */
export async function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(trusted(WORKER), { updateViaCache: "none" });
  } catch {
    // private windows refuse; nothing else depends on it
  }
}

/** The one address that may become a script. */
function trusted(path) {
  if (!window.trustedTypes) return path;
  const only = (wanted) => {
    if (wanted === WORKER) return wanted;
    throw new TypeError(`${wanted} is not the service worker`);
  };
  return window.trustedTypes.createPolicy("app", { createScriptURL: only }).createScriptURL(path);
}

/** Keep the newest prices every few seconds while they are live, for a start without a server. */
export function keepPrices(store) {
  const keep = () => {
    if (store.link !== "live" || document.hidden) return;
    const rows = [...store.prices.values()].slice(0, MOST);
    remember(KEPT, JSON.stringify({ at: store.now(), simulated: store.health?.simulated ?? false, rows }));
  };
  setInterval(keep, KEEP_MS);
  addEventListener("pagehide", keep);
}

/** The prices of the last visit; null if there are none. */
export function keptPrices() {
  try {
    return JSON.parse(recall(KEPT));
  } catch {
    return null;
  }
}

export const forgetPrices = () => remember(KEPT, null);

/** While the link is down, mark what needs the server and refuse it with the reason. */
export class NeedsServer {
  constructor(isDown, toast) {
    Object.assign(this, { isDown, toast });
    this.watcher = new MutationObserver(() => this.#mark());
    for (const kind of ["click", "submit"]) document.addEventListener(kind, (event) => this.#refuse(event), true);
  }

  linkChanged() {
    if (this.isDown()) this.watcher.observe(document.body, { childList: true, subtree: true });
    else this.watcher.disconnect();
    this.#mark();
  }

  #mark() {
    const isDown = this.isDown();
    for (const node of document.querySelectorAll(NEEDS_SERVER)) {
      if (isDown && !node.hasAttribute("data-offline")) {
        node.setAttribute("data-offline", node.title);
        node.setAttribute("aria-disabled", "true");
        node.title = t("needsServer");
      } else if (!isDown && node.hasAttribute("data-offline")) {
        node.title = node.getAttribute("data-offline");
        node.removeAttribute("data-offline");
        node.removeAttribute("aria-disabled");
      }
    }
  }

  #refuse(event) {
    if (!this.isDown() || !event.target.closest?.(event.type === "submit" ? "main form" : "[data-offline]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.toast(t("needsServer"));
  }
}
