// The gate: holds what the page marked until the visitor allows it, and knows
// what she said. Whatever goes wrong, it stays shut. To ask her, to let her
// change her mind and to tell the server, it calls the panel's script.
import type { Optgate, OptgateRecord } from "./api";
import { allowed, answers, asking, choice, decide, emit, isAhead, keep, on, read } from "./choice";
import { asked, config, language, nonce, page, panelHash, publish, queue, revision, self, trusted, version, warn } from "./config";
import { parseChoice } from "./cookie";
import { noAnswers } from "./decide";
import { dock, prepare, show, style } from "./dock";
import type { Carrier, Choose, Panel } from "./link";
import { held, ran, serverTags, sweep } from "./release";
import { load, pending, remember, store } from "./unsent";

const { fetch } = window;
const no = () => false;
let panel: Panel | undefined;
let arriving: Promise<Panel> | undefined;

/** Loads the panel's script, once; again after a failure. Its address is
 * resolved against the gate's, so it works under any path. */
const summon = (): Promise<Panel> =>
	(arriving ||= new Promise((resolve, reject) => {
		const script = page.createElement("script") as Carrier;
		const arrive = (arrived: Panel) => {
			show((panel = arrived));
			resolve(arrived);
		};
		script.og = [
			config, language, asked, trusted, style, dock, () => choice, parseChoice,
			keep, emit, show, choose, load, store, fetch, arrive, ran, serverTags,
		];
		script.nonce = nonce;
		script.onerror = () => {
			arriving = undefined;
			reject("no panel");
		};
		script.src = trusted.createScriptURL(new URL(`panel.js?lang=${language}&v=${panelHash}`, self.src) + "");
		page.head.append(script);
	}));

/** Does something with the panel, once it is there. */
const withPanel = (act: (panel: Panel) => unknown) => void summon().then(act).catch(warn);

/** A page that the browser renders ahead may never be seen: it waits. */
const whenSeen = (act: () => void) => {
	if (isAhead()) page.addEventListener("prerenderingchange", act);
	else act();
};

/** Releases what may be. A frame that stays held needs the panel's script for
 * its placeholder; if that fails, nobody asks for it again because of a frame. */
let framed = false;
const release = () => {
	sweep();
	try {
		if (!framed && page.readyState !== "loading" && page.querySelector(held)) {
			framed = true;
			withPanel(no);
		}
	} catch {
		// A place that is no selector.
	}
};

// What a decision allows is about to be released.
let releasing = false;

/** Makes a decision: first the panel goes, then the choice holds and is on its
 * way to the server; what it allows comes after the next frame, so that the
 * click feels light. */
const choose: Choose = (action, answer, source = "api") =>
	whenSeen(() => {
		const choices = noAnswers();
		for (const id of asked) choices[id] = answer(id);
		decide(choices);
		if (panel) panel.settle();
		else show();
		keep();
		remember(action, source);
		emit("change");
		withPanel((panel) => panel.flush());
		releasing = true;
		requestAnimationFrame(() =>
			setTimeout(() => {
				releasing = false;
				release();
			}),
		);
	});

/** Reads the choice again, as another page or tab may have changed it, and does
 * what it asks for. */
const refresh = () => {
	const { choices } = choice;
	read(pending());
	for (const id of asked)
		if (choices[id] !== choice.choices[id]) {
			emit("change");
			// It clears what the other page or tab refused.
			withPanel(no);
			break;
		}
	if (asking()) withPanel(no);
	show();
	release();
};

const open = (opener: Element | null) => withPanel((panel) => panel.open(opener as HTMLElement));

const onClick = (event: Event) => {
	const opener = (event.target as Element).closest?.("#og-open,[data-og-open]");
	if (opener) {
		event.preventDefault();
		open(opener);
	}
};

const onMutation = () => {
	show();
	if (!releasing) release();
};

const start = () => {
	read(pending());
	prepare();
	emit("ready");
	new MutationObserver(onMutation).observe(page, { childList: true, subtree: true, attributeFilter: ["data-gate"] });
	// In the capture phase, so that no handler of the page can stop them; in it
	// the events of the document pass by here too.
	addEventListener("click", onClick, true);
	for (const name of ["readystatechange", "visibilitychange", "pageshow"]) addEventListener(name, refresh, true);
	refresh();
	const flushPending = () => pending() && withPanel((panel) => panel.flush(true));
	addEventListener("online", flushPending);
	flushPending();
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
	open: () => open(page.activeElement),
	acceptAll: () => choose("accept_all", () => true),
	rejectAll: () => choose("reject_all", no),
	withdraw: () => choose("withdraw", no),
	set(given: Record<string, unknown>) {
		for (const id of Object.keys(given))
			if (id !== "essential" && !asked.has(id)) throw new TypeError(`unknown category "${id}"`);
		choose("save", (id) => (given[id] ?? choice.choices[id]) === true);
	},
	record: async (): Promise<OptgateRecord | null> => (choice.at ? (await summon()).newest() : null),
	push(call: () => void) {
		try {
			call();
		} catch (error) {
			warn(error);
		}
	},
};

publish(api);
whenSeen(start);
if (Array.isArray(queue)) for (const call of queue) api.push(call);
