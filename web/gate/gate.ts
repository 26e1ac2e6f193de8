// The gate: holds what the page marked until the visitor allows it, and knows
// what she said. Whatever goes wrong, it stays shut. To ask her, to let her
// change her mind, to tell the server and to speak for held frames, it loads a
// piece for each.
import type { Optgate, OptgateRecord } from "./api";
import { allowed, answers, asking, choice, decide, emit, isAhead, keep, on, read } from "./choice";
import { asked, brought, config, everywhere, language, nonce, page, panelHash, queue, revision, self, trusted, version, warn } from "./config";
import { parseChoice } from "./cookie";
import { noAnswers } from "./decide";
import { afterFrame, dock, parts, prepare, put, show, style } from "./dock";
import type { Carrier, Choose, Pieces, Summon } from "./link";
import { begin, isNews, isSaid, locate, presumed, rule } from "./regions";
import { held, ran, roots, serverTags, sweep } from "./release";
import { mark, reveal } from "./reveal";
import { optOut } from "./rule";
import { load, pending, remember, store } from "./unsent";

const { fetch } = window;
const no = () => false;

/** An address beside the gate's own, so it works under any path. */
const beside = (name: string) => new URL(`${name}?lang=${language}&v=${panelHash}`, self.src) + "";

// Promises of pieces; no answers, as it has none of the properties of objects.
const arriving = noAnswers() as any;

/** Loads a piece, once; again after a failure. */
const summon: Summon = (name) =>
	(arriving[name] ||= new Promise((resolve, reject) => {
		// She may be about to answer; then the control that stays is to be ready.
		if (name === "preferences") prepare();
		const script = page.createElement("script") as Carrier;
		script.og = [
			config, asked, trusted, style, dock, parts, put, afterFrame, show, __REGIONS ? () => ({ ...choice, choices: presumed(choice.choices) }) : () => choice, asking, parseChoice, keep, emit, choose,
			() => (finish(), load()), store, fetch, summon, ran, serverTags, reveal, mark, () => release(), resolve,
		];
		script.nonce = nonce;
		// Nothing of the page's own goes before what is asked of her.
		script.fetchPriority = "high";
		script.onerror = () => {
			delete arriving[name];
			reject(`no ${name}`);
		};
		script.src = trusted.createScriptURL(beside(`${name}.js`));
		// The page goes on first.
		if (brought && name === "panel") setTimeout(brought, 0, script);
		else page.head.append(script);
	}));

/** Does something with a piece, once it is there. */
const use = <Name extends keyof Pieces>(name: Name, act: (piece: Pieces[Name]) => unknown = no) =>
	void summon(name).then(act).catch(warn);

/** A page that the browser renders ahead may never be seen: it waits. */
const whenSeen = (act: () => void) => {
	if (isAhead()) page.addEventListener("prerenderingchange", act);
	else act();
};

const near = new IntersectionObserver((seen) => {
	for (const { isIntersecting, target } of seen) if (isIntersecting && target.matches(held)) use("placeholders");
});

/** Waits for what stays held to come into view. */
const watch = () => {
	if (page.readyState !== "loading") for (const el of page.querySelectorAll(held)) near.observe(el);
};

let run: Pieces["scripts"]["run"] | undefined;
let wanted = false;

/** Releases what may be; scripts, once there is what runs them. A frame that stays
 * held gets its placeholder when it comes into view. */
const release = () => {
	const scripts = sweep(rest);
	if (run) run(scripts);
	else if (scripts[0] && !wanted) {
		wanted = true;
		use("scripts", (arrived) => {
			({ run } = arrived);
			release();
		});
	}
	if (!__TAGS) watch();
	else
		try {
			watch();
		} catch {
			// A place that is no selector.
		}
};

