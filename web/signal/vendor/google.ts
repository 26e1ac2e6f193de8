// Google Consent Mode v2.
import { everywhere, say, words } from "../say";

/** Category by word, what else the default says, and the names of settings. */
declare const __SIGNAL: [map: Record<string, string>, more?: object | false, settings?: string[]];

const [map, more, settings = []] = __SIGNAL;

// Google knows a call by the object in which its arguments come.
function gtag(..._: unknown[]) {
	(everywhere.dataLayer ||= []).push(arguments);
}

say((kind, allows) => gtag("consent", kind, { ...words(map, allows), ...(kind === "default" && more) }));
for (const name of settings) gtag("set", name, true);
