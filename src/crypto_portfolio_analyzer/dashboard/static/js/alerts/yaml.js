// Alerts as code: what `alerts apply` reads. Each text is quoted as JSON does, which YAML understands.

const LEFT_OUT = ["enabled"];

export function yamlOf(alerts) {
  const lines = ["version: 1", "alerts:"];
  for (const fields of alerts) {
    const pairs = Object.entries(fields).filter(([name, value]) => value !== null && value !== "" && !LEFT_OUT.includes(name) && !(Array.isArray(value) && !value.length));
    pairs.forEach(([name, value], index) => lines.push(`  ${index ? " " : "-"} ${name}: ${JSON.stringify(value)}`));
  }
  return `${lines.join("\n")}\n`;
}
