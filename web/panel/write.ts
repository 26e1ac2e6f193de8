// What a released script writes into the document is put behind it: once the page
// is read, the browser would throw the page away instead.
import { mark, page } from "./link";

/** A released script with what parses its writing. */
export type Writer = HTMLScriptElement & { og?: Document };

/** Writes as the document does. A document of the writer's own has a parser that
 * fills a box on the page: a part may end anywhere, and what is whole is on the
 * page at once. */
export const put = (writer: Writer, name: "write", parts: string[]): void => {
	if (!writer.og) {
		writer.og = page.implementation.createHTMLDocument("");
		writer.og.write("<og-box>");
		const box = writer.og.body.firstChild as HTMLElement;
		box.style.display = "contents";
		writer.after(box);
	}
	writer.og[name](...(parts as [string]));
	mark(page.querySelectorAll("og-box script:not([data-og-was])"), writer.dataset.ogWas);
};
