// Checks an export in JSON Lines: node verify.mjs jwks.json records.jsonl. It
// shares nothing with Optgate but what docs/ledger.md says, and needs no library.
// It writes how many records and entries there are, or the first fault.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const [jwksFile, exportFile] = process.argv.slice(2);
const { keys } = JSON.parse(readFileSync(jwksFile, "utf8"));

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();

/** RFC 8785, for what has no numbers but whole ones. */
function canonical(v) {
  if (Array.isArray(v)) return `[${v.map(canonical)}]`;
  if (typeof v !== "object" || v === null) return JSON.stringify(v);
  return `{${Object.keys(v).sort().map((key) => `${JSON.stringify(key)}:${canonical(v[key])}`)}}`;
}

function leaf(line, keys) {
  const hashed = Object.fromEntries(keys.filter((key) => key in line).map((key) => [key, line[key]]));
  return sha256(canonical(hashed));
}

function bigEndian(n, bytes) {
  return Buffer.from(n.toString(16).padStart(2 * bytes, "0"), "hex");
}

/** The partition of a visitor: FNV-1a over the 16 bytes of her ULID. */
function partition(visitor) {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let id = 0n;
  for (const c of visitor) id = id * 32n + BigInt(digits.indexOf(c));
  let hash = 0xcbf29ce484222325n;
  for (const byte of bigEndian(id, 16)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return Number(hash % 64n);
}

/** The content of a signed message of that type. */
function open(jws, type) {
  const [header, payload, signature] = jws.split(".");
  const { alg, typ, kid } = JSON.parse(Buffer.from(header, "base64url"));
  const key = keys.find((key) => key.kid === kid);
  const publicKey = key && createPublicKey({ key, format: "jwk" });
  if (alg !== "EdDSA" || typ !== type || !publicKey || !verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url"))) {
    throw new Error(`the ${type} is not signed by these keys`);
  }
  return JSON.parse(Buffer.from(payload, "base64url"));
}

const recordKeys = ["action", "at", "choices", "id", "language", "panel", "revision", "site", "source", "visitor"];
const erasureKeys = ["at", "partition", "reason", "seqs", "site"];

const ends = new Map(); // partition: its newest link
const tombstones = new Set();
let records = 0;
let entries = 0;
let site, checkpoint;
try {
  for (const text of readFileSync(exportFile, "utf8").trimEnd().split("\n")) {
    entries++;
    const line = JSON.parse(text);
    site ??= line.site;
    if (line.site !== site) throw new Error("it is of another site");
    let hash;
    if (line.erased) {
      hash = Buffer.from(line.leaf, "hex");
      tombstones.add(`${line.partition} ${line.seq}`);
    } else if (line.erasure) {
      hash = leaf(line.erasure, erasureKeys);
      for (const seq of line.erasure.seqs) {
        if (!tombstones.delete(`${line.partition} ${seq}`)) throw new Error(`entry ${seq} is no tombstone`);
      }
    } else {
      hash = leaf(line, recordKeys);
      records++;
      if (partition(line.visitor) !== line.partition) throw new Error("the visitor belongs to another partition");
    }
    const before = ends.get(line.partition) ?? { seq: 0, chain: sha256(`optgate ledger 1\n${site}\n${line.partition}\n`).toString("hex") };
    if (line.seq !== before.seq + 1) throw new Error(`entry ${before.seq + 1} of partition ${line.partition} is missing`);
    const chain = sha256(Buffer.from(before.chain, "hex"), bigEndian(BigInt(line.seq), 8), hash).toString("hex");
    if (chain !== line.chain) throw new Error("it does not follow from the entry before it");
    ends.set(line.partition, { partition: line.partition, seq: line.seq, chain });
    checkpoint = line.checkpoint;
  }
  const { site: signed, heads } = open(checkpoint ?? "..", "optgate-checkpoint");
  const there = [...ends.values()].sort((a, b) => a.partition - b.partition);
  if (signed !== site || canonical(heads) !== canonical(there)) throw new Error("it does not end where the checkpoint says");
  if (tombstones.size > 0) throw new Error("a tombstone is not explained by any erasure");
  console.log(`${records} records in ${entries} entries`);
} catch (fault) {
  console.error(`line ${entries}: ${fault.message}`);
  process.exitCode = 1;
}
