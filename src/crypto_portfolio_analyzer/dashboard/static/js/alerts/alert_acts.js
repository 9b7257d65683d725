// What can be done to alerts, one or many: at once, with Undo.

import { del, get, post } from "../api.js";
import { t } from "../i18n.js";
import { silence } from "./silencing.js";
import { text } from "../text.js";
import { yamlOf } from "./yaml.js";

const FIRST = 5;
const path = (alert, verb = "") => `/api/alerts/${encodeURIComponent(alert.id)}${verb}`;

const MANY = {
  pausedAlert: "pausedAlerts",
  resumedAlert: "resumedAlerts",
  deletedAlert: "deletedAlerts",
  restoredAlert: "restoredAlerts",
  silencedAlert: "silencedAlerts",
  copiedYaml: "copiedYamls",
};

/** What was done: to the one by its name, or to how many, with the first five names. */
function told(word, alerts, more = {}) {
  if (alerts.length === 1) return t(word, { name: text("name", alerts[0].name), ...more });
  const names = alerts.slice(0, FIRST).map((alert) => text("symbol", alert.name));
  return t(MANY[word], { n: alerts.length, names: `${names.join(", ")}${alerts.length > FIRST ? ", …" : ""}`, ...more });
}

export class AlertActs {
  /** `changed` is called after each change. */
  constructor({ session, toast, changed }) {
    Object.assign(this, { session, toast, changed });
  }

  pause(alerts) {
    return this.#each(alerts, (alert) => post(path(alert, "/pause")), "pausedAlert", () => this.resume(alerts));
  }

  resume(alerts) {
    return this.#each(alerts, (alert) => post(path(alert, "/resume")), "resumedAlert", () => this.pause(alerts));
  }

  /** Delete; undoing it arms them afresh. */
  remove(alerts) {
    const restore = () => this.#each(alerts, (alert) => post(path(alert, "/restore")), "restoredAlert");
    return this.#each(alerts, (alert) => del(path(alert)), "deletedAlert", restore);
  }

  rearm(alerts) {
    return this.#each(alerts, (alert) => post(path(alert, "/rearm")), "resumedAlert");
  }

  async silence(alerts, seconds, words) {
    return this.#try(async () => {
      const end = await silence(alerts, seconds);
      this.toast(told("silencedAlert", alerts, { span: words }), t("undo"), () => this.#try(end));
    }, () => this.silence(alerts, seconds, words));
  }

  async copyYaml(alerts) {
    return this.#try(async () => {
      const fields = [];
      for (const alert of alerts) fields.push((await get(path(alert, "/history?limit=1"))).revisions[0].fields);
      await navigator.clipboard.writeText(yamlOf(fields));
      this.toast(told("copiedYaml", alerts));
    }, () => this.copyYaml(alerts));
  }

  #each(alerts, act, word, undo) {
    return this.#try(async () => {
      for (const alert of alerts) await act(alert);
      this.toast(told(word, alerts), undo && t("undo"), undo);
    }, () => this.#each(alerts, act, word, undo));
  }

  async #try(act, again) {
    try {
      await act();
    } catch (refusal) {
      if (refusal.status !== undefined) this.session.refused(refusal, again);
      else this.toast(t("failed", { why: text("sentence", refusal.message) }));
    }
    await this.changed();
  }
}
