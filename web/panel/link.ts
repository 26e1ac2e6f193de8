// What the gate gave to this script: see web/gate/link.ts.
import type { Carrier } from "../gate/link";

/** The server puts the piece's markup, in the visitor's language, under this
 * name. */
declare const __HTML: string;

export const page = document;

const self = page.currentScript as Carrier;

/** The address of choices, beside this script's own. */
export const choicesURL = new URL("choices", self.src);

export const [
	{ d: cookieDomain = "", n: cookieName = "og" },
	asked,
	trusted,
	style,
	dock,
	parts,
	put,
	show,
	current,
	parseChoice,
	keep,
	emit,
	choose,
	load,
	store,
	fetch,
	summon,
	ran,
	serverTags,
	arrive,
] = self.og!;

/** Takes the server's markup apart: a style element and what it dresses. */
export const unpack = <Root>(): [css: string, root: Root] => {
	const template = page.createElement("template");
	template.innerHTML = trusted.createHTML(__HTML);
	const [{ textContent }, root] = template.content.children;
	return [textContent!, root as Root];
};
