// The HTTP surface for people, drawn from /openapi.json.

import { el } from "./dom.js";

const schemaName = (schema) => schema?.$ref?.split("/").at(-1);

function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schemaName(schema);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  if (schema.additionalProperties) return `${typeOf(schema.additionalProperties)} by name`;
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? "any");
}

function table(rows) {
  const cells = (row) => row.map((cell, index) => el("td", {}, index ? cell : el("code", {}, cell)));
  return el("table", {}, ...rows.map((row) => el("tr", {}, ...cells(row))));
}

function fields(schema, schemas) {
  const found = schema?.$ref ? schemas[schemaName(schema)] : schema;
  return Object.entries(found?.properties ?? {}).map(([name, field]) => [name, typeOf(field), field.description ?? ""]);
}

function section(title, rows) {
  return rows.length ? [el("h3", {}, title), table(rows)] : [];
}

function operation(path, method, told, schemas) {
  const parameters = (told.parameters ?? []).map((each) => [each.name, `${each.in}, ${typeOf(each.schema)}`, each.description ?? each.schema.description ?? ""]);
  const body = fields(told.requestBody?.content["application/json"]?.schema, schemas);
  const [status, good] = Object.entries(told.responses).find(([code]) => code.startsWith("2")) ?? ["", {}];
  const answer = fields(good.content?.["application/json"]?.schema, schemas);
  const access = !told.security ? "open to all" : told.security.some((each) => !Object.keys(each).length) ? "open on this machine, else a login" : "needs a login";
  return el(
    "details",
    {},
    el("summary", {}, el("span", { class: "method" }, method.toUpperCase()), el("code", {}, path), el("span", { class: "about" }, (told.description ?? "").split(/[;.]/)[0])),
    el(
      "div",
      { class: "inside" },
      el("p", {}, told.description ?? ""),
      el("p", {}, `Access: ${access}.`),
      ...section("Parameters", parameters),
      ...section("Body", body),
      ...section(`Answer ${status}`, answer),
    ),
  );
}

async function draw() {
  const document_ = await (await fetch("/openapi.json")).json();
  document.getElementById("about").textContent = document_.info.description;
  const groups = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, told] of Object.entries(methods)) {
      const tag = told.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, told, document_.components.schemas)]);
    }
  }
  const place = document.getElementById("operations");
  for (const [tag, operations] of groups) place.append(el("h2", {}, tag), ...operations);
}

draw();
