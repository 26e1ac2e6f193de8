// Meta pixel. The consent must be said before "init".
import { say } from "../say";
import { caller } from "../caller";

declare const __SIGNAL: [category: string, limited?: true];

const [category, limited] = __SIGNAL;
const fbq = caller("fbq", (made) => made.queue);
// Limited Data Use, in California.
if (limited) fbq("dataProcessingOptions", ["LDU"], 1, 1000);
say((_, allows) => fbq("consent", allows(category) ? "grant" : "revoke"));
