// Text from outside: venues, servers, addresses. Controls, direction marks and piles of accents are taken out, and
// what is left enters the document as text nodes only.

const LIMIT = { symbol: 16, name: 64, sentence: 200, note: 500 };
// eslint-disable-next-line no-control-regex, no-misleading-character-class
const UNSEEN = /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200C\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/gu;
const LONE_JOINER = /(?<!\p{Extended_Pictographic}\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})/gu;
const PILES = /(\p{Mn}{2})\p{Mn}+/gu;
const segments = new Intl.Segmenter("en", { granularity: "grapheme" });

export function text(kind, value) {
  const clean = String(value ?? "")
    .normalize("NFC")
    .replace(UNSEEN, "")
    .replace(LONE_JOINER, "")
    .replace(PILES, "$1");
  const limit = LIMIT[kind];
  if (clean.length <= limit) return clean;
  const parts = [...segments.segment(clean)];
  return parts.length <= limit ? clean : `${parts.slice(0, limit - 1).map((part) => part.segment).join("")}…`;
}
