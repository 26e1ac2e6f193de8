// Recording: every decision is sent to the server until it is acknowledged, in
// order, over page views, each with the id that it got when it was made.
import { choice, keep } from "./choice";
import { asked, language, request, revision, serverSetsCookies, site } from "./config";
import type { Choices } from "./decide";
import { ulid } from "./ulid";

const storageKey = `og.${site}`;
const longestQueue = 10;
const second = 1e3;

// The store in words: the visitor's id, then a line for each decision that is
// not acknowledged, "<choice cookie> <body>". It is written by hand, and so are
// the bodies, as pages with an old Prototype.js have a broken JSON.stringify.
let memory = "";

function load(): string[] {
	try {
		memory = localStorage.getItem(storageKey) || "";
	} catch {
		// No storage: the queue lives as long as the page.
	}
	return memory.split("\n");
}

function store(lines: string[]): void {
	// Where the server names the visitor by a cookie, nothing stays behind.
	memory = lines[1] || !serverSetsCookies ? lines.join("\n") : "";
	try {
		if (memory) localStorage.setItem(storageKey, memory);
		else localStorage.removeItem(storageKey);
	} catch {
		// As above.
	}
}

/** The newest decision that is not acknowledged, as its choice cookie. */
export const pending = (): string | undefined => load().slice(1).pop()?.split(" ")[0];

/** Queues a decision and sends the queue. */
export function record(cookie: string, action: string, source: string, choices: Choices): void {
	const [visitor = "", ...queue] = load();
	const id = visitor || ulid();
	const pairs = asked.map((category) => `"${category}":${choices[category]}`).join();
	queue.push(
		`${cookie} {"id":"${ulid()}","visitor":"${id}","revision":${revision},"language":"${language}",` +
			`"action":"${action}","source":"${source}","choices":{${pairs}}}`,
	);
	store([id, ...queue.slice(-longestQueue)]);
	void flush();
}

let sending = false;
let timer = 0;
let delay = second;

/** Sends what is queued, oldest first; on a failure again later. */
export async function flush(): Promise<void> {
	if (sending) return;
	sending = true;
	clearTimeout(timer);
	let wait = 0;
	try {
		for (let line; (line = load()[1]); ) {
			const reply = await request("choices", {
				method: "POST",
				keepalive: true,
				credentials: serverSetsCookies ? "include" : "omit",
				// Plain text needs no permission to be sent to another site.
				headers: { "content-type": serverSetsCookies ? "application/json" : "text/plain" },
				body: line.slice(line.indexOf(" ") + 1),
			});
			const { status } = reply;
			if (status >= 500 || status === 408 || status === 425 || status === 429) {
				wait = Math.min(+(reply.headers.get("retry-after") || 0), 3600) * second;
				throw status;
			}
			delay = second;
			store(load().filter((each) => each !== line));
			// The reply set the cookie of a decision that is no longer the last.
			if (load()[1] && choice) keep();
		}
	} catch {
		timer = setTimeout(flush, Math.max(wait || 0, delay));
		delay = Math.min(delay * 2, 60 * second);
	}
	sending = false;
}

/** The visitor's newest record with its receipt; null before a decision. */
export async function newest(): Promise<unknown> {
	const visitor = load()[0];
	if (!choice || !(visitor || serverSetsCookies)) return null;
	const reply = await request("choices", {
		credentials: serverSetsCookies ? "include" : "omit",
		headers: serverSetsCookies ? {} : { "optgate-visitor": visitor },
	});
	return reply.ok ? ((await reply.json())[0] ?? null) : null;
}
