// Elements: one that is held keeps what it would load in attributes that load
// nothing, "data-hold-src" for "src", so that clones and markup carry it along.
import { find, lacks, later } from "./later";

const mark = "data-hold";
const listed = new WeakSet<Element>();

let count = 0;

/** A style sheet, or declarations, without what is held. An image becomes a
 * custom property that is set when it is allowed; rules that have no use for one
 * are put aside whole. */
export const css = (text: string): string =>
	find(text)
		? text.replace(/@import[^;]+;?|@font-face[^}]+}|(url|image-set)\(([^()"']|"[^"]*"|'[^']*'|\([^()]*\))*\)/gi, (part) => {
				const need = find(part);
				if (!need) return part;
				const name = `--hold-${++count}`;
				const rule = part[0] === "@";
				later(need, () => {
					if (!rule) return document.documentElement.style.setProperty(name, part);
					const style = document.createElement("style");
					style.textContent = part;
					document.head.prepend(style);
				});
				return rule ? "" : `var(${name},none)`;
			})
		: text;

/** Attributes that make elements load; from srcset on they may say more than an
 * address. */
export const loading = "src href data poster background to srcset imageSrcset ping srcdoc content".split(" ");
const attributes = `${loading},style`.toLowerCase().split(",");

/** What an attribute needs that is not allowed. Where a link leads is no request,
 * and neither a marked tag nor one that the gate set free is our business. */
const judge = (el: Element, name: string, value: string): string | false | undefined => {
	const tag = el.localName;
	const at = attributes.indexOf(name);
	return (
		at >= 0 &&
		!/-/.test(tag) &&
		!el.matches(`[data-gate],[data-og-was],[rel]:not([rel*=sty],[rel*=pre],[rel*=ico])${{ href: ",a,area,base", content: ",:not([http-equiv])" }[name] || ""}`) &&
		(/^(scr|i?fr|obj|emb)/.test(tag) || !/^\s*(data|blob):/.test(value)) &&
		(at > 5 ? find : lacks)(value)
	);
};

/** What a script would import, or have loaded ahead, that is not allowed. */
const imports = ({ type }: any, text: string): string | undefined => {
	for (const [, url] of text.matchAll(type[0] === "s" ? /"(http[^"]+)/g : /\bimport\s*\(?[^"'`;()]*["'`]([^"'`]+)/g)) {
		const need = lacks(url);
		if (need) return need;
	}
	return undefined;
};

/** Takes an attribute that page code is about to set, or the text: null if it is
 * held, otherwise the value to set. */
export const take = (el: any, given: string, value: string): string | null => {
	const name = given.toLowerCase().replace("xlink:", "");
	const tag = el?.localName;
	if (name === "style" || (tag === "style" && name === "text")) return css(value);
	const need = name !== "text" ? judge(el, name, value) : tag === "script" && imports(el, value);
	if (!need) return value;
	el.removeAttribute(given);
	el.setAttribute(mark, need);
	el.setAttribute(`${mark}-${name}`, value);
	if (tag === "script" && el.text) {
		// Its text would run in place of what its address leads to.
		el.setAttribute(`${mark}-text`, el.text);
		el.textContent = "";
	}
	// One that is there already shows what it shows until it is sent elsewhere.
	if (el.contentWindow) el.src = "about:blank";
	else if (el.sheet) el.href = "about:blank";
	list(el);
	return null;
};

/** Has a held element wait for its replay. */
const list = (el: any) => {
	const need = el.getAttribute(mark);
	if (!need || listed.has(el)) return;
	listed.add(el);
	const { async } = el;
	later(need, () => {
		listed.delete(el);
		if (async === false) el.async = async;
		for (const name of el.getAttributeNames()) {
			const [, own] = name.split(`${mark}-`);
			if (own) {
				const value = el.getAttribute(name);
				el.removeAttribute(name);
				if (own === "text") el.text = value;
				else el.setAttribute(own, value);
			}
		}
		// A medium that found nothing looks again.
		el.parentNode?.load?.();
	});
};

/** What page code set of an attribute that is held, or null. */
export const kept = (el: Element, name: string): string | null => el.getAttribute(`${mark}-${name}`);

/** Page code takes back an attribute that may be held. */
export const forget = (el: Element, name: string): void => el.removeAttribute(`${mark}-${name}`);

const selector = `[${attributes.join("],[")}],[*|href],[${mark}],script,style,template`;
// Taken before a field of that name can hide it from its form; workers have none.
const matches = self.Element?.prototype.matches;
/** Elements whose text is no text. */
export const hasText = /^s(cript|tyle)$/;

/** Holds what nodes, or one alone, would load; returns the elements of which
 * something is held that was not before. */
export const examine = (root: any, alone?: unknown): any[] =>
	[...(root.localName && matches.call(root, selector) ? [root] : []), ...(root.firstElementChild && !alone ? root.querySelectorAll(selector) : [])].filter((el) => {
		let held = false;
		/** Puts what is left of what was there, if it is not the same. */
		const put = (value: string, taken: string | null, set: (taken: string) => void) => {
			if (taken === null) held = true;
			else if (taken !== value) set(taken);
		};
		if (el.content?.nodeType) examine(el.content);
		list(el);
		for (const name of el.getAttributeNames())
			if (attributes.includes(name.replace("xlink:", "")) && kept(el, name) === null) {
				const value = el.getAttribute(name);
				put(value, take(el, name, value), (taken) => el.setAttribute(name, taken));
			}
		if (hasText.test(el.localName)) put(el.textContent, take(el, "text", el.textContent), (taken) => (el.textContent = taken));
		return held;
	});
