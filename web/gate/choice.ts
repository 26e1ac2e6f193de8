// The one state of the gate: what the visitor chose. It is read from the choice
// cookie, written to it at once, and announced to the page.
import { asked, cookieDomain, cookieName, cookiePath, later, lifetime, page, revision, since } from "./config";
import { type Choice, formatChoice, parseChoice } from "./cookie";
import { allows, type Choices, holding, mustAsk, noAnswers } from "./decide";
import { isHalted, notHalted } from "./paused";
import { cookieAge, objections, presumed, rule } from "./regions";

const none: Choice = { revision, at: 0, choices: noAnswers() };

/** The choice in force: before a decision, and when in doubt, one of no time and
 * no answers. */
export let choice = none;

export const allowed = (category: string): boolean =>
	__PAUSED && isHalted(category) ? false : allows(asked, __REGIONS ? presumed(choice.choices) : choice.choices, category);
/** Is there something to ask, of all categories or of some? An old objection, which
 * holds on where nobody is asked, is asked about where she is. */
export const asking = (of = asked): boolean => (!__REGIONS || !rule) && mustAsk(of, __REGIONS && choice.at + lifetime < now() ? noAnswers() : choice.choices, choice.revision, since, later);

/** The answers as the page may have them: a copy, or null before a decision. Of
 * what is paused there is none, so that neither pages nor vendors act on it. */
export const answers = (): Choices | null =>
	choice.at || (__REGIONS && rule)
		? __PAUSED
			? notHalted(__REGIONS ? presumed(choice.choices) : choice.choices)
			: { ...(__REGIONS ? presumed(choice.choices) : choice.choices) }
		: null;

/** Unix seconds. */
const now = () => (Date.now() / 1e3) >>> 0;

/** Reads the choice. A decision that is still to be recorded comes first: the
 * reply to an earlier one may have set the cookie since. Of several cookies (a
 * parent domain may have one of the same name) the newest counts. Where there
 * are no cookies, a choice holds as long as the page. What is still to be recorded
 * is not looked for before there was a decision, as that opens the storage; and as
 * long as the page waits for it (quick), only if the cookie may say yes to
 * something, or cannot be. */
export const read = (pending: () => string, quick?: unknown): void => {
	try {
		const { cookie } = page;
		const works = cookie || navigator.cookieEnabled;
		let found = none;
		for (const pair of ((!works || (quick ? /:1/ : /:/).test(cookie)) && pending() || cookie).split("; ")) {
			const next = parseChoice(pair.replace(cookieName + "=", ""));
			if (next && next.at >= found.at) found = next;
		}
		if (found.at + lifetime < now()) found = __REGIONS ? objections(found) : none;
		holding(found.choices, found.revision, since);
		if (found.at || works) choice = found;
	} catch {
		// A sandboxed page.
	}
};

/** Makes choices the choice in force and writes it. It is younger than the one before even if
 * the clock was set back, so that no stray outlives it. */
export const decide = (choices: Choices): void => {
	choice = { revision, at: Math.max(now(), choice.at + 1), choices };
	keep();
};

/** The choice in force, in the words of its cookie. */
export const pair = (): string => `${cookieName}=${formatChoice(choice)}`;

/** Writes the choice in force. */
export const keep = (): void => {
	try {
		page.cookie = `${pair()};max-age=${__REGIONS ? cookieAge() : lifetime};path=${cookiePath};domain=${cookieDomain};samesite=lax${
			location.protocol > "http:" ? ";secure" : ""
		}`;
	} catch {
		// As above.
	}
};

/** Tells the listeners of an event, and document's. */
export const emit = (name: string): void => {
	page.dispatchEvent(new CustomEvent(`optgate:${name}`, { detail: answers() }));
};

/** Is this page rendered ahead, and may never be seen? */
export const isAhead = (): boolean => (page as { prerendering?: boolean }).prerendering!;

/** Listens; "ready" is answered at once if it was before. */
export const on = (name: string, listener: (choices: Choices | null) => void): void => {
	page.addEventListener(`optgate:${name}`, (event) => listener((event as CustomEvent).detail));
	if (name === "ready" && !isAhead()) listener(answers());
};
