// What the gate gave to this script: see web/gate/link.ts.
import type { Carrier, Choose } from "../gate/link";

/** The server puts the piece's markup, in the visitor's language, under this
 * name. */
declare const __HTML: string;

/** And under this one, by the revision that the piece shows, the hash under which
 * it keeps that. */
declare const __SHOWN: Record<number, string>;

/** The element of this script. If the gate brought the piece, it is not in the
 * document. */
declare const __SELF: Carrier;

export const page = document;

export const self = __SELF;

/** The address of choices, beside this script's own. */
export const choicesURL = new URL("choices", self.src);

export const [
	{ d: cookieDomain = "", p: cookiePath = "/", n: cookieName = "og", r: revision, g: objected },
	asked,
	trusted,
	style,
	dock,
	parts,
	put,
	afterFrame,
	show,
	current,
	asking,
	parseChoice,
	keep,
	emit,
	decide,
	load,
	store,
	fetch,
	summon,
	ran,
	serverTags,
	reveal,
	mark,
	release,
	arrive,
] = self.og!;

/** Does the browser's Global Privacy Control object to a category that is not
 * allowed? */
export const objects = (category: string): boolean => !!objected && objected[category] === 1 && !current().choices[category];

/** Makes a decision in a piece. Behind its source it says what was shown, unless
 * a gate from a cache got the pieces of a later revision. */
export const choose: Choose = (action, answer, source) => decide(action, answer, [source, __SHOWN[revision]] + "");

/** Takes the server's markup apart: a style element and what it dresses, which
 * says that the browser's signal is honoured if there is one. */
export const unpack = <Root>(): [css: string, root: Root] => {
	const template = page.createElement("template");
	template.innerHTML = trusted.createHTML(__HTML);
	if (objected) template.content.querySelector("[data-og-gpc]")?.removeAttribute("hidden");
	const [{ textContent }, root] = template.content.children;
	return [textContent!, root as Root];
};
