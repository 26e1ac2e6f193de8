// Placeholders: a frame that is held says, in its own box, what it would load and
// what it needs, and lets the visitor allow it. The words stand in the frame's
// own empty document: so they have its place and size whatever the site's styles
// say, nothing on the page moves, and what is loaded later takes their place.
import { asked, choose, current, page, serverTags, services } from "./link";
import { categoriesOf, refused } from "./refused";

// A site can take a placeholder off.
const held = "iframe[data-gate][data-src]:not([data-og-placeholder=none])";

const theme = ["accent", "ink", "bg", "text", "radius", "font"];

/** What a mark needs of the visitor, or nothing if no answer of hers is enough. */
const needsOf = (mark: string): string[] => {
	const needs = categoriesOf(mark).filter((category) => category !== "essential");
	return needs.every((category) => asked.has(category)) ? needs : [];
};

/** Who is behind an address, in words. */
const nameOf = ({ gateService, src }: DOMStringMap): string => {
	const host = new URL(src!, page.baseURI).hostname;
	const service = services.find(
		({ i, f = [], h = [] }) =>
			(gateService ? i === gateService : f.includes(src!) || h.some((known) => (known[0] === "*" ? host.endsWith(known.slice(1)) : host === known))),
	);
	return service ? `${service.n} (${host})` : host;
};

/** The page's document has the looks; the frame's gets the same. */
const dress = (doc: Document, css: string) => {
	const { documentElement: root } = doc;
	const looks = getComputedStyle(page.documentElement);
	for (const name of theme) root.style.setProperty(`--og-${name}`, looks.getPropertyValue(`--og-${name}`));
	Object.assign(root.dataset, { ogTheme: page.documentElement.dataset.ogTheme || "" });
	const sheet: CSSStyleSheet = new (doc.defaultView as any).CSSStyleSheet();
	sheet.replaceSync(css);
	doc.adoptedStyleSheets = [sheet];
};

/** Puts frames that a withdrawal concerns back to where they were. */
const restore = () => {
	for (const frame of page.querySelectorAll<HTMLIFrameElement>("iframe[data-og-was]")) {
		const { ogWas } = frame.dataset;
		if (!categoriesOf(ogWas!).some(refused)) continue;
		// Out of the page and in again, it is empty, and the visitor's way back
		// has no step more.
		const mark = page.createComment("");
		frame.replaceWith(mark);
		delete frame.dataset.ogWas;
		frame.dataset.gate = ogWas;
		frame.removeAttribute("src");
		mark.replaceWith(frame);
	}
};

/** Puts a frame of the server's into its place to be held there, unless the site
 * has something of its own in it. */
const putIntoPlace = (frame: HTMLElement) => {
	const { ogPlace, gate } = frame.dataset;
	if (!ogPlace || !gate || frame.isConnected || !needsOf(gate)[0]) return;
	const place = page.querySelector(ogPlace);
	if (place && !place.firstChild) place.append(frame);
};

/** Gives every held frame, now and later, the words of a template, in the looks
 * of a style sheet; title names a category. */
export const holdFrames = (words: HTMLTemplateElement, css: string, title: (category: string) => string): void => {
	const fill = (frame: HTMLIFrameElement) => {
		const needs = needsOf(frame.dataset.gate!);
		// A sandbox may keep its document from us.
		const doc = frame.contentDocument;
		if (!needs[0] || !doc || doc.URL !== "about:blank" || doc.body.firstChild) return;
		const content = doc.importNode(words.content, true);
		const say = { host: `\u2068${nameOf(frame.dataset)}\u2069`, category: needs.map(title).join(" + ") };
		for (const el of content.querySelectorAll("p,button"))
			el.textContent = el.textContent!.replace(/\{(host|category)\}/g, (_, name: keyof typeof say) => say[name]);
		const act = (name: string, allow: () => void) =>
			content.querySelector(`[data-og-${name}]`)!.addEventListener("click", () => {
				allow();
				frame.focus();
			});
		act("once", () => {
			frame.dataset.ogWas = frame.dataset.gate;
			delete frame.dataset.gate;
			frame.src = frame.dataset.src!;
		});
		act("always", () =>
			choose("save", (id) => needs.includes(id) || current().choices[id] === true, "placeholder"),
		);
		const box = content.firstElementChild as HTMLElement;
		Object.assign(doc.documentElement, { lang: box.lang, dir: box.dir });
		doc.title = frame.title;
		dress(doc, css);
		doc.body.append(content);
	};
	const hold = () => {
		for (const frame of serverTags) attempt(() => putIntoPlace(frame));
		for (const frame of page.querySelectorAll<HTMLIFrameElement>(held)) attempt(() => fill(frame));
	};
	new MutationObserver(hold).observe(page, { childList: true, subtree: true, attributeFilter: ["data-gate"] });
	// Some browsers give a frame another empty document once it is in the page.
	page.addEventListener("load", hold, true);
	page.addEventListener("optgate:change", restore);
	restore();
	hold();
};

/** One that cannot be held with words is held without. */
const attempt = (act: () => void) => {
	try {
		act();
	} catch {
		// An address or a place that is none.
	}
};
