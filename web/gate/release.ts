// Releasing: what the page marks with data-gate, and the server's own tags, are
// set free once all their categories are allowed; each once, in document order.
// Scripts are only found here; a piece runs them.
import { allowed, choice } from "./choice";
import { asked, nonce, page, tags, trusted, warn } from "./config";
import { mark, reveal } from "./reveal";

// What was released has lost its mark.
const known = new Set(asked);

/** The marks of the scripts that were released. */
export const ran = new Set<string>();

// The server's tags are marked elements too, outside the document.
export const serverTags = !__TAGS ? [] : tags.map((tag) => {
	const el = page.createElement(["img", "script", "script", "iframe"][tag.k]);
	Object.assign(el, { nonce, type: "text/plain", title: tag.n || "", r: tag.r, text: trusted.createScript(tag.b || "") });
	el.dataset.gate = tag.c;
	if (tag.u) el.dataset.src = tag.u;
	if (tag.q) el.dataset.ogPlace = tag.q;
	return el;
});

const isScript = (el: HTMLElement): el is HTMLScriptElement => el.localName === "script";

/** Whose marks count: the document, and shadow roots that the page names. */
export const roots: ParentNode[] = [];

/** Releases what may be, of the page and of the server's tags, and returns the
 * scripts among it, in order. Frames, which cost the most, wait if they must. */
export const sweep = (framesWait: unknown): HTMLScriptElement[] => {
	const scripts: HTMLScriptElement[] = [];
	for (const el of [...serverTags, ...roots.flatMap((root) => [...root.querySelectorAll<HTMLElement>("[data-gate]")])])
		if (isScript(el)) {
			if (el.type === "text/plain" && isOpen(el) && isComplete(el)) scripts.push(el);
		} else if (!(framesWait && el.localName === "iframe") && isOpen(el) && isComplete(el)) {
			free(el);
			// Its scripts come before the next ones.
			if (el instanceof HTMLTemplateElement) return sweep(framesWait);
		}
	return scripts;
};

/** After a sweep, what this matches on the page needs a placeholder: a frame that
 * stays held, or the empty place of one. Tags without a place match nothing. */
export const held = __TAGS ? ["iframe[data-gate]", ...tags.map((tag) => tag.q + ":empty")] + "" : "iframe[data-gate]";

const isOpen = (el: HTMLElement): boolean => {
	const { gate } = el.dataset;
	// What a scheduled revision brought is not covered by answers from before it.
	if (gate == null || (el as { r?: number }).r! > choice.revision) return false;
	for (const category of gate.trim().split(/[\s,]+/))
		if (!allowed(category)) {
			if (!known.has(category)) {
				known.add(category);
				warn(`unknown category "${category}"`);
			}
			return false;
		}
	return true;
};

/** Has the parser closed el? It may hand over a script's text in parts. */
const isComplete = (el: Node): boolean => {
	let node: Node | null = el;
	while (node && !node.nextSibling) node = node.parentNode;
	return !!node || page.readyState !== "loading" || !el.isConnected;
};

const free = (el: HTMLElement) => {
	const { ogPlace, gate } = el.dataset;
	try {
		if (__TAGS && ogPlace) {
			const place = page.querySelector(ogPlace);
			if (!place) return;
			place.replaceChildren(el);
		}
		delete el.dataset.gate;
		// By this the panel's script can hold a frame again.
		el.dataset.ogWas = gate;
		if (el instanceof HTMLTemplateElement) {
			const content = page.importNode(el.content, true);
			mark(content.querySelectorAll("script"), gate);
			el.replaceWith(content);
		}
		// A link that a visitor's comment smuggled in must not lead to a script.
		else reveal(el, el, el.localName === "link" ? /^data-href$/ : /^data-(src|srcset)$/);
	} catch (error) {
		if (__TAGS) delete el.dataset.gate;
		warn(error);
	}
};
