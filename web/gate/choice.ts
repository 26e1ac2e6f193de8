// The one state of the gate: what the visitor chose. It is read from the choice
// cookie, written to it at once, and announced to the page.
import { asked, cookieDomain, cookieName, cookiePath, lifetime, revision } from "./config";
import { type Choice, formatChoice, parseChoice } from "./cookie";
import { allows, type Choices, mustAsk } from "./decide";

/** The choice in force; null before a decision and when in doubt. */
export let choice: Choice | null = null;

export const allowed = (category: string): boolean => allows(asked, choice && choice.choices, category);
export const asking = (): boolean => mustAsk(asked, choice && choice.choices);

/** The answers as the page may have them: a copy, of what is asked now. */
export function answers(): Choices | null {
	if (!choice) return null;
	const copy: Choices = {};
	for (const id of asked) if (id in choice.choices) copy[id] = choice.choices[id];
	return copy;
}

const now = () => Math.floor(Date.now() / 1000);

/** Reads the choice. A decision that is still to be recorded comes first: the
 * reply to an earlier one may have set the cookie since. Of several cookies (a
 * parent domain may have one of the same name) the newest counts. */
export function read(pending: string | undefined): void {
	let newest = parseChoice(pending || "");
	if (!newest) {
		let jar = "";
		try {
			jar = document.cookie;
		} catch {
			// A sandboxed page has no cookies.
		}
		for (const cookie of jar.split("; ")) {
			const at = cookie.indexOf("=");
			const found = cookie.slice(0, at) === cookieName && parseChoice(cookie.slice(at + 1));
			if (found && !(newest && newest.at > found.at)) newest = found;
		}
	}
	choice = newest && newest.at + lifetime > now() ? newest : null;
}

/** Makes choices the choice in force and returns its text. It is younger than
 * the one before even if the clock was set back, so that no stray outlives it. */
export function decide(choices: Choices): string {
	choice = { revision, at: Math.max(now(), choice ? choice.at + 1 : 0), choices };
	return formatChoice(choice);
}

/** Writes the choice in force, after any cookie of the same name that another
 * host of the domain may have left. */
export function keep(): void {
	const labels = location.hostname.split(".");
	while (labels.length) {
		write("", 0, labels.join("."));
		labels.shift();
	}
	write("", 0);
	if (choice) write(formatChoice(choice), lifetime, cookieDomain);
}

function write(value: string, age: number, domain?: string): void {
	try {
		document.cookie =
			`${cookieName}=${value};path=${cookiePath};max-age=${age};samesite=lax` +
			(domain ? `;domain=${domain}` : "") +
			(location.protocol === "https:" ? ";secure" : "");
	} catch {
		// A sandboxed page has no cookies: the choice holds for this page.
	}
}

let ready = false;

/** Calls the listeners of an event, which also reaches document. */
export function emit(name: string): void {
	if (name === "ready") ready = true;
	document.dispatchEvent(new CustomEvent(`optgate:${name}`, { detail: answers() }));
}

/** Listens; "ready" is answered at once if it was before. */
export function on(name: string, listener: (choices: Choices | null) => void): void {
	document.addEventListener(`optgate:${name}`, (event) => listener((event as CustomEvent).detail));
	if (ready && name === "ready") listener(answers());
}
