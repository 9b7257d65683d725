// The one place that turns numbers and instants into text. Format objects are made once per language and digits.

const LOCALE = { en: "en-US", de: "de-DE" };
const SUFFIX = { en: ["", "K", "M", "B", "T"], de: ["", "\u00a0Tsd.", "\u00a0Mio.", "\u00a0Mrd.", "\u00a0Bio."] };
const POINT = { en: ".", de: "," };
const MONTHS = {
  en: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" "),
  de: "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split(" "),
};
const WEEKDAYS = { en: "Sun Mon Tue Wed Thu Fri Sat".split(" "), de: "So Mo Di Mi Do Fr Sa".split(" ") };
const MOST_DIGITS = 100;
const SUBSCRIPT = "₀₁₂₃₄₅₆₇₈₉";
const MINUS = "−";
const NBSP = "\u00a0";
const NONE = "–";
const cache = new Map();

function fixed(language, digits) {
  const key = `${language} ${digits}`;
  let format = cache.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[language], { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" });
    cache.set(key, format);
  }
  return format;
}

const known = (value) => typeof value === "number" && Number.isFinite(value);
const signed = (text) => text.replace("-", MINUS);

/** Digits after the point: the tick's, else five significant ones, at least two. */
export function digitsOf(price, tick = null) {
  if (tick) return Math.min(MOST_DIGITS, Math.max(0, decimals(tick)));
  if (!known(price) || price === 0) return 2;
  return Math.min(MOST_DIGITS, Math.max(2, 4 - Math.floor(Math.log10(Math.abs(price)))));
}

function decimals(tick) {
  const [mantissa, exponent = "0"] = String(tick).toLowerCase().split("e");
  return (mantissa.split(".")[1] ?? "").replace(/0+$/, "").length - Number(exponent);
}

/** A symbol's digits, kept until its price has moved tenfold, so that nothing jumps. */
export class Digits {
  constructor(tick = null) {
    this.tick = tick;
    this.chosen = null;
    this.at = 0;
  }

  for(price) {
    if (this.chosen === null || (!this.tick && (price > this.at * 10 || price < this.at / 10))) {
      this.chosen = digitsOf(price, this.tick);
      this.at = price;
    }
    return this.chosen;
  }
}

/** A price in full decimals: for labels, tooltips, copies. */
export function fullPrice(value, digits, language) {
  return known(value) ? signed(fixed(language, digits).format(value)) : NONE;
}

