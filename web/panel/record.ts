// Recording: every decision is sent to the server until it is acknowledged, in
// order, over page views, each with the id that it got when it was made.
import type { OptgateRecord } from "../gate/api";
import { choicesURL, cookieDomain, fetch, keep, load, parseChoice, store } from "./link";
import { ulid } from "./ulid";

/** Can the server set cookies for this page? Otherwise the gate alone keeps the
 * choice, and the visitor names herself. */
const serverSetsCookies =
	choicesURL.origin === location.origin || `.${choicesURL.hostname}`.endsWith(`.${cookieDomain}`);

/** What the gate keeps: the visitor's id, or nothing, then a line for each
 * decision. */
const kept = (): string[] => load().split("\n");
const keepLines = (all: string[]): void => store(all.join("\n"));

// What a browser that is never answered keeps.
const longestQueue = 10;

/** Makes sure that there is a visitor's id, which is made at the first decision
 * and never before, and bounds the queue. */
const lines = (): string[] => {
	const [visitor, ...decisions] = kept();
	return decisions[0] ? [visitor || ulid(Date.now()), ...decisions.slice(-longestQueue)] : [visitor];
};

/** The body of the request that records a line of a visitor; nothing if the line
 * is damaged. */
const body = (visitor: string, line: string): string | undefined => {
	const [cookie, language, action, source = "", random = ""] = line.split(" ");
	const choice = parseChoice(cookie.replace(/^.*?=/, ""));
	if (!choice) return;
	const { revision, at, choices } = choice;
	const [from, panel] = source.split(",");
	const id = ulid(at * 1e3, random.split(",") as unknown as number[]);
	return JSON.stringify({ id, visitor, revision, language, action, source: from, choices, panel });
};

/** Forgets a line that was answered. */
const forget = (line: string) => {
	const [visitor, ...decisions] = kept().filter((each) => each !== line);
	// Where the server names the visitor by a cookie, nothing stays behind.
	keepLines(decisions[0] || !serverSetsCookies ? [visitor, ...decisions] : []);
};

/** Calls choices, where the server knows the visitor by her cookie. */
const call = (init: RequestInit): Promise<Response> =>
	fetch(choicesURL, { credentials: serverSetsCookies ? "include" : "omit", keepalive: true, ...init });

let busy = false;
let running: Promise<void> | undefined;
let timer = 0;
let delay = 1e3;

/** Sends what is queued, oldest first; after a failure again later, unless
 * something makes it now. */
export const flush = (now?: unknown): Promise<void> => (busy && !now ? running! : (running = sendAll()));

const sendAll = async (): Promise<void> => {
	busy = true;
	clearTimeout(timer);
	for (;;) {
		const queue = lines();
		const [visitor, line] = queue;
		if (!line) break;
		keepLines(queue);
		const text = body(visitor, line);
		if (!text) {
			// It would keep all that follow from the server.
			forget(line);
			continue;
		}
		const reply = await call({
			method: "POST",
			// A string is plain text, which needs no permission of another site.
			headers: serverSetsCookies ? { "content-type": "application/json" } : {},
			body: text,
		}).catch(() => undefined);
		if (!reply || /^5|408|425|429/.test(reply.status + "")) {
			const wait = reply && (reply.headers.get("retry-after") as unknown as number);
			timer = setTimeout(flush, Math.min(wait! * 1e3, 36e5) || delay, 1);
			delay = Math.min(delay * 2, 6e4);
			return;
		}
		delay = 1e3;
		forget(line);
		// The reply may have set the cookie of a decision that is not the last.
		if (lines()[1]) keep();
	}
	busy = false;
};

/** The visitor's newest record with its receipt; null if there is none. */
export const newest = async (): Promise<OptgateRecord | null> => {
	const reply = await call({ headers: serverSetsCookies ? {} : { "optgate-visitor": kept()[0] } });
	return (reply.ok && (await reply.json()).records.pop()) || null;
};
