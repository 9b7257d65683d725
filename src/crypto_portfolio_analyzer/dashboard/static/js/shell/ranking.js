// How things are found by a few letters. The rank is a promise: exact alias, prefix, word start, substring, then the
// recently used, then the alphabet. Scattered letters never match.

const EXACT = 0;
const PREFIX = 1;
const WORD = 2;
const INSIDE = 3;

/** What is compared: one case, no separators but single spaces. */
export const plain = (words) => words.normalize("NFC").toUpperCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** How well one name fits `wanted` (both plain); null: not at all. */
export function fit(name, wanted) {
  if (name === wanted) return EXACT;
  if (name.startsWith(wanted)) return PREFIX;
  if (` ${name}`.includes(` ${wanted}`)) return WORD;
  return name.includes(wanted) ? INSIDE : null;
}

/** Every way to write a market: the base alone, both joined, both apart. */
export const aliasesOf = (symbol) => [symbol.split(/[/:]/)[0], symbol.replace(/[/:]/g, ""), symbol];

/** The items that fit, best first; each has `label`, may have `aliases`, and `recent`, larger for later used. */
export function ranked(items, query) {
  const wanted = plain(query);
  if (!wanted) return [];
  return items
    .map((item) => ({ item, rank: best(item, wanted) }))
    .filter(({ rank }) => rank !== null)
    .sort((one, other) => one.rank - other.rank || (other.item.recent ?? 0) - (one.item.recent ?? 0) || (one.item.label < other.item.label ? -1 : 1))
    .map(({ item }) => item);
}

function best(item, wanted) {
  const fits = [...(item.aliases ?? []), item.label].map((name) => fit(plain(name), wanted)).filter((rank) => rank !== null);
  return fits.length ? Math.min(...fits) : null;
}

/** A line like `btc price crosses above 65500` as a symbol and a condition; null if it does not begin with a known one. */
export function asAlert(line, symbols) {
  const [, first, rest] = /^\s*(\S+)\s+(\S.*)$/.exec(line) ?? [];
  if (!rest || rest.length < 3) return null;
  const wanted = first.toUpperCase().replace(/[-_:]/, "/");
  const fits = symbols.filter((symbol) => aliasesOf(symbol).includes(wanted) || symbol === wanted);
  return fits.length ? { symbol: fits.sort((one, other) => one.length - other.length || (one < other ? -1 : 1))[0], condition: rest.trim() } : null;
}
