// Releasing scripts. Those without async run in the order of the document: those
// with an address keep it among themselves, one with text waits until those before
// it have loaded.
import { prepare, replay, runsApart } from "./late";
import { arrive, page, ran, release, reveal, self, trusted } from "./link";

// The addresses that load, of scripts in order, and of all.
const line = new Set<HTMLScriptElement>();
const loading = new Set<string>();

const addressOf = (el: HTMLScriptElement) => el.dataset.src || el.getAttribute("src") || "";
const isAsync = (el: Element) => el.hasAttribute("async");

/** Runs those that may be released, in document order, as far as they need not
 * wait. */
const run = (scripts: HTMLScriptElement[]): void => {
	let waits = false;
	for (const el of scripts) {
		// A page that works with nonces trusts what carries one. Under
		// 'strict-dynamic' it also trusts whatever a script inserts, so an element
		// that somebody smuggled into the page must not get in by this one.
		if (self.nonce && el.nonce !== self.nonce) {
			delete el.dataset.gate;
			console.warn("optgate:", "no nonce", el);
			continue;
		}
		const address = addressOf(el);
		// One that looks whether its address is there already is not there twice.
		const twice = loading.has(address);
		// An inline script that waits may say what an async one behind it needs.
		waits ||= address ? twice && !isAsync(el) : line.size > 0;
		if (waits && address) fetchAhead(el, address);
		if (waits || twice) continue;
		try {
			start(el, address);
		} catch (error) {
			console.warn("optgate:", error);
		}
		// It may have written scripts that come before the next one.
		if (!address) return release();
	}
	if (!waits && !line.size) replay();
};

// Addresses that were fetched ahead, while their turn has not come.
const ahead = new Set<string>();

const fetchAhead = (el: HTMLScriptElement, address: string) => {
	if (el.dataset.type || el.noModule || ahead.has(address)) return;
	ahead.add(address);
	const link = page.createElement("link");
	Object.assign(link.dataset, { ogWas: el.dataset.gate });
	Object.assign(link, { rel: "preload", as: "script", nonce: el.nonce, integrity: el.integrity, referrerPolicy: el.referrerPolicy, crossOrigin: el.crossOrigin });
	link.href = address;
	page.head.append(link);
};

const start = (el: HTMLScriptElement, address: string) => {
	const { gate } = el.dataset;
	delete el.dataset.gate;
	ran.add(gate!);
	const script = page.createElement("script");
	// Before it has an address, as by this mark others know that it may load.
	script.dataset.ogWas = gate;
	reveal(el, script, /^(?!type$|on)/);
	script.async = isAsync(el);
	script.nonce = el.nonce;
	if (!address) script.text = trusted.createScript(el.text);
	prepare(script);
	// Old browsers' scripts never end.
	if (address && !script.noModule) {
		loading.add(address);
		if (!script.async) line.add(script);
	}
	if (script.type === "module") runsApart(1);
	for (const name of ["load", "error"] as const) {
		// Handlers wherever the page put them: in an attribute, a property, a list.
		const handler = `on${name}` as "onload";
		script[handler] = el[handler];
		el[handler] = null;
		script.addEventListener(name, () => {
			el.dispatchEvent(new Event(name));
			loading.delete(address);
			line.delete(script);
			if (script.type === "module") runsApart(-1);
			release();
		});
	}
	if (el.parentNode) el.replaceWith(script);
	else page.head.append(script);
	if (!address && script.type === "module") signOff(script);
};

/** Sets a module behind one with text, which says nothing when it has run. */
const signOff = (script: HTMLScriptElement) => {
	const sign = page.createElement("script");
	Object.assign(sign, { type: "module", async: false, nonce: script.nonce });
	sign.text = trusted.createScript('document.dispatchEvent(new Event("optgate:ran"))');
	script.after(sign);
};

page.addEventListener("optgate:ran", () => {
	runsApart(-1);
	release();
});
arrive({ run } as never);
