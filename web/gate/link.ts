// What the gate and the pieces that it loads know of each other. The gate is on
// every page view; a piece comes only when it is needed. They are built apart, so
// what they exchange has no names that the build could change: the gate gives a
// list, a piece an object.
import type { OptgateRecord } from "./api";
import type { Choice } from "./cookie";
import type { Config } from "./config";

/** Makes a decision: action and source as in a record, the answer by category. */
export type Choose = (action: string, answer: (category: string) => boolean, source?: string) => void;

/** The pieces by the names of their scripts, and what each gives back. */
export interface Pieces {
	/** The first layer, and what records. */
	panel: {
		/** Sends what is not acknowledged. */
		flush(now?: unknown): Promise<void>;
		/** The visitor's newest record. */
		newest(): Promise<OptgateRecord | null>;
	};
	/** The first layer where all loads until the visitor objects. */
	notice: object;
	/** The second layer, and what clears. */
	preferences: {
		/** Opens the preferences; closed, they give the focus back to opener. */
		open(opener: HTMLElement): void;
		/** After a decision: closes the preferences and says that it was saved. */
		settle(): void;
	};
	/** What held frames say. */
	placeholders: object;
	/** What runs scripts. */
	scripts: {
		/** Runs those that may be released, in order. */
		run(scripts: HTMLScriptElement[]): void;
	};
}

/** Loads a piece, once. */
export type Summon = <Name extends keyof Pieces>(name: Name) => Promise<Pieces[Name]>;

/** Puts what belongs to a piece on the page, or takes it away. */
export type Part = (asking: boolean) => void;

/** What the gate gives, as a property of the piece's script element. */
export type Link = [
	config: Config,
	asked: ReadonlySet<string>,
	trusted: { createHTML(text: string): string; createScript(text: string): string },
	style: (css: string) => void,
	dock: HTMLElement,
	/** Called whenever the page or the choice may have changed. */
	parts: Set<Part>,
	put: (el: Element, wanted: boolean) => void,
	afterFrame: (act: () => unknown) => void,
	show: () => void,
	current: () => Choice,
	/** Is one of these categories to be asked about? */
	asking: (of?: ReadonlySet<string>) => boolean,
	parse: (cookie: string) => Choice | null,
	keep: () => void,
	emit: (event: string) => void,
	choose: Choose,
	load: () => string,
	store: (text: string) => void,
	// Captured before the page's scripts can replace it.
	fetch: typeof fetch,
	summon: Summon,
	/** The marks of the scripts that were released on this page. */
	ran: Set<string>,
	/** The elements of the server's tags, in the order of the configuration. */
	serverTags: HTMLElement[],
	reveal: (el: HTMLElement, to: HTMLElement, names: RegExp) => void,
	mark: (scripts: Iterable<HTMLScriptElement>, gate: string | undefined) => void,
	/** Releases what may be. */
	release: () => void,
	arrive: (piece: never) => void,
];

/** A piece's script element. */
export type Carrier = HTMLScriptElement & { og?: Link };
