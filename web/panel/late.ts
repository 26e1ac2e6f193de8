// A released script runs later than it would have without the gate. What it waits
// for, that the document is read or loaded, may be past: then it hears that again,
// and nobody else does.
import { page, self } from "./link";
import { put, type Writer } from "./write";

let last: Writer | undefined;

/** How many modules and moments are under way in which code of a released script
 * runs without being its first run. */
let apart = 0;

/** Code runs apart, or (-1) does no more. */
export const runsApart = (more: number): void => {
	apart += more;
};

/** The released script that runs now. What runs without a script of its own
 * counts as the last one if alone says so. */
const runs = (alone: unknown): Writer | void => {
	let script: HTMLOrSVGScriptElement | null | undefined = page.currentScript;
	// What ran as soon as this piece had arrived has its script for one.
	if (!script || script === self) script = alone ? last : undefined;
	if (script?.dataset.ogWas) return script as Writer;
};

let listen: any;

// It hears what is past again, in place of the document and the window.
const stage = new EventTarget();

const wait = (target: object, type: string, listener: any) =>
	listen.call(stage, type, listener?.bind?.(target) || listener, { once: true });

const patchListening = () => {
	const { prototype } = EventTarget;
	listen = prototype.addEventListener;
	prototype.addEventListener = function (this: any, type: string, listener: unknown, options: unknown) {
		const target = this || window;
		// Of the document, interactive or complete, or of its window.
		if ((target === page || target === window) && /^c(load|ready)|^[ci]DOMC/.test(page.readyState[0] + type) && runs(apart))
			wait(target, type, listener);
		else listen.call(target, type, listener, options);
	};
};

const patchWriting = () => {
	for (const name of ["open", "write", "writeln"] as unknown as ["write"]) {
		const native = page[name];
		page[name] = (...parts) => {
			const writes = name > "p";
			// What writes without a script would end the page, unless the page itself
			// has opened the document for that.
			const writer = runs(writes);
			if (!writer) {
				if (!writes) last = undefined;
				return native.apply(page, parts);
			}
			if (writes) put(writer, name, parts);
		};
	}
};

// The page's own handlers of what is past are taken off their properties: a
// script that sets such a property often calls the one that it found there. What
// is there afterwards, a released script has set.
let quiet = false;
const collect = () => {
	if (!listen || !performance.timing.loadEventEnd) return;
	if (quiet) {
		wait(page, "readystatechange", page.onreadystatechange);
		wait(window, "load", window.onload);
	}
	quiet = true;
	window.onload = page.onreadystatechange = null;
};

/** Makes ready for a script that is about to be released. */
export const prepare = (script: Writer): void => {
	if (!listen) {
		patchListening();
		patchWriting();
	}
	collect();
	last = script;
};

/** Says again what is past, to those who came to wait for it since. */
export const replay = (): void => {
	collect();
	runsApart(1);
	for (const type of ["DOMContentLoaded", "readystatechange", "load"]) stage.dispatchEvent(new Event(type));
	runsApart(-1);
};
