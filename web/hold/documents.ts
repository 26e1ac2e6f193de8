// What page code can do to a document so that it loads something.
import { calls } from "./calls";
import { css, examine, forget, hasText, kept, loading, take } from "./element";
import { absolute, find, lacks, later } from "./later";
import { unmarked } from "./report";
import { type Hook, quietly, wrap } from "./wrap";

const realm = Symbol.for("optgate");

const frames = (node: any) => {
	if (node?.contentWindow) documents(node.contentWindow);
	if (node?.firstElementChild) for (const frame of node.querySelectorAll("iframe,object")) documents(frame.contentWindow);
};

/** Nodes are examined before they come where they can load something, and
 * frames are wrapped as soon as they are there. */
const insert: Hook = (args, self) => {
	const fresh = args.filter(
		(node) => node?.nodeType && (self.isConnected !== false && !node.isConnected || node.ownerDocument !== self.ownerDocument),
	);
	for (const node of fresh)
		if (self.localName === "style") node.textContent = take(self, "text", node.textContent);
		else examine(node);
	return () => fresh.forEach(frames);
};

/** Markup without what is held. */
const clean = (text: string): string => {
	if (!find(text)) return text;
	const template = document.createElement("template");
	template.innerHTML = text;
	examine(template.content);
	return template.innerHTML;
};

const look = (root: any) => {
	if (root?.querySelectorAll) {
		examine(root);
		frames(root);
	}
};

/** Puts what was taken in the place of an argument; does without the call if all
 * of it is held. */
const put = (args: any[], at: number, taken: unknown) => {
	if (taken === null) return taken;
	if (at in args) args[at] = taken;
	return undefined;
};

/** Markup, by the last argument. */
const markup: Hook = (args, self, name) => {
	const at = name[6] === "A" ? 1 : 0;
	const text = args[at] + "";
	const parent = self.parentNode;
	return (
		put(args, at, hasText.test(self.localName) ? take(self, "text", text) : clean(args[at])) ||
		(args[at] !== text || /<i?frame/i.test(text) ? (result: any) => [self, parent, result].forEach(look) : undefined)
	);
};

const textual: Hook = (args, self) => {
	const { nodeType: kind } = self;
	return put(args, 0, kind === 2 && self.ownerElement ? take(self.ownerElement, self.name, args[0]) : take(kind === 3 ? self.parentNode : self, "text", args[0]));
};

/** What sets an attribute. */
const set = (self: any, name: string, args: any[], at: number) => {
	forget(self, name.toLowerCase());
	return put(args, at, take(self, name, args[at]));
};

const restyle = (el: any) => {
	const style = el.getAttribute("style");
	const clean = css(style);
	if (clean !== style) el.setAttribute("style", clean);
};

const recall: Hook = (_, self, name) => {
	const value = kept(self, name.toLowerCase());
	return value === null ? undefined : /^(src|href|data|poster)$/.test(name) ? absolute(value) : value;
};

/** Puts a call off that no element can hold. */
const defer = (need: string | undefined, run: () => any) => (need ? (later(need, run), null) : undefined);

// Markup is written in pieces; what ends within a tag waits for its end.
let piece = "";

const write: Hook = (args, self) => {
	const text = piece + args.join("");
	const cut = text.lastIndexOf("<");
	const end = cut > text.lastIndexOf(">") ? cut : text.length;
	piece = text.slice(end);
	const part = clean(text.slice(0, end));
	if (part !== args.join("")) args.splice(0, args.length, part);
	if (piece) queueMicrotask(() => flush(self));
	return () => look(self);
};

const flush = (page: Document) => {
	const rest = piece;
	piece = "";
	if (rest) quietly(() => page.write(rest));
};

/** What it needs that a form or a link sends a frame of the page somewhere. The
 * whole page may go where it likes, as the visitor sees that. */
const sending = (el: Element | null, name: string): string | undefined =>
	el && /^[^_]/.test(el.getAttribute("target") || "_") ? lacks(el.getAttribute(name)) : undefined;

let watch: MutationObserver;

/** Inline styles may also come without a call. */
const observe = (root: Node) => watch.observe(root, { subtree: true, attributeFilter: ["style"] });

/** Sees what the parser brings, before its scripts run; it brings each by itself. */
const parsing = () => {
	const arrivals = new MutationObserver((records) =>
		quietly(() => {
			for (const { target, addedNodes } of records)
				for (const node of addedNodes) for (const el of examine(hasText.test((target as Element).localName) ? target : node, 1)) unmarked(el);
		}),
	);
	arrivals.observe(document, { childList: true, subtree: true });
	addEventListener("load", () => arrivals.disconnect());
};

