// The WP Consent API, by which plugins of WordPress ask. Its function comes with
// a script of its own, at any time.
import { everywhere, say } from "../say";

declare const __SIGNAL: Record<string, string>; // category by word

let latest: Record<string, boolean> = {};
const send = () => {
	if (!everywhere.wp_set_consent) return;
	for (const word in latest) everywhere.wp_set_consent(word, latest[word] ? "allow" : "deny");
	latest = {};
};

// Nothing but what the visitor allowed, until then.
everywhere.wp_consent_type = "optin";
document.dispatchEvent(new CustomEvent("wp_consent_type_defined"));
document.addEventListener("readystatechange", send);
say((kind, allows) => {
	if (kind === "default") return;
	for (const word in __SIGNAL) latest[word] = allows(__SIGNAL[word]);
	send();
});
