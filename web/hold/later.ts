// What is held, and how it comes when its categories are allowed: in the order
// in which it was held, each once.
import { matcher, type Policy } from "./policy";

/** What the server says, and the page says to a worker: the worker's address,
 * what is allowed, and which hosts are the page's own. */
export interface Settings extends Policy {
	w?: string;
	a?: string[];
	o?: string[];
}

declare const __HOLD: Settings;

/** In a worker, its own address; the page has none. */
export const worker = __HOLD.w;

/** Hosts that are never held. */
export const own = __HOLD.o || [location.hostname, new URL((document.currentScript as HTMLScriptElement).src).hostname];

const needs = matcher(__HOLD, ...own);
/** The same of hosts that are known: code names many that nobody will ask. */
export const known = matcher({ r: __HOLD.r }, ...own);

export const absolute = (url: unknown): string => new URL(url as string, worker || document.baseURI).href;

/** May something of the category load? A worker knows what was allowed when it
 * began. */
export const allows = (category: string): boolean =>
	worker ? __HOLD.a!.includes(category) : (window as any).optgate?.allows?.(category);

/** The blobs that have addresses, and what their text parts say. */
export const blobs = new Map<string, Blob>();
export const texts = new WeakMap<Blob, string>();

/** What an address needs that is not allowed, in words, or nothing if it may pass. */
export const lacks = (url: unknown, match = needs): string | undefined => {
	try {
		const href = absolute(url);
		if (/^b/.test(href)) return find(texts.get(blobs.get(href)!) || "", known);
		if (/^(data|javas)/.test(href)) {
			const [, coded] = /;base64,(.*)/.exec(href) || [];
			return find(decodeURIComponent(coded ? escape(atob(coded)) : href), known);
		}
		const need = match(href)!;
		return need.every(allows) ? undefined : need + "";
	} catch {
		// Not an address, or not one of anybody.
		return undefined;
	}
};

/** What the first address in some text needs that is not allowed. Names of XML
 * namespaces look like addresses. */
export const find = (text: string, match = needs): string | undefined => {
	for (const [url] of (text + "").replace(/\\\//g, "/").matchAll(/(?:[hw]\w+:)?\/\/(?!www\.w3\.)[^\s"'`<>()\\]+/g)) {
		const need = lacks(url, match);
		if (need) return need;
	}
	return undefined;
};

export let waiting: [string, () => unknown][] = [];

/** Does something once the need is met. */
export const later = (need: string, run: () => unknown): void => {
	waiting.push([need, run]);
};

/** Is the need met? */
export const met = (need: string): boolean => need.split(",").every(allows);

/** What may be done in place of a replay; true if it was. */
export const replaying = { instead: (): boolean => false };

/** Does what may be done now. */
export const replay = (): void => {
	if (replaying.instead()) return;
	const all = waiting;
	waiting = [];
	for (const one of all)
		if (met(one[0]))
			try {
				one[1]();
			} catch (error) {
				// The page's policy may not have it; the others come.
				console.warn("optgate:", error);
			}
		else waiting.push(one);
};