// What the browser's Global Privacy Control objects to, for the pieces too: it is
// read once, before the page's scripts could take it away.
const objected = (config.g = (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl === true && config.g);

// What is left to do of a decision.
let rest: (() => void) | undefined;

const finish = () => rest?.();

/** Makes a decision: the choice holds, the panel goes, and what is allowed is on
 * its way. So that the click feels light, all else comes after the next frame, or
 * when the page is left before that. */
const choose: Choose = (action, answer, source = "api") =>
	whenSeen(() => {
		finish();
		const choices = noAnswers();
		if (__REGIONS) begin(action, source);
		if (objected && action === "accept_all") {
			// Only the visitor's own yes to one of these is stronger.
			action = "save";
			answer = (id) => objected[id] !== 1 || (__PAUSED ? choice.choices[id] === true : allowed(id));
		}
		for (const id of asked) if (!__REGIONS || !answer(id) || isSaid(choice.choices, id)) choices[id] = answer(id);
		decide(choices);
		show();
		const keepLine = remember(action, source);
		rest = () => {
			rest = undefined;
			keepLine();
			use("panel", (panel) => panel.flush());
			use("preferences", (preferences) => preferences.settle());
			release();
		};
		emit("change");
		release();
		afterFrame(finish);
		// What nobody sees may have no frames.
		setTimeout(finish, 99);
	});

/** Does what the choice and the page ask for. */
const update = () => {
	// What did not come may come now.
	wanted = false;
	if (asking()) __REGIONS && rule == null ? place() : use("panel");
	show();
	release();
};

/** Reads the choice again, as another page or tab may have changed it, and does
 * what it asks for. To listen to other tabs opens the storage, for which nothing
 * of the page is to wait. */
const hear = ({ type }: { type: string }) => {
	if (type !== "readystatechange") {
		const { choices } = choice;
		read(pending);
		for (const id of asked)
			if (choices[id] !== choice.choices[id]) {
				emit("change");
				// They clear what the other page or tab refused.
				use("preferences");
				break;
			}
		if (type === "pageshow") addEventListener("storage", hear);
		if (/^[op]/.test(type) && choice.at && pending()) use("panel", (panel) => panel.flush(type < "p"));
	}
	update();
};

/** Opens the preferences, or if they do not come the page that does without. */
const open = (opener: Element | null) =>
	void summon("preferences")
		.then((preferences) => preferences.open(opener as HTMLElement))
		.catch(() => window.open(beside("preferences")));

const observer = new MutationObserver(() => {
	show();
	release();
});

/** Releases what root has, now and later. */
const observe = (root: ParentNode) => {
	roots.push(root);
	observer.observe(root, { childList: true, subtree: true, attributeFilter: ["data-gate"] });
	release();
};

const start = () => {
	read(pending, true);
	emit("ready");
	observe(page);
	// She may be about to open them.
	for (const name of ["pointerover", "focusin"]) dock.addEventListener(name, () => use("preferences"));
	// In the capture phase, so that no handler of the page can stop them; in it
	// the events of the document pass by here too.
	addEventListener(
		"click",
		(event) => {
			const opener = (event.target as Element).closest?.("[data-og-open]");
			if (opener) {
				event.preventDefault();
				open(opener);
			}
		},
		true,
	);
	for (const name of ["readystatechange", "visibilitychange", "pageshow", "online"]) addEventListener(name, hear, true);
	addEventListener("pagehide", finish);
	hear({ type: page.readyState === "complete" ? "pageshow" : "readystatechange" });
};

const api: Optgate = {
	version,
	revision,
	get choices() {
		return answers();
	},
	allows: allowed,
	when: (category: string) =>
		new Promise<void>((resolve) => {
			for (const name of ["ready", "change"]) on(name, () => allowed(category) && resolve());
		}),
	on,
	observe: (root: ParentNode) => whenSeen(() => observe(root)),
	open: () => open(page.activeElement),
	acceptAll: () => choose("accept_all", () => true),
	rejectAll: () => choose("reject_all", no),
	withdraw: () => choose("withdraw", no),
	set(choices: Record<string, unknown>) {
		// Without what the page may have added to all objects.
		const given = { __proto__: null, ...choices } as typeof choices;
		for (const id in given)
			if (id !== "essential" && !asked.has(id)) throw new TypeError(`unknown category "${id}"`);
		choose("save", (id) => (given[id] ?? choice.choices[id]) === true);
	},
	record: async (): Promise<OptgateRecord | null> => (choice.at ? (await summon("panel")).newest() : null),
	push(call: () => void) {
		try {
			call();
		} catch (error) {
			warn(error);
		}
	},
};

/** Learns which rule holds where she is, and does what it asks for: to ask her; or
 * to say that she can object, which her browser may do at once. */
const place = () =>
	locate(
		() => fetch(new URL("region", self.src), { cache: "no-store", credentials: "omit" }),
		() => {
			if (rule === optOut && isNews(choice)) use("notice");
			let objects: unknown;
			if (rule && objected) for (const id of asked) if (objected[id] === 1) objects ||= choice.choices[id] == null;
			if (objects) choose("save", (id) => presumed(choice.choices)[id], "gpc");
			else emit(rule ? "change" : "region");
			update();
		},
	);

everywhere.optgate = api;
whenSeen(start);
for (const call of queue || []) api.push(call);
