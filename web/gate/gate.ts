// The gate: holds what the page marked until the visitor allows it, asks her,
// remembers and records what she said. Whatever goes wrong, it stays shut.
import { allowed, answers, asking, choice, decide, emit, keep, on, read } from "./choice";
import { asked, revision, self, version, warn } from "./config";
import { isOneOf, noAnswers } from "./decide";
import { close, drafts, fetchPanel, layer, open, prepare, settle, show } from "./panel";
import { flush, newest, pending, record } from "./record";
import { sweep } from "./release";

type Answers = Record<string, unknown>;

const everywhere = window as { optgate?: any };
const before = everywhere.optgate;

/** A page that the browser renders ahead may never be seen: it waits. */
function whenSeen(act: () => void): void {
	if ((document as { prerendering?: boolean }).prerendering)
		document.addEventListener("prerenderingchange", act, { once: true });
	else act();
}

/** Makes a decision: first the panel goes, then the choice holds and is on its
 * way to the server; what it allows comes after the next frame, so that the
 * click feels light. */
function choose(action: string, source: string, given: Answers = {}): void {
	whenSeen(() => {
		const choices = noAnswers();
		for (const id of asked)
			choices[id] = action === "accept_all" || (action === "save" && (given[id] ?? choice?.choices[id]) === true);
		const cookie = decide(choices);
		settle();
		keep();
		record(cookie, action, source, choices);
		emit("change");
		requestAnimationFrame(() => setTimeout(sweep, 0, document));
	});
}

/** Reads the choice again, as another page or tab may have changed it. */
function refresh(): void {
	const old = choice;
	read(pending());
	if (asked.some((id) => old?.choices[id] !== choice?.choices[id])) emit("change");
	ask();
	sweep(document);
	void flush();
}

function ask(): void {
	if (asking()) void fetchPanel();
	show();
}

function onClick(event: Event): void {
	const target = event.target as Element;
	const hit = (name: string) => target.closest?.(`#og-${name},[data-og-${name}]`);
	const opener = hit("customise") || hit("open");
	if (hit("accept")) choose("accept_all", layer());
	else if (hit("reject")) choose("reject_all", layer());
	else if (hit("save")) choose("save", layer(), drafts());
	else if (hit("close")) close();
	else if (opener) void open(opener);
	else return;
	event.preventDefault();
}

function onMutation(mutations: MutationRecord[]): void {
	show();
	if (document.readyState === "loading") sweep(document);
	else
		for (const { target, addedNodes, attributeName } of mutations)
			for (const node of attributeName ? [target] : addedNodes) if (node.nodeType === 1) sweep(node as Element);
}

function start(): void {
	read(pending());
	prepare();
	emit("ready");
	ask();
	sweep(document);
	new MutationObserver(onMutation).observe(document, {
		childList: true,
		subtree: true,
		attributeFilter: ["data-gate"],
	});
	// In the capture phase, so that no handler of the page can stop it.
	document.addEventListener("click", onClick, true);
	document.addEventListener("readystatechange", () => onMutation([]));
	document.addEventListener("visibilitychange", refresh);
	addEventListener("pageshow", (event) => event.persisted && refresh());
	addEventListener("online", flush);
	void flush();
}

const api = {
	version,
	revision,
	get choices() {
		return answers();
	},
	allows: allowed,
	when: (category: string) =>
		new Promise<void>((resolve) => {
			const check = () => allowed(category) && resolve();
			on("ready", check);
			on("change", check);
		}),
	on,
	open: () => void open(document.activeElement),
	acceptAll: () => choose("accept_all", "api"),
	rejectAll: () => choose("reject_all", "api"),
	withdraw: () => choose("withdraw", "api"),
	set(given: Answers) {
		for (const id of Object.keys(given))
			if (id !== "essential" && !isOneOf(asked, id)) throw new TypeError(`optgate: unknown category "${id}"`);
		choose("save", "api", given);
	},
	record: newest,
	push(...calls: (() => void)[]) {
		for (const call of calls)
			try {
				call();
			} catch (error) {
				warn(error);
			}
	},
};

if (before?.version) warn("a second copy of the gate does nothing");
else if (self?.src)
	try {
		everywhere.optgate = api;
		whenSeen(start);
		if (Array.isArray(before)) api.push(...before);
	} catch (error) {
		warn(error);
	}
