// Reads configurations of revisions as JSON, one in each line of standard input,
// and writes of each its SHA-256, a space and its canonical form. It shares
// nothing with Optgate but docs/ledger.md, whose path is its argument: it reads the
// order of keys there.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const rows = {};
for (const [, name, keys] of readFileSync(process.argv[2], "utf8").matchAll(/^ {4}(\w+): ([\w?+ ]+)$/gm)) {
  rows[name] = keys.split(" ").map((key) => ({ key: key.replace(/[?+]$/, ""), mark: key.match(/[?+]$/)?.[0] }));
}

const short = { "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };
const string = (s) =>
  `"${s.replace(/[\u0000-\u001f"\\<>&\u2028\u2029]/g, (c) => short[c] ?? "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"))}"`;

const nothing = ['""', "0", "false", "[]", "{}"];

function encode(v, name) {
  if (typeof v === "string") return string(v);
  if (typeof v !== "object" || v === null) return String(v);
  if (Array.isArray(v)) return `[${v.map((item) => encode(item, name)).join(",")}]`;
  const row = rows[name] ?? Object.keys(v).sort().map((key) => ({ key }));
  const unknown = Object.keys(v).find((key) => !row.some((known) => known.key === key));
  if (unknown) throw new Error(`${name} has a key that is not documented: ${unknown}`);
  const written = [];
  for (const { key, mark } of row) {
    const value = key in v ? encode(v[key], key) : undefined;
    if (value === undefined ? mark : mark === "?" && nothing.includes(value)) continue;
    if (value === undefined) throw new Error(`${name} lacks ${key}`);
    written.push(`${string(key)}:${value}`);
  }
  return `{${written.join(",")}}`;
}

for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const canonical = encode(JSON.parse(line), "configuration");
  console.log(createHash("sha256").update(canonical).digest("hex"), canonical);
}
