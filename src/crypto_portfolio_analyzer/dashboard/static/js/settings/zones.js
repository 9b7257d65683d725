// The time zones of the world, as a choice.

import { t } from "../i18n.js";
import { recall } from "../memory.js";

/** Pairs of value and words; the empty value is the browser's own zone. */
export function zoneChoices() {
  const known = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  const browser = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [["", t("zoneBrowser", { zone: browser })], ...known.map((zone) => [zone, zone.replaceAll("_", " ")])];
}

export const zoneChosen = () => recall("zone") ?? "";
