// Clearing: what the services of a refused category keep in the browser is
// taken away, as far as a script can reach it.
import { cookieDomain, cookieName, cookiePath, current, page, ran, summon } from "./link";
import { categoriesOf, refused } from "./refused";

/** A service of the site. */
interface Service {
	/** Category. */
	c: string;
	/** What it keeps in the browser: a digit for the kind, then the name, in which
	 * "*" stands for anything. */
	k?: string[];
}

/** The server gives the site's services under this name. */
declare const __SERVICES: Service[];

const services = __SERVICES;

/** Is something refused that keeps something? */
export const isCleared = (): boolean => services.some(({ c, k }) => k && refused(c));

const kinds = { cookie: "0", local: "1", session: "2", database: "3" };

/** Does a service, of those refused or of the others, list the name? "*" stands
 * for anything. */
const isListed = (kind: string, name: string, off: boolean): boolean =>
	services.some(
		({ c, k = [] }) =>
			refused(c) === off &&
			k.some(
				(entry) =>
					entry[0] === kind &&
					RegExp(`^${entry.slice(1).replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*")}$`, "s").test(name),
			),
	);

/** Must the name go? Whatever is still allowed wins over an equal name, and what
 * Optgate itself keeps is nobody's. */
const goes = (kind: string, name: string): boolean =>
	isListed(kind, name, true) &&
	!isListed(kind, name, false) &&
	(kind === kinds.cookie ? name !== cookieName && name !== `${cookieName}_id` : !/^og\./.test(name));

// Each further level costs some dozens of writes.
const deepest = 20;

/** Every path that a cookie of this page can have. */
const paths = (): string[] => {
	const all = ["/"];
	let path = "";
	for (const part of location.pathname.split("/").slice(1, deepest)) if (part) all.push((path += `/${part}`), `${path}/`);
	return all;
};

/** Takes a cookie away from every domain and path; nobody can see which it has.
 * The choice in force stays, so that at no moment another page sees none. */
const removeCookie = (name: string) => {
	const domains = [""];
	// To a number or a bare name as domain belongs what belongs to the host alone.
	for (let host = location.hostname; /\..*\D$/.test(host); host = host.replace(/^[^.]*\.?/, "")) domains.push(host);
	for (const domain of domains)
		for (const path of paths())
			for (const more of [isSecureContext ? ";secure" : "", ";secure;partitioned"])
				if (name !== cookieName || domain !== cookieDomain || path !== cookiePath)
					page.cookie = `${name}=;max-age=0;path=${path};domain=${domain}${more}`;
};

/** Takes away cookies of the choice's name that another host or path of the domain
 * left. */
export const tidy = (): void => {
	try {
		removeCookie(cookieName);
	} catch {
		// A sandboxed page.
	}
};

/** Takes away what must go of one kind of store, by name; each may be blocked. */
const sweep = (kind: string, names: () => string[], remove: (name: string) => void) => {
	try {
		for (const name of names()) if (goes(kind, name)) remove(name);
	} catch {
		// Then there is nothing to find either.
	}
};

const sweepStorage = (kind: string, storage: () => Storage) =>
	sweep(kind, () => Object.keys(storage()), (name) => storage().removeItem(name));

const clearDatabases = async () => {
	const found = await indexedDB.databases();
	sweep(kinds.database, () => found.map(({ name }) => name!), (name) => indexedDB.deleteDatabase(name));
};

const clear = () => {
	if (!current().at || !isCleared()) return;
	sweep(kinds.cookie, () => page.cookie.split("; ").map((pair) => pair.split("=")[0]), removeCookie);
	sweepStorage(kinds.local, () => localStorage);
	sweepStorage(kinds.session, () => sessionStorage);
	void clearDatabases().catch(() => undefined);
};

/** Puts frames that a withdrawal concerns back to where they were, held. */
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
		// The gate asks for what held frames say only when one comes into view.
		void summon("placeholders").catch(() => undefined);
	}
};

/** Resolves when the server has the decision. */
const sent = async () => (await summon("panel")).flush();

// What a page waits for the server before it ends, in milliseconds. Afterwards
// the decision is sent by the next page.
const courtesy = 500;

let leaving = false;

/** Clears, empties the frames that lost their permission, and starts the page anew
 * if a script that ran lost its own: nothing else stops it. */
export const obey = (): void => {
	clear();
	restore();
	const lost = [...ran].some((gate) => categoriesOf(gate).some(refused));
	if (!lost || leaving || !current().at) return;
	leaving = true;
	history.scrollRestoration = "auto";
	void Promise.race([sent(), new Promise((resolve) => setTimeout(resolve, courtesy))]).then(() => {
		// What runs until the end may store again until the end; a listener that
		// comes last hears last.
		addEventListener("pagehide", clear);
		location.reload();
	});
};
