// Calls that ask the network by themselves, in pages and in workers. One that is
// held fails as it does with a blocker.
import { absolute, allows, blobs, find, lacks, later, own, type Settings, texts, worker } from "./later";
import { type Hook, wrap } from "./wrap";

/** The function around this script, of which a worker gets the text. */
declare const __H: () => void;
declare const __HOLD: Settings;

// Nothing is there, and no browser looks: the port is one that all refuse.
const nowhere = "https://optgate.invalid:1/";

const quoted = JSON.stringify;
const script = (...parts: BlobPart[]) => URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));

/** Sends what is held nowhere; addresses in a worker begin where it lies. */
const send: Hook = (args, _, name) => {
	const last = name === "importScripts" ? args.length : 1;
	for (let at = name === "open" ? 1 : 0; at < last + +(name === "open"); at++) {
		const url = args[at]?.url || args[at];
		if (lacks(url)) args[at] = nowhere;
		else if (worker && url === args[at]) args[at] = absolute(url);
	}
};

/** Wraps what a realm has of these calls. */
export const calls = (w: any): void => {
	const of = (name: string) => w[name]?.prototype;
	// Where a realm has what differs; names are not twice anywhere.
	for (const owner of [w, ...["WorkerGlobalScope", "Worklet", "XMLHttpRequest", "Navigator"].map(of)])
		wrap(owner, "fetch WebSocket EventSource WebTransport Request importScripts addModule sendBeacon", send);
	wrap(of("XMLHttpRequest"), "open", send);
	wrap(w, "FontFace", (args) => {
		if (find(args[1] + "")) args[1] = "url(data:,)";
	});

	// What a blob says is known by its parts.
	wrap(w, "Blob File", ([parts]) => (blob: Blob) => {
		let text = "";
		for (const part of parts || []) text += texts.get(part) ?? (typeof part === "string" ? part : "");
		texts.set(blob, text);
	});
	wrap(w.URL, "createObjectURL", ([blob]) => (url: string) => blobs.set(url, blob));
	wrap(w.URL, "revokeObjectURL", ([url]) => void blobs.delete(url));

	// A worker is a realm of its own, which gets this script before its own.
	wrap(w, "Worker SharedWorker", (args, _, name, run) => {
		const [given, { type = "" } = {}] = args;
		const url = absolute(given);
		const blob = blobs.get(url);
		// A shared one is shared by its address, which must stay.
		if (!blob && name !== "Worker") return;
		const guard = `(${__H})(${quoted({ ...__HOLD, w: url, a: `${__HOLD.r.map(([needs]) => needs)} ${__HOLD.d}`.split(/[ ,]/).filter(allows), o: own })});`;
		args[0] = type
			? script(`import${quoted(script(guard))};`, blob || `import${quoted(url)}`)
			: script(guard, blob || `importScripts(${quoted(url)})`);
		try {
			return run();
		} catch {
			// A page's policy may not have it, and the page goes before.
			args[0] = given;
		}
	});
	wrap(of("ServiceWorkerContainer"), "register", async ([url], _, __, run) => {
		const text = await (await fetch(url)).text();
		const need = find((text.match(/["'`](https?:)?\/\/[^"'`]+/g) || "") + "");
		if (need) await new Promise<void>((done) => later(need, done));
		return run();
	});
};