const styled: Hook = (args) => void (args[0] = css(args[0]) || args[0] && "og{}");

// What prototypes are asked for: what they have is far less than what they may have.
const hooks = { __proto__: null } as unknown as Record<string, [Hook | undefined, Hook?]>;
for (const [names, ...pair] of [
	["appendChild insertBefore replaceChild moveBefore importNode adoptNode insertNode surroundContents insertAdjacentElement append prepend before after replaceWith replaceChildren", insert],
	["innerHTML outerHTML setHTMLUnsafe createContextualFragment insertAdjacentHTML", markup],
	["textContent nodeValue innerText text", textual],
	["setAttribute", (args, self) => set(self, args[0], args, 1)],
	["setAttributeNS", (args, self) => set(self, args[1], args, 2)],
	["setAttributeNode setAttributeNodeNS", ([{ name, value }], self) => set(self, name, [value], 0)],
	["setNamedItem setNamedItemNS", ([{ value }], _, __, run) => defer(lacks(value), run)],
	["baseVal", ([value], _, __, run) => defer(lacks(value), run)],
	["getAttribute", ([name], self) => kept(self, name) ?? undefined],
	["hasAttribute", ([name], self) => kept(self, name) !== null || undefined],
	["removeAttribute", ([name], self) => forget(self, name)],
	["cloneNode", (_, self) => (self.localName === "img" ? examine : undefined)],
	["attachShadow", () => observe],
	["contentWindow contentDocument", undefined, (_, self) => frames(self)],
	["write writeln", write],
	["close", (_, self) => flush(self)],
	["submit", (_, self, __, run) => defer(sending(self, "action"), run)],
	["insertRule replaceSync replace cssText", styled],
	["setProperty addRule", (args) => void (args[1] = css(args[1] + ""))],
	[loading.join(" "), (args, self, name) => (self.localName ? set(self, name, args, 0) : textual(args, self, name, Object)), recall],
] as [string, Hook | undefined, Hook?][])
	for (const name of names.split(" ")) hooks[name] = pair;

// Properties of styles that load, where a browser has them on a prototype. In one
// that has not, what they say is seen at the end of the task, before it loads.
const pictures = /mage|mask|curs|backg|conte|filt|list/i;

/** Wraps a realm, once: the page's, and that of each frame of the same origin. */
export const documents = (w: any): void => {
	try {
		if (!w || w[realm]) return;
		w[realm] = 1;
	} catch {
		// Another origin's.
		return;
	}
	if (!watch) {
		watch = new MutationObserver((records) => quietly(() => records.forEach(({ target }) => restyle(target))));
		parsing();
	}
	calls(w);
	// Elements that load something, as the browser makes an interface when somebody
	// asks for it.
	for (const name of Object.getOwnPropertyNames(w))
		if (/^(HTML(|(A|B[ao]|E|F[or]|I|Li|Me|Ob|S[co]|Tr|V).*)Element|SVGAnimatedS.*|CSS(St|G).*|Node|Element|Document.*|CharacterData|Range|ShadowRoot|NamedNodeMap)$/.test(name))
			for (const member of Object.getOwnPropertyNames(w[name].prototype)) {
				// Of these interfaces only CSSStyleProperties has such members under this letter.
				const pair: [Hook | undefined, Hook?] = name[8] === "P" && pictures.test(member) ? [styled] : hooks[member];
				if (pair) wrap(w[name].prototype, member, ...pair);
			}
	wrap(w.Attr.prototype, "value", textual);
	wrap(w, "Audio", () => examine);
	wrap(w, "open", ([url, name]) => (w.document.getElementsByName(name || "_")[0] && lacks(url) ? null : documents));
	const listen = (at: EventTarget, type: string, run: (event: any) => void) => at.addEventListener(type, (event) => quietly(run, event), true);
	listen(w, "submit", (event) => {
		const need = sending(event.target, "action");
		if (need) {
			event.preventDefault();
			later(need, () => event.target.submit());
		}
	});
	listen(w, "click", (event) => {
		if (!event.isTrusted && sending(event.target.closest("[href]"), "href")) event.preventDefault();
	});
	// A marked frame is empty, and costs as much as any.
	listen(w.document, "load", ({ target }) => target.dataset?.gate || frames(target));
	observe(w.document);
};
