// TikTok pixel. Its snippet keeps an array that is there already as its queue.
import { everywhere, say } from "../say";

declare const __SIGNAL: string; // category

say((kind, allows) => {
	const ttq = (everywhere.ttq ||= []);
	const name = kind === "default" ? "holdConsent" : allows(__SIGNAL) ? "grantConsent" : "revokeConsent";
	if (ttq[name]) ttq[name]();
	else ttq.push([name]);
});
