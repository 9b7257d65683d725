// Silences as the page makes them: which alerts one would mute, for how long.

import { del, post } from "../api.js";

export const SPANS = { "1h": 3600, "4h": 14_400, "24h": 86_400 };
const SPECIAL = /[.+?^${}()|[\]\\]/g;

/** Whether a value fits a pattern, in which `*` stands for any rest; as the server has it. */
function fits(value, pattern) {
  return new RegExp(`^${pattern.replace(SPECIAL, "\\$&").replaceAll("*", ".*")}$`, "su").test(value);
}

/** Whether a silence would mute an alert, for one of its symbols at least. */
export function mutes(matchers, alert) {
  const values = { name: [alert.name], symbol: alert.symbols, tag: alert.tags, severity: [alert.severity], id: [alert.id] };
  return Object.entries(matchers).every(([name, pattern]) => values[name]?.some((value) => fits(value, pattern)));
}

/** Silence alerts one by one; returns how to end it. Raises Refusal. */
export async function silence(alerts, seconds, comment = "") {
  const made = [];
  for (const alert of alerts) made.push(await post("/api/silences", { matchers: { id: alert.id }, duration_seconds: seconds, comment }));
  return async () => {
    for (const each of made) await del(`/api/silences/${encodeURIComponent(each.id)}`);
  };
}
