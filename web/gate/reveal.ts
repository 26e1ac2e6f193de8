// What becomes of marked elements: attributes that count, and marks of their own
// for scripts that come with them.
import { trusted } from "./config";

/** Gives the attributes of el whose names match to another element, or to el
 * itself, "data-src" as "src" and the like; but never an address that is code. */
export const reveal = (el: HTMLElement, to: HTMLElement, names: RegExp): void => {
	// What the parser made, some browsers load again from their history when the
	// page is loaded again, whatever the visitor allows then.
	if (to.localName === "iframe") to.replaceWith(to);
	for (const { name, value } of [...el.attributes])
		if (names.test(name) && !/^javascript:/i.test(value.replace(/[\0- ]/g, "")))
			to.setAttribute(
				el.localName === "object" ? "data" : name.replace(/^data-(src|srcset|href|type)$/, "$1"),
				trusted.createScriptURL(value),
			);
};

/** Makes scripts marked ones, which the observer finds: so they run in order and
 * with the right nonce. */
export const mark = (scripts: Iterable<HTMLScriptElement>, gate: string | undefined): void => {
	for (const script of scripts)
		if (/^$|module|script|map|rules/i.test(script.type)) {
			Object.assign(script.dataset, { gate, type: script.type });
			script.type = "text/plain";
		}
};
