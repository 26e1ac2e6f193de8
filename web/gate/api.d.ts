/**
 * Types of `window.optgate`, Optgate's browser API.
 *
 * Calls made before the gate has loaded are queued:
 *
 *     window.optgate = window.optgate || [];
 *     optgate.push(() => optgate.on("change", (choices) => console.log(choices)));
 */

/** Yes or no by category, of the categories that the visitor answered. */
export type OptgateChoices = Record<string, boolean>;

/** A record of one decision, with the receipt that the server signed. */
export interface OptgateRecord {
	id: string;
	receipt: string;
	[field: string]: unknown;
}

export interface Optgate {
	/**
	 * The visitor's answers, a copy; null before a decision. What the site has
	 * paused is left out: nothing of it may load, whatever the visitor said. In a
	 * region where all loads until she objects, what she said nothing about is a yes.
	 */
	readonly choices: OptgateChoices | null;
	/** The number of the revision that the gate works with. */
	readonly revision: number;
	/** Optgate's version. */
	readonly version: string;
	/** May something of this category load now? */
	allows(category: string): boolean;
	/** Resolves as soon as the category is allowed, at once if it is. */
	when(category: string): Promise<void>;
	/**
	 * Calls the listener on "ready" (the choice was read; at once if that is
	 * past), on "change" (a choice was made, here or in another tab), and when
	 * the preferences "open" and "close". The same events reach `document` as
	 * "optgate:ready" and so on, with the choices as their detail.
	 */
	on(event: "ready" | "change" | "open" | "close", listener: (choices: OptgateChoices | null) => void): void;
	/**
	 * Releases what is marked in a shadow root, now and later: scripts do not find
	 * these by themselves. Marks in the document need no call.
	 */
	observe(root: ParentNode): void;
	/** Opens the preferences. */
	open(): void;
	/**
	 * Says yes to every category. If the browser sends Global Privacy Control, what
	 * that is about gets no yes by this; what has one keeps it.
	 */
	acceptAll(): void;
	/** Says no to every category. */
	rejectAll(): void;
	/**
	 * Says yes (true) or no (anything else) to some categories. Those left out
	 * keep their answer, or get a no. Throws a TypeError for an unknown category.
	 */
	set(choices: OptgateChoices): void;
	/** Takes back every yes, and loads the page again if a script ran by one. */
	withdraw(): void;
	/** The visitor's newest record with its receipt; null before a decision. */
	record(): Promise<OptgateRecord | null>;
	/** Runs functions; before the gate has loaded, the array keeps them for it. */
	push(...calls: (() => void)[]): void;
}

declare global {
	interface Window {
		optgate: Optgate;
	}
	interface DocumentEventMap {
		"optgate:ready": CustomEvent<OptgateChoices | null>;
		"optgate:change": CustomEvent<OptgateChoices | null>;
		"optgate:open": CustomEvent<OptgateChoices | null>;
		"optgate:close": CustomEvent<OptgateChoices | null>;
	}
}
