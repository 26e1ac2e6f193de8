// What the gate and the panel's script know of each other. The gate is on every
// page view; the panel's script comes only when there is something to ask, to
// show or to send. They are built apart, so what they exchange has no names
// that the build could change: the gate gives a list, the panel an object.
import type { OptgateRecord } from "./api";
import type { Choice } from "./cookie";
import type { Config } from "./config";

/** Makes a decision: action and source as in a record, the answer by category. */
export type Choose = (action: string, answer: (category: string) => boolean, source?: string) => void;

/** What the gate gives, as a property of the panel's script element. */
export type Link = [
	config: Config,
	language: string,
	asked: ReadonlySet<string>,
	trusted: { createHTML(text: string): string },
	style: (css: string) => void,
	dock: HTMLElement,
	current: () => Choice,
	parse: (cookie: string) => Choice | null,
	keep: () => void,
	emit: (event: string) => void,
	show: (arrived?: Panel) => void,
	choose: Choose,
	load: () => string[],
	store: (lines: string[]) => void,
	// Captured before the page's scripts can replace it.
	fetch: typeof fetch,
	arrive: (panel: Panel) => void,
	/** The marks of the scripts that were released on this page. */
	ran: ReadonlySet<string>,
	/** The elements of the server's tags, in the order of the configuration. */
	serverTags: HTMLElement[],
];

/** What the panel's script gives back. */
export interface Panel {
	banner: HTMLElement;
	dialog: HTMLDialogElement;
	/** Takes the panel away after a decision. */
	settle(): void;
	/** Opens the preferences; closed, they give the focus back to opener. */
	open(opener: HTMLElement): void;
	/** Sends what is not acknowledged. */
	flush(now?: unknown): Promise<void>;
	/** The visitor's newest record. */
	newest(): Promise<OptgateRecord | null>;
}

/** The panel's script element. */
export type Carrier = HTMLScriptElement & { og?: Link };
