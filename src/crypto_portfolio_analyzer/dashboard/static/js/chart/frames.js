// Timeframes of a chart: the usual ones under keys 1 to 6, more in a list, and where a bar of each begins in UTC.

import { zoneNow } from "../format.js";

export const USUAL = ["1m", "5m", "15m", "1h", "4h", "1d"];
export const MORE = ["3m", "30m", "45m", "2h", "6h", "8h", "12h", "1w"];
const UNITS = { m: 60, h: 3600, d: 86400, w: 604800 };
const DAY = 86400;
const WEEK = 604800;
const FIRST_MONDAY = 4 * DAY; // 1970-01-05: the epoch itself is a Thursday
const LOCALE = { en: "en-GB", de: "de-DE" };
const SPELLING = /^(\d{1,4})(m|h|d|w)$/;
const formats = new Map();

/** The length in seconds; NaN for what is no timeframe. */
export function lengthOf(frame) {
  const [, count, unit] = SPELLING.exec(frame) ?? [];
  return unit ? Number(count) * UNITS[unit] : NaN;
}

/** Where the bar that holds an instant begins; both in seconds. */
export function openOf(at, frame) {
  const length = lengthOf(frame);
  return length === WEEK ? at - ((at - FIRST_MONDAY) % WEEK) : at - (at % length);
}

// Days and weeks begin in UTC and are called by their UTC date; shorter bars are told in the reader's zone
const zoneOf = (frame) => (lengthOf(frame) >= DAY ? "UTC" : zoneNow());

function written(at, frame, language, options) {
  const zone = zoneOf(frame);
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE[language], { timeZone: zone, hourCycle: "h23", ...options }));
  return formats.get(key).format(at * 1000);
}

const TIME = { hour: "2-digit", minute: "2-digit" };
// Kinds of tick marks, as the library numbers them: year, month, day, time
const TICKS = [{ year: "numeric" }, { month: "short" }, { day: "numeric", month: "short" }, TIME];

/** A label of the time axis. */
export const tickTime = (at, kind, frame, language) => written(at, frame, language, TICKS[kind] ?? TIME);

/** The start of a bar in words; `at` in seconds. */
export function barTime(at, frame, language) {
  const day = { weekday: "short", day: "numeric", month: "short" };
  return written(at, frame, language, lengthOf(frame) >= DAY ? { ...day, year: "numeric" } : { ...day, ...TIME });
}

/** 09:10, for the ends of a gap. */
export const shortTime = (at, frame, language) => written(at, "1m", language, lengthOf(frame) >= 3600 ? { day: "numeric", month: "short", ...TIME } : TIME);
