// What the gate gave to this script: see web/gate/link.ts.
import type { Carrier } from "../gate/link";

/** The server puts the panel's markup, in the visitor's language, under this
 * name. */
declare const __PANEL: string;

export const markup = __PANEL;
export const page = document;

const self = page.currentScript as Carrier;

/** The address of choices, beside this script's own. */
export const choicesURL = new URL("choices", self.src);

export const [
	{ s: site, d: cookieDomain = "" },
	language,
	asked,
	trusted,
	style,
	dock,
	current,
	parseChoice,
	keep,
	emit,
	show,
	choose,
	load,
	store,
	fetch,
	arrive,
] = self.og!;

/** Can the server set cookies for this page? Otherwise the gate alone keeps the
 * choice, and the visitor names herself. */
export const serverSetsCookies =
	choicesURL.origin === location.origin || `.${choicesURL.hostname}`.endsWith(`.${cookieDomain}`);
