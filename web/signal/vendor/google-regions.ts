// Google Consent Mode v2 on sites that do not ask first everywhere: Google is told
// by region what holds until the gate knows where the visitor is.
import { everywhere, say, words } from "../say";

/** As in google.ts; then the regions in which all loads until the visitor objects,
 * and the categories that her browser's Global Privacy Control objects to. */
declare const __SIGNAL: [map: Record<string, string>, more: object | false, settings: string[], regions: string[], objected: string[]];

const [map, more, settings, region, objected] = __SIGNAL;
const objects = (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl === true;

// Google knows a call by the object in which its arguments come.
function gtag(..._: unknown[]) {
	(everywhere.dataLayer ||= []).push(arguments);
}

say((kind, allows) => {
	const first = kind === "default" && more;
	gtag("consent", kind, { ...words(map, allows), ...first });
	// Of a page that is rendered ahead it is not known what its visitor objected to. And
	// what the gate finds goes before what Google thinks of the region.
	if (kind === "default" && !(document as { prerendering?: boolean }).prerendering)
		gtag("consent", kind, { ...words(map, (category) => category !== "" && !(objects && objected.includes(category))), wait_for_update: 1500, ...first, region });
});
for (const name of settings) gtag("set", name, true);
// Where the gate asks first, as it does in doubt, that goes before what Google
// thinks of the region.
document.addEventListener("optgate:region", ({ detail }: any) =>
	gtag("consent", "update", words(map, (category) => category === "essential" || detail?.[category] === true)),
);
