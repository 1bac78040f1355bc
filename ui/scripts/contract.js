/** What is true of every answer but the contract does not say; nothing here renames or narrows. */

const PREFIX = "#/components/schemas/";

/** Names of all schemas that can be reached from `node`. */
function reach(schemas, node, found = new Set()) {
  if (Array.isArray(node)) {
    for (const each of node) reach(schemas, each, found);
  } else if (node && typeof node === "object") {
    if (typeof node.$ref === "string" && node.$ref.startsWith(PREFIX)) {
      const name = node.$ref.slice(PREFIX.length);
      if (!found.has(name)) {
        found.add(name);
        reach(schemas, schemas[name], found);
      }
    }
    for (const each of Object.values(node)) reach(schemas, each, found);
  }
  return found;
}

/** The server writes every field of an answer: what is missing is null and never left out. */
function whole(node) {
  if (Array.isArray(node)) node.forEach(whole);
  else if (node && typeof node === "object") {
    if (node.type === "object" && node.properties) node.required = Object.keys(node.properties);
    Object.values(node).forEach(whole);
  }
}

/** Pages carry a copy of their row's schema: the name is as good, and one type for the console. */
function rowsByName(schemas) {
  for (const [name, schema] of Object.entries(schemas)) {
    const row = name.replace(/^Page_/, "");
    if (row !== name && schemas[row]) schema.properties.data.items = { $ref: PREFIX + row };
  }
}

/** Amounts of a valuation are written as any other amount. */
function moneyOf(schemas) {
  const money = { $ref: `${PREFIX}Money` };
  const places = [
    ["Valuation", ["ltm", "low", "median", "high"]],
    ["Recoupment", ["cap"]],
  ];
  for (const [name, fields] of places) {
    for (const field of fields) {
      if (!schemas[name].properties[field].$ref) schemas[name].properties[field] = money;
    }
  }
}

export function completed(spec) {
  const { schemas } = spec.components;
  rowsByName(schemas);
  moneyOf(schemas);
  const asked = new Set();
  const answered = new Set();
  for (const path of Object.values(spec.paths)) {
    for (const operation of Object.values(path)) {
      // Several modules call theirs "list"; paths are the names here.
      delete operation.operationId;
      const { requestBody, responses } = operation;
      if (requestBody) reach(schemas, requestBody, asked);
      if (responses) reach(schemas, responses, answered);
    }
  }
  // The particulars of an error are the one field that may be left out.
  for (const name of answered) if (!asked.has(name) && name !== "ErrorDetail") whole(schemas[name]);
  return spec;
}