// Rounds the shortest decimal text, as everywhere here; toExponential would round the binary value behind it
const scientific = new Intl.NumberFormat("en-US", { notation: "scientific", minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** A price for the eye: four or more zeros after the point are counted by a subscript. */
export function price(value, digits, language) {
  if (!known(value) || value === 0 || Math.abs(value) >= 0.0001) return fullPrice(value, digits, language);
  const [figures, exponent] = scientific.format(Math.abs(value)).split("E");
  const zeros = -Number(exponent) - 1;
  if (zeros < 4) return fullPrice(value, digits, language);
  const count = String(zeros).replace(/\d/g, (digit) => SUBSCRIPT[digit]);
  return `${value < 0 ? MINUS : ""}0${POINT[language]}0${count}${figures.replace(".", "")}`;
}

/** Any value of a condition: whole numbers bare, others with a price's digits. */
export function figure(value, language) {
  const number = value === null || value === undefined ? NaN : Number(value);
  return fullPrice(number, Number.isInteger(number) ? 0 : digitsOf(number), language);
}

/** A change in percent points with its sign; zero has none. */
export function percent(value, language, digits = 2) {
  if (!known(value)) return NONE;
  const text = fixed(language, digits).format(Math.abs(value));
  const unit = language === "de" ? `${NBSP}%` : "%";
  const isZero = !/[1-9]/.test(text);
  return `${isZero ? "" : value > 0 ? "+" : MINUS}${text}${unit}`;
}

/** −1, 0 or 1 as the percent is shown: what rounds to zero is zero. */
export function direction(value, digits = 2) {
  return known(value) ? Math.sign(Number(value.toFixed(digits))) : 0;
}

/** A volume in three digits and a suffix. */
export function compact(value, language) {
  if (!known(value)) return NONE;
  const size = Math.abs(Number(value.toExponential(2))); // 999,999 is one million, not 1000 thousand
  if (size === 0) return "0";
  const step = Math.max(0, Math.min(4, Math.floor(power(size) / 3)));
  const digits = Math.max(0, 2 - power(size) + step * 3);
  return `${signed(fixed(language, digits).format(value / 1000 ** step))}${SUFFIX[language][step]}`;
}

const power = (size) => Number(size.toExponential().split("e")[1]);

export function integer(value, language) {
  return known(value) ? signed(fixed(language, 0).format(value)) : NONE;
}

const STEPS = [["d", 86400, "h", 3600], ["h", 3600, "m", 60], ["m", 60, "s", 1]];

/** How old something is: 0.3s, 12s, 2m 10s, 3h 5m, 2d 4h (German: 0,3 s, 2 min 10 s, 3 h 5 min). */
export function duration(seconds, language) {
  if (!known(seconds)) return NONE;
  const german = language === "de";
  const part = (number, unit) => (german ? `${number} ${unit === "m" ? "min" : unit}` : `${number}${unit}`);
  if (seconds < 9.95) return `${fixed(language, 1).format(Math.max(0, seconds))}${german ? " s" : "s"}`;
  const whole = Math.round(seconds);
  const [unit, size, below, low] = STEPS.find((step) => whole >= step[1]) ?? [];
  if (!unit) return part(whole, "s");
  const parts = [[Math.floor(whole / size), unit], [Math.floor((whole % size) / low), below]];
  return parts.filter(([number]) => number).map(([number, name]) => part(number, name)).join(" ");
}

export function milliseconds(value, language) {
  if (!known(value)) return NONE;
  const digits = Math.abs(value) < 9.95 ? 1 : 0;
  return `${signed(fixed(language, digits).format(value))} ms`;
}

const two = (number) => String(number).padStart(2, "0");

// The reader's zone: the browser's unless another is chosen
let zone = null;
let wall = null;

/** Write times in an IANA zone from now on; null: in the browser's. Throws RangeError for one nobody knows. */
export function setZone(name) {
  const options = { timeZone: name ?? undefined, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  wall = name ? new Intl.DateTimeFormat("en-US", options) : null;
  zone = name;
}

export const zoneNow = () => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

// A date whose UTC getters tell the wall clock, there or in the reader's zone
const there = (at) => new Date(at);

function here(at) {
  if (!wall) return new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  const part = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return new Date(Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second));
}

/** 14:03:07 in the reader's zone, or in UTC. */
export function clock(at, utc = false) {
  const then = utc ? there(at) : here(at);
  return `${two(then.getUTCHours())}:${two(then.getUTCMinutes())}:${two(then.getUTCSeconds())}`;
}

/** 14:03:07 today, Fri 14:03 this week, 12 Nov 14:03 before, with the year when it is another. */
export function moment(at, now, language) {
  const [then, today] = [here(at), here(now)];
  const midnight = (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const days = (midnight(today) - midnight(then)) / 86_400_000;
  if (days === 0) return clock(at);
  const time = clock(at).slice(0, 5);
  if (days > 0 && days < 7) return `${WEEKDAYS[language][then.getUTCDay()]} ${time}`;
  return `${day(at, now, language)} ${time}`;
}

/** 12 Nov, with the year when it is another. */
export function day(at, now, language) {
  const [then, today] = [here(at), here(now)];
  const dot = language === "de" ? "." : "";
  const year = then.getUTCFullYear() === today.getUTCFullYear() ? "" : ` ${then.getUTCFullYear()}`;
  return `${then.getUTCDate()}${dot} ${MONTHS[language][then.getUTCMonth()]}${year}`;
}

/** The instant with its milliseconds in UTC, for what is asked more exactly. */
export const exactly = (at) => `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC`;
