// Placeholders: a frame that is held says, in its own box, what it would load and
// what it needs, and lets the visitor allow it. The words stand in the frame's
// own empty document: so they have its place and size whatever the site's styles
// say, nothing on the page moves, and what is loaded later takes their place.
import { arrive, asked, choose, current, objects, page, reveal, self, serverTags, unpack } from "./link";
import { categoriesOf } from "./refused";

/** A service of the site. */
interface Service {
	i: string;
	n: string;
	/** Hosts; "*." begins those with any subdomain. */
	h?: string[];
	/** Addresses of the frames that the server holds for it. */
	f?: string[];
}

/** The server gives the site's services, and the titles of its categories, under
 * these names. */
declare const __SERVICES: Service[];
declare const __TITLES: Record<string, string>;

const services = __SERVICES;
const [css, { content: words }] = unpack<HTMLTemplateElement>();

// A site can take a placeholder off.
const held = "iframe[data-gate][data-src]:not([data-og-placeholder=none])";

const theme = ["accent", "ink", "bg", "text", "radius", "font"];

const paused = self.og![0].z;

/** What a mark needs of the visitor, or nothing if no answer of hers is enough:
 * the site does not ask about it, or has paused it. */
const needsOf = (mark: string): string[] => {
	const needs = categoriesOf(mark).filter((category) => category !== "essential");
	return needs.every((category) => asked.has(category) && paused?.[category] !== 1) ? needs : [];
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

/** Puts a frame of the server's into its place to be held there, unless the site
 * has something of its own in it. */
const putIntoPlace = (frame: HTMLElement) => {
	const { ogPlace, gate } = frame.dataset;
	if (!ogPlace || !gate || frame.isConnected || !needsOf(gate)[0]) return;
	const place = page.querySelector(ogPlace);
	if (place && !place.firstChild) place.append(frame);
};

/** Gives a held frame the words, in the looks of the page. */
const fill = (frame: HTMLIFrameElement) => {
	const needs = needsOf(frame.dataset.gate!);
	// A sandbox may keep its document from us.
	const doc = frame.contentDocument;
	if (!needs[0] || !doc || doc.URL !== "about:blank" || doc.body.firstChild) return;
	const content = doc.importNode(words, true);
	const say = { host: `\u2068${nameOf(frame.dataset)}\u2069`, category: needs.map((id) => __TITLES[id]).join(" + ") };
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
		reveal(frame, frame, /^data-src$/);
	});
	act("always", () =>
		choose("save", (id) => needs.includes(id) || current().choices[id] === true, "placeholder"),
	);
	// What her browser objects to, she allows for good in the preferences alone.
	if (needs.some(objects)) content.querySelector("[data-og-always]")!.remove();
	const box = content.firstElementChild as HTMLElement;
	Object.assign(doc.documentElement, { lang: box.lang, dir: box.dir });
	doc.title = frame.title;
	dress(doc, css);
	doc.body.append(content);
};

/** One that cannot be held with words is held without. */
const attempt = (act: () => void) => {
	try {
		act();
	} catch {
		// An address or a place that is none.
	}
};

/** Holds every frame with words. */
const hold = () => {
	for (const frame of serverTags) attempt(() => putIntoPlace(frame));
	for (const frame of page.querySelectorAll<HTMLIFrameElement>(held)) attempt(() => fill(frame));
};

new MutationObserver(hold).observe(page, { childList: true, subtree: true, attributeFilter: ["data-gate"] });
// Some browsers give a frame another empty document once it is in the page.
page.addEventListener("load", hold, true);
hold();
arrive({} as never);
