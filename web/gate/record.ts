// Recording: every decision is sent to the server until it is acknowledged, in
// order, over page views, each with the id that it got when it was made.
import type { OptgateRecord } from "./api";
import { choice, keep, pair } from "./choice";
import { language, request, revision, serverSetsCookies, site } from "./config";
import { ulid } from "./ulid";

const storageKey = `og.${site}`;
const longestQueue = 10;

// Where storage is blocked or full, the queue lives as long as the page.
let storage: Record<string, string> = {};
try {
	storage = localStorage;
} catch {}

/** The visitor's id, then a line for each decision that is not acknowledged:
 * "<choice cookie> <body>". */
const load = (): string[] => (storage[storageKey] || "").split("\n");

const store = (lines: string[]) => {
	try {
		// Where the server names the visitor by a cookie, nothing stays behind.
		if (lines[1] || !serverSetsCookies) storage[storageKey] = lines.join("\n");
		else delete storage[storageKey];
	} catch {
		storage = { [storageKey]: lines.join("\n") };
	}
};

/** The newest decision that is not acknowledged, as its choice cookie. */
export const pending = (): string => (load().slice(1).pop() || "").split(" ")[0];

/** Queues the choice in force and sends the queue. */
export const record = (action: string, source: string): void => {
	const [visitor = "", ...queue] = load();
	const id = visitor || ulid();
	const { choices } = choice;
	const body = { id: ulid(), visitor: id, revision, language, action, source, choices };
	store([id, ...queue.slice(1 - longestQueue), `${pair()} ${JSON.stringify(body)}`]);
	void flush();
};

/** Calls choices, where the server knows the visitor by her cookie. */
const call = (init: RequestInit): Promise<Response> =>
	request("choices", { credentials: serverSetsCookies ? "include" : "omit", keepalive: true, ...init });

let busy = false;
let timer = 0;
let delay = 1e3;

/** Sends what is queued, oldest first; after a failure again later, unless
 * something makes it now. */
export const flush = async (now?: unknown): Promise<void> => {
	if (busy && !now) return;
	busy = true;
	clearTimeout(timer);
	for (let line: string; (line = load()[1]); ) {
		const reply = await call({
			method: "POST",
			// A string is plain text, which needs no permission of another site.
			headers: serverSetsCookies ? { "content-type": "application/json" } : {},
			body: line.slice(line.indexOf(" ") + 1),
		}).catch(() => undefined);
		if (!reply || /^5|408|425|429/.test(reply.status + "")) {
			const wait = reply && (reply.headers.get("retry-after") as unknown as number);
			timer = setTimeout(flush, Math.min(wait! * 1e3, 36e5) || delay, 1);
			delay = Math.min(delay * 2, 6e4);
			return;
		}
		delay = 1e3;
		store(load().filter((each) => each !== line));
		// The reply may have set the cookie of a decision that is not the last.
		if (pending()) keep();
	}
	busy = false;
};

/** The visitor's newest record with its receipt; null before a decision. */
export const newest = async (): Promise<OptgateRecord | null> => {
	if (!choice.at) return null;
	const reply = await call({ headers: serverSetsCookies ? {} : { "optgate-visitor": load()[0] } });
	return (reply.ok && (await reply.json()).records.pop()) || null;
};
