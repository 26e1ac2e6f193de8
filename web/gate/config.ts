// What the server tells the gate, and what the gate's own script tag tells it.

/** A tag that the server holds for the site. */
interface Tag {
	/** Category. */
	c: string;
	/** Service. */
	s?: string;
	/** Kind: 0 pixel, 1 script, 2 inline script, 3 iframe. */
	k: 0 | 1 | 2 | 3;
	/** Address, of all kinds but inline. */
	u?: string;
	/** Code of an inline script. */
	b?: string;
	/** Selector of an iframe's place. */
	q?: string;
	/** Title of an iframe. */
	n?: string;
}

/** The server's configuration. Its keys are short as they are served on every
 * page; what they mean stands in the destructuring below. */
interface Config {
	s: string;
	r: number;
	c: string[];
	l: Record<string, string>;
	h: string;
	x: number;
	d?: string;
	p?: string;
	n?: string;
	a?: string;
	t?: Tag[];
	v: string;
}

/** The server calls the built gate with its configuration under this name. */
declare const __OG: Config;

export const {
	s: site,
	r: revision,
	c: asked,
	l: labels,
	h: panelHash,
	x: lifetime,
	d: cookieDomain = "",
	p: cookiePath = "/",
	n: cookieName = "og",
	a: accent = "",
	t: tags = [],
	v: version,
} = __OG;

export const page = document;

/** The gate's own script tag; null where the gate runs as a module. */
export const self = page.currentScript as HTMLScriptElement | null;

/** The page's nonce, if the gate was given it. */
export const nonce = self?.nonce || "";

// Everything lies beside the gate's script, so that it works under any path
// that a site's proxy gives it.
const here = location;
const server = new URL(".", self?.src || here.href);

const covered = ({ hostname }: { hostname: string }) => `.${hostname}`.endsWith(`.${cookieDomain}`);

/** Can the server set cookies for this page? Otherwise the gate alone keeps the
 * choice, and the visitor names herself. */
export const serverSetsCookies = server.origin === here.origin || (covered(server) && covered(here));

/** The panel's language: the page's, else the browser's, else the site's first. */
const known = Object.keys(labels);
const primary = (tag: string) => tag.split("-")[0];
export const language =
	[page.documentElement.lang, ...navigator.languages]
		.map((tag) => known.find((each) => each === tag) || known.find((each) => primary(each) === primary(tag)))
		.find((tag) => tag) || known[0];

// Captured before the page's scripts can replace it.
const { fetch } = window;

/** Fetches one of the server's addresses. */
export const request = (path: string, init?: RequestInit): Promise<Response> => fetch(server + path, init);

/** Passes text through the page's Trusted Types, if it has them and allows the
 * policy. Only markup of the page's author and of the server gets here. */
const same = (text: string): string => text;
export let trusted = { createHTML: same, createScript: same, createScriptURL: same };
try {
	trusted = (window as any).trustedTypes.createPolicy("optgate", trusted);
} catch {
	// No such thing; or not allowed, and then what it forbids stays blocked.
}

export const warn = (message: unknown): void => console.warn("optgate:", message);
