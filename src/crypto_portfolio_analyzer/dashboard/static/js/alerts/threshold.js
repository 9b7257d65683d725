// The number of a condition that a slider moves: where it is written, and how far it is worth trying.

const OPERATORS = "crosses above|crosses below|crosses|crossing|enters|exits|inside|outside|>=|<=|==|!=|>|<|by";
const NUMBER = String.raw`-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?`;
const PLACE = new RegExp(`(?:${OPERATORS})\\s*(${NUMBER})([kKmM]?)(%?)(?![\\w(]|\\s*[*/+])`, "i");
const FACTOR = { "": 1, k: 1e3, m: 1e6 };
const WIDE = 0.5; // of the value, either way
const NARROW = 0.02; // the same for a price
const HALF = 10; // steps on either side

/** The first number that stands on its own: `{value, start, end, unit}`; null: there is none to move. */
export function thresholdOf(condition) {
  const found = PLACE.exec(condition);
  if (!found) return null;
  const [whole, number, suffix, unit] = found;
  const before = condition.slice(0, found.index).replace(/\([^()]*\)|\[[^\]]*\]/g, "");
  if (/(^|[\s(*+/-])\d[\d.]*(?![\w.])/.test(before)) return null; // another number comes first
  const end = found.index + whole.length;
  const value = Number(number.replaceAll("_", "")) * FACTOR[suffix.toLowerCase()];
  return value ? { value, start: end - number.length - suffix.length - unit.length, end, unit } : null;
}

/** The next smaller of 1, 2 and 5 times a power of ten. */
function round(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return [5, 2, 1].find((times) => times * power <= step) * power;
}

/** From where to where the slider goes; a price (its value now is given) needs less room than an index. */
export function rangeOf({ value }, price = null) {
  const isPrice = price !== null && Math.abs(value - price) < price * 0.3;
  const step = round((Math.abs(value) * (isPrice ? NARROW : WIDE)) / HALF);
  const tidy = (number) => Number(number.toPrecision(12));
  return { from: tidy(value - HALF * step), to: tidy(value + HALF * step) };
}

/** The condition with another threshold. */
export function withThreshold(condition, { start, end, unit }, value) {
  return `${condition.slice(0, start)}${value}${unit}${condition.slice(end)}`;
}
