// Tables as files: nothing in a cell is a formula.

const FORMULA = /^[=+\-@\t\r]/;

const cell = (value) => {
  const words = String(value ?? "");
  return `"${(FORMULA.test(words) ? `'${words}` : words).replaceAll('"', '""')}"`;
};

export const csvOf = (rows) => rows.map((row) => row.map(cell).join(",")).join("\r\n");

/** Hand a text over as a file. */
export function download(name, kind, content) {
  const url = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
