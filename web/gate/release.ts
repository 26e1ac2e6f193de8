// Releasing: what the page marks with data-gate, and the server's own tags, are
// set free once all their categories are allowed; each once, in document order.
import { allowed, choice } from "./choice";
import { asked, nonce, page, tags, trusted, warn } from "./config";

// What was released has lost its mark.
const known = new Set(asked);

/** The marks of the scripts that were released. */
export const ran = new Set<string>();

// Scripts without async run in order. Those with an address keep it among
// themselves; one with text waits in line until those before it have loaded.
const line = new Set<HTMLScriptElement>();
let loading = 0;

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
const isAsync = (el: Element) => el.hasAttribute("async");

/** Releases what may be, of the page and of the server's tags. */
export const sweep = (): void => {
	for (const el of [...serverTags, ...page.querySelectorAll<HTMLElement>("[data-gate]")])
		if ((!isScript(el) || el.type === "text/plain") && isOpen(el) && isComplete(el))
			if (isScript(el) && !isAsync(el)) line.add(el);
			else free(el);
	advance();
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
	for (let node: Node | null = el; node; node = node.parentNode) if (node.nextSibling) return true;
	return page.readyState !== "loading" || !el.isConnected;
};

const advance = () => {
	for (const el of line) {
		// The visitor may have withdrawn since.
		if (isOpen(el)) {
			if (loading && !(el.dataset.src || el.src)) break;
			free(el);
		}
		line.delete(el);
	}
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
			// The scripts of a template become marked ones, which the observer finds:
			// so they run in order and with the right nonce.
			const content = page.importNode(el.content, true);
			for (const script of content.querySelectorAll("script"))
				if (/^$|module|javascript/.test(script.type)) {
					Object.assign(script.dataset, { gate, type: script.type });
					script.type = "text/plain";
				}
			el.replaceWith(content);
		} else if (isScript(el)) {
			ran.add(gate!);
			run(el);
		}
		// A link that a visitor's comment smuggled in must not lead to a script.
		else reveal(el, el, el.localName === "link" ? /^data-href$/ : /^data-(src|srcset)$/);
	} catch (error) {
		delete el.dataset.gate;
		warn(error);
	}
};

/** Gives the attributes of el whose names match to another element, or to el
 * itself, "data-src" as "src" and the like. */
const reveal = (el: HTMLElement, to: HTMLElement, names: RegExp) => {
	for (const { name, value } of [...el.attributes])
		if (names.test(name))
			to.setAttribute(
				el.localName === "object" ? "data" : name.replace(/^data-(src|srcset|href|type)$/, "$1"),
				trusted.createScriptURL(value),
			);
};

const run = (el: HTMLScriptElement) => {
	// A page that works with nonces trusts what carries one. Under
	// 'strict-dynamic' it also trusts whatever the gate inserts, so an element
	// that somebody smuggled into the page must not get in by the gate.
	if (nonce && el.nonce !== nonce) throw "no nonce";
	const script = page.createElement("script");
	reveal(el, script, /^(?!type$)/);
	script.async = isAsync(el);
	script.nonce = el.nonce;
	if (!script.src) script.text = trusted.createScript(el.text);
	else if (!script.async && !script.noModule) {
		loading++;
		for (const end of ["load", "error"])
			script.addEventListener(end, () => {
				loading--;
				advance();
			});
	}
	if (el.parentNode) el.replaceWith(script);
	else page.head.append(script);
};
