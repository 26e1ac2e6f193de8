// What the gate gave to this script: see web/gate/link.ts.
import type { Carrier } from "../gate/link";

/** The server puts the panel's markup, in the visitor's language, under this
 * name. */
declare const __PANEL: string;

export const markup = __PANEL;

/** A service of the site. */
interface Service {
	/** Category. */
	c: string;
	i: string;
	n: string;
	/** Hosts; "*." begins those with any subdomain. */
	h?: string[];
	/** Addresses of the frames that the server holds for it. */
	f?: string[];
	/** What it keeps in the browser: a digit for the kind, then the name, in which
	 * "*" stands for anything. */
	k?: string[];
}

/** The server gives the site's services under this name. */
declare const __SERVICES: Service[];

export const services = __SERVICES;
export const page = document;

const self = page.currentScript as Carrier;

/** The address of choices, beside this script's own. */
export const choicesURL = new URL("choices", self.src);

export const [
	{ s: site, d: cookieDomain = "", n: cookieName = "og" },
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
	ran,
	serverTags,
] = self.og!;

/** Can the server set cookies for this page? Otherwise the gate alone keeps the
 * choice, and the visitor names herself. */
export const serverSetsCookies =
	choicesURL.origin === location.origin || `.${choicesURL.hostname}`.endsWith(`.${cookieDomain}`);
