// Matomo. The choice is kept by the gate, so Matomo is told on each page and
// needs to remember it only where the site wants that.
import { everywhere, say } from "../say";

/** What is consented to is Matomo's word for all tracking or for its cookies. */
declare const __SIGNAL: [category: string, what: "Consent" | "CookieConsent", remember?: true];

const [category, what, remember] = __SIGNAL;
let given = remember;
// In quotes, as the build gives names that begin so shorter ones.
const push = (name: string) => (everywhere["_paq"] ||= []).push([name]);

say((kind, allows) => {
	if (kind === "default") push(`require${what}`);
	else if (allows(category)) {
		given = true;
		push(`${remember ? "remember" : "set"}${what}Given`);
	}
	// Matomo keeps a cookie of its own for a consent that was taken back.
	else if (given) push(`forget${what}Given`);
});
