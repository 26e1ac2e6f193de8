// What the server tells the gate, and what the gate's own script tag tells it.

/** A tag that the server holds for the site. */
interface Tag {
	/** Category. */
	c: string;
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
	/** The revision that brought it, if that is scheduled for earlier visitors. */
	r?: number;
}

/** The server's configuration. Its keys are short as they are served on every
 * page; what they mean stands in the destructuring below. */
export interface Config {
	s: string;
	r: number;
	c: string[];
	l: Record<string, string>;
	h: string;
	x: number;
	d?: string;
	p?: string;
	n?: string;
	t?: Tag[];
	e?: Record<string, number>;
	w?: Record<string, number>;
	g?: Record<string, 1> | false;
	z?: Record<string, 1>;
	y?: Record<string, number>;
	v: string;
}

/** The server calls the built gate with its configuration under this name. */
declare const __OG: Config;

export const config = __OG;

export const {
	s: site,
	r: revision,
	c: categories,
	l: labels,
	h: panelHash,
	x: lifetime,
	d: cookieDomain = "",
	p: cookiePath = "/",
	n: cookieName = "og",
	t: tags = [],
	e: since,
	w: later,
	v: version,
} = config;

export const asked: ReadonlySet<string> = new Set(categories);

export const page = document;

// A throw ends the gate, shut, with a warning: see internal/webbuild.
export const everywhere = window as { optgate?: any; trustedTypes?: any };
export const queue = everywhere.optgate;
if (queue?.version) throw "twice";

/** The gate's own script tag; a module has none. */
export const self = page.currentScript as HTMLScriptElement;

/** The page's nonce, if the gate was given it. */
export const { nonce } = self;

const known = Object.keys(labels);
// Tags have two letters or three before the first hyphen.
const primary = (tag: string) => (tag + "-").slice(0, 3);
/** The panel's language: the page's, else the browser's, else the site's first. */
export const language =
	(__LANGUAGES &&
		[page.documentElement.lang, ...navigator.languages]
			.map((tag) => known.find((each) => each === tag) || known.find((each) => primary(each) === primary(tag)))
			.find((tag) => tag)) ||
	known[0];

/** For a first visit the server gives the gate the first layer's piece as well, in
 * the language that it believes to be the panel's. It takes its script element. */
declare const __PANEL: Record<string, (script: HTMLScriptElement) => void> | undefined;

export const brought = __PANEL?.[language];

/** Passes text through the page's Trusted Types, if it has them and allows the
 * policy. Only markup of the page's author and of the server gets here. */
const same = (text: string): string => text;
export let trusted = { createHTML: same, createScript: same, createScriptURL: same };
try {
	trusted = everywhere.trustedTypes.createPolicy("optgate", trusted);
} catch {
	// No such thing; or not allowed, and then what it forbids stays blocked.
}

export const warn = (message: unknown): void => console.warn("optgate:", message);
