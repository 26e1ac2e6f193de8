// Verifies a receipt, read from standard input, by the keys of a server, and
// writes what it says. Arguments: the module of jose, the address of the keys.
import { text } from "node:stream/consumers";
const [module, keys] = process.argv.slice(2);
const { compactVerify, createRemoteJWKSet } = await import(module);
const options = { algorithms: ["EdDSA"] };
const { payload, protectedHeader } = await compactVerify(await text(process.stdin), createRemoteJWKSet(new URL(keys)), options);
if (protectedHeader.typ !== "optgate-receipt") throw new Error(`a receipt's typ is ${protectedHeader.typ}`);
process.stdout.write(payload);
