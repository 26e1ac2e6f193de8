// Releasing: what the page marks with data-gate, and the server's own tags, are
// set free once all their categories are allowed; each once, in document order.
import { allowed } from "./choice";
import { asked, nonce, type Tag, tags, trusted, warn } from "./config";
import { isOneOf } from "./decide";

const released = new WeakSet<Element>();
const warned = new Set<string>();

// Scripts without async run in order. Those with an address keep it among
// themselves; one with text waits in line until those before it have loaded.
const line = new Set<HTMLScriptElement>();
let loading = 0;

/** Releases what may be, in root and of the server's tags. */
export function sweep(root: ParentNode): void {
	for (const el of [...serverTags, root as Element, ...root.querySelectorAll("[data-gate]")]) visit(el);
}

function isOpen(el: Element): boolean {
	for (const category of el.getAttribute("data-gate")!.trim().split(/[\s,]+/)) {
		if (!allowed(category)) {
			if (!isOneOf(asked, category) && !warned.has(category)) {
				warned.add(category);
				warn(`unknown category "${category}" stays blocked`);
			}
			return false;
		}
	}
	return true;
}

function visit(el: Element): void {
	if (released.has(el) || !el.hasAttribute?.("data-gate") || !isOpen(el) || !isComplete(el)) return;
	if (!isScript(el)) free(el);
	else if (el.type === "text/plain") {
		if (el.hasAttribute("async")) free(el);
		else {
			line.add(el);
			advance();
		}
	}
}

const isScript = (el: Element): el is HTMLScriptElement => el.localName === "script";
const source = (el: Element) => el.getAttribute("data-src") || el.getAttribute("src");

/** Has the parser closed el? It may hand over a script's text in parts. */
function isComplete(el: Node): boolean {
	if (document.readyState !== "loading" || !el.isConnected) return true;
	for (let node: Node | null = el; node; node = node.parentNode) if (node.nextSibling) return true;
	return false;
}

function advance(): void {
	for (const el of line) {
		// The visitor may have withdrawn since.
		const open = isOpen(el);
		if (open && loading && !source(el)) break;
		line.delete(el);
		if (open) free(el);
	}
}

function free(el: Element): void {
	const tag = places.get(el);
	if (tag) {
		const place = document.querySelector(tag.q!);
		if (!place) return;
		place.replaceChildren(el);
	}
	released.add(el);
	try {
		if (isScript(el)) run(el);
		else if (el instanceof HTMLTemplateElement) unfold(el);
		else
			for (const [from, to] of [
				["srcset", "srcset"],
				["src", el.localName === "object" ? "data" : "src"],
				["href", "href"],
			]) {
				const value = el.getAttribute(`data-${from}`);
				if (value) el.setAttribute(to, trusted("ScriptURL", value));
			}
	} catch (error) {
		warn(error);
	}
}

function run(el: HTMLScriptElement): void {
	// A page that works with nonces trusts what carries one. Under
	// 'strict-dynamic' it also trusts whatever the gate inserts, so an element
	// that somebody smuggled into the page must not get in by the gate.
	if (nonce && el.nonce !== nonce) throw `a script without the page's nonce stays blocked: ${source(el)}`;
	const script = document.createElement("script");
	for (const { name, value } of el.attributes)
		if (!/^(data-)?(src|type|gate|nonce)$/.test(name)) script.setAttribute(name, value);
	script.async = el.hasAttribute("async");
	script.nonce = el.nonce;
	if (el.dataset.type === "module") script.type = "module";
	const address = source(el);
	if (address) {
		script.src = trusted("ScriptURL", address);
		if (!script.async && !script.noModule) {
			loading++;
			for (const end of ["load", "error"])
				script.addEventListener(end, () => {
					loading--;
					advance();
				});
		}
	} else script.text = trusted("Script", el.text);
	if (el.parentNode) el.replaceWith(script);
	else document.head.append(script);
}

/** Puts a template's content in its place. Its scripts become marked ones, which
 * the observer finds: so they run in order and with the right nonce. */
function unfold(el: HTMLTemplateElement): void {
	const content = document.importNode(el.content, true);
	for (const script of content.querySelectorAll("script"))
		if (/^$|module|javascript/i.test(script.type)) {
			script.dataset.type = script.type;
			script.type = "text/plain";
			script.dataset.gate = el.dataset.gate;
		}
	el.replaceWith(content);
}

// The server's tags are marked elements too, outside the document.
const places = new Map<Element, Tag>();
const serverTags = tags.map((tag) => {
	const el = document.createElement(["img", "script", "script", "iframe"][tag.k]);
	el.dataset.gate = tag.c;
	if (tag.u) el.dataset.src = tag.u;
	if (isScript(el)) {
		el.type = "text/plain";
		el.text = trusted("Script", tag.b || "");
		el.nonce = nonce!;
	}
	if (tag.q) places.set(el, tag);
	if (tag.n) el.title = tag.n;
	return el;
});
