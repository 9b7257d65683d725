// Numbers as people type them: with the separators of their language, and a question where one could be either.

const DECIMAL = { en: ".", de: "," };
const PLAIN = /^\d+(\.\d+)?$/;

/** What was typed as plain decimal text: `value`, or both `choices` if it could be either; neither: no number. */
export function readNumber(typed, language) {
  const given = typed.replace(/[\s\u00a0']/g, "");
  const kinds = [".", ","].filter((mark) => given.includes(mark));
  if (!kinds.length) return plain(given);
  if (kinds.length === 2) {
    const point = given.lastIndexOf(".") > given.lastIndexOf(",") ? "." : ",";
    return plain(withPoint(given, point));
  }
  const [mark] = kinds;
  const isSingle = given.indexOf(mark) === given.lastIndexOf(mark);
  if (!isSingle) return plain(given.replaceAll(mark, ""));
  if (mark !== DECIMAL[language] && /^[1-9]\d{0,2}[.,]\d{3}$/.test(given)) return { choices: [given.replace(mark, "."), given.replace(mark, "")] };
  return plain(withPoint(given, mark));
}

function withPoint(given, point) {
  const other = point === "." ? "," : ".";
  return given.replaceAll(other, "").replace(point, ".");
}

function plain(text) {
  const whole = text.startsWith(".") ? `0${text}` : text;
  return PLAIN.test(whole) ? { value: whole.replace(/^0+(?=\d)/, "") } : {};
}
