// Holding all third parties: what wraps the browser's functions, and a policy that
// the browser itself enforces, also in frames and workers and after redirects. A
// policy cannot be taken back, so what it held comes with a fresh page.
import "./hold";
import { lacks, later, met, own, replaying, type Settings, waiting, worker } from "./later";
import { listed } from "./policy";
import { away, back } from "./restart";

declare const __HOLD: Settings;

const everyone = __HOLD.d!.replace(/ /g, ",");
let content = "";

/** What a policy calls the addresses that a pattern is about. */
const sources = (pattern: string): string => {
	const [, exact, host, path] = /^(=?)([^/]*)(.*)$/.exec(pattern)!;
	const hosts = exact ? [host] : [host, `*.${host}`];
	return hosts.map((each) => `${each}:*${path} ${path && `${each}:*${path}/`} wss://${each}:*`).join(" ");
};

/** The policy for what is allowed now; none if all is. */
const policy = () => {
	const open = __HOLD.r.filter(([needs]) => !needs || met(needs.replace(/ /g, ","))).flatMap(([, patterns]) => listed(patterns));
	return met(everyone) ? "" : `default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream: filesystem: ${[...own.map((host) => `=${host}`), ...open].map(sources).join(" ")}`;
};

const write = () => {
	const meta = document.createElement("meta");
	meta.httpEquiv = "Content-Security-Policy";
	if ((meta.content = content = policy())) document.head.prepend(meta);
};

if (!worker) {
	// The gate runs in the same script, so by then it knows what is allowed.
	queueMicrotask(write);

	document.addEventListener("securitypolicyviolation", ({ originalPolicy, blockedURI }) => {
		if (originalPolicy !== content) return;
		const need = lacks(blockedURI);
		// What was marked is free since the answer, but for the policy of before it.
		if (!need && policy() !== content) away();
		// A redirect is reported by where it began, which tells nothing.
		else later(need || everyone, Object);
	});

	replaying.instead = () => {
		if (!content || !waiting.some(([need]) => met(need))) return false;
		away();
		return true;
	};
	back();
}
