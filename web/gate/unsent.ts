// Decisions that the server has not acknowledged. They outlive the page, each
// in a line, so that the panel's script can send them from here or from a later
// page. Nothing is stored before a decision.
import { pair } from "./choice";
import { language, site } from "./config";

const key = `og.${site}`;

// Where storage is blocked or full, the lines live as long as the page. To ask for it
// takes a while, for which the page waits: that is for the first line.
let storage: Record<string, string> | undefined;
const area = () => {
	try {
		storage ||= localStorage;
	} catch {
		storage = {};
	}
	return storage!;
};

/** The visitor's id, or nothing, then a line for each decision: its choice
 * cookie, then what else web/panel/record.ts needs to send it. */
export const load = (): string => area()[key] || "";

export const store = (text: string): void => {
	try {
		area()[key] = text;
		if (!text) delete area()[key];
	} catch {
		storage = { [key]: text };
	}
};

/** The newest decision that is not acknowledged, as its choice cookie; nothing
 * if there is none. */
export const pending = (): string => /\n(\S+).*$/.exec(load())?.[1] || "";

/** Keeps the choice in force to be sent, when what it returns is called. Its
 * random part becomes the record's id, so that it is the same whoever sends it,
 * and however often. */
export const remember = (action: string, source: string): (() => void) => {
	const decided = pair();
	return () => store(`${load()}\n${decided} ${language} ${action} ${source} ${crypto.getRandomValues(new Uint8Array(16))}`);
};
