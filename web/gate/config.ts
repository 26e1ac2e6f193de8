// What the server tells the gate, and what the gate's own script tag tells it.

/** A tag that the server holds for the site. */
export interface Tag {
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
 * page; their names stand in the destructuring below. */
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
	d: cookieDomain,
	p: cookiePath = "/",
	n: cookieName = "og",
	a: accent = "currentColor",
	t: tags = [],
	v: version,
} = __OG;

/** The gate's own script tag; null where the gate runs as a module. */
export const self = document.currentScript as HTMLScriptElement | null;

/** The page's nonce, if the gate was given it. */
export const nonce = self?.nonce;

// Everything lies beside the gate's script, so that it works under any path
// that a site's proxy gives it.
const address = new URL(".", self?.src || location.href);
export const base = address.href;

const covered = (host: string) => `.${host}`.endsWith(`.${cookieDomain}`);

/** Can the server set cookies for this page? Otherwise the gate alone keeps the
 * choice, and the visitor names herself. */
export const serverSetsCookies =
	address.origin === location.origin || (covered(address.hostname) && covered(location.hostname));

/** The panel's language: the page's, else the browser's, else the site's first. */
export const language = ((known) => {
	for (const wanted of [document.documentElement.lang, ...navigator.languages]) {
		const found =
			known.find((tag) => tag.toLowerCase() === wanted.toLowerCase()) ||
			known.find((tag) => tag.split("-")[0] === wanted.toLowerCase().split("-")[0]);
		if (found) return found;
	}
	return known[0];
})(Object.keys(labels));

// Captured before the page's scripts can replace it.
const { fetch } = window;

/** Fetches one of the server's addresses. */
export const request = (path: string, init?: RequestInit): Promise<Response> => fetch(base + path, init);

const policy = (() => {
	try {
		const same = (text: string) => text;
		return (window as { trustedTypes?: any }).trustedTypes?.createPolicy("optgate", {
			createHTML: same,
			createScript: same,
			createScriptURL: same,
		});
	} catch {
		// The page's policy does not name ours: what it forbids stays blocked.
	}
})();

/** Passes text through the page's Trusted Types, if it has them. Only markup of
 * the page's author and of the server gets here. */
export const trusted = (kind: "HTML" | "Script" | "ScriptURL", text: string): string =>
	policy ? policy[`create${kind}`](text) : text;

export const warn = (message: unknown) => console.warn("optgate:", message);
