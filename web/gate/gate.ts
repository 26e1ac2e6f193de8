// The gate: holds what the page marked until the visitor allows it, asks her,
// remembers and records what she said. Whatever goes wrong, it stays shut.
import type { Optgate } from "./api";
import { allowed, answers, asking, choice, decide, emit, isAhead, keep, on, read } from "./choice";
import { asked, page, publish, queue, revision, version, warn } from "./config";
import { noAnswers } from "./decide";
import { close, draft, fetchPanel, layer, open, prepare, settle, show } from "./panel";
import { flush, newest, pending, record } from "./record";
import { sweep } from "./release";

type Answers = Record<string, unknown>;

/** A page that the browser renders ahead may never be seen: it waits. */
const whenSeen = (act: () => void) => {
	if (isAhead()) page.addEventListener("prerenderingchange", act);
	else act();
};

// What a decision allows is about to be released.
let releasing = false;

/** Makes a decision: first the panel goes, then the choice holds and is on its
 * way to the server; what it allows comes after the next frame, so that the
 * click feels light. */
const choose = (action: string, answer: (category: string) => boolean, source = layer()) =>
	whenSeen(() => {
		const choices = noAnswers();
		for (const id of asked) choices[id] = answer(id);
		decide(choices);
		settle();
		keep();
		record(action, source);
		emit("change");
		releasing = true;
		requestAnimationFrame(() =>
			setTimeout(() => {
				releasing = false;
				sweep(page);
			}),
		);
	});

const yes = () => true;
const no = () => false;

/** Reads the choice again, as another page or tab may have changed it, and does
 * what it asks for. */
const refresh = () => {
	const { choices } = choice;
	read(pending());
	for (const id of asked)
		if (choices[id] !== choice.choices[id]) {
			emit("change");
			break;
		}
	if (asking()) void fetchPanel();
	show();
	sweep(page);
};

/** What a click on #og-<name> or [data-og-<name>] does, wherever it is. */
const actions: Record<string, (el: HTMLElement) => void> = {
	accept: () => choose("accept_all", yes),
	reject: () => choose("reject_all", no),
	save: () => choose("save", draft),
	customise: open,
	open,
	close,
};

const onClick = (event: Event) => {
	for (const name in actions) {
		const el = (event.target as Element).closest?.(`#og-${name},[data-og-${name}]`);
		if (el) {
			event.preventDefault();
			actions[name](el as HTMLElement);
		}
	}
};

const onMutation = () => {
	show();
	if (!releasing) sweep(page);
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
	addEventListener("online", flush);
	refresh();
	void flush();
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
	open: () => void open(page.activeElement as HTMLElement),
	acceptAll: () => choose("accept_all", yes, "api"),
	rejectAll: () => choose("reject_all", no, "api"),
	withdraw: () => choose("withdraw", no, "api"),
	set(given: Answers) {
		for (const id of Object.keys(given))
			if (id !== "essential" && !asked.has(id)) throw new TypeError(`unknown category "${id}"`);
		choose("save", (id) => (given[id] ?? choice.choices[id]) === true, "api");
	},
	record: newest,
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
