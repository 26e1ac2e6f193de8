// Signals: vendors that have words for it are told, besides being held, what the
// visitor allows. The server puts one small script for each vendor that the site
// uses before the gate, so that its "no" stands before anything that a page says
// to the vendor. They know the gate by its public events alone.
import type { OptgateChoices } from "../gate/api";

/** Does the visitor allow the category? The empty one stands for what the site
 * does not ask about: never. */
export type Allows = (category: string) => boolean;

export const everywhere = window as any;

// A second copy of the gate does nothing, and would hear no answer.
if (everywhere.optgate?.version) throw "twice";

/** Tells a vendor at once, as "default", that nothing is allowed, and then by
 * one "update" whenever the visitor's answers are known or change: before the
 * gate releases what they allow, and before anything is cleared. */
export const say = (tell: (kind: string, allows: Allows, choices?: OptgateChoices | null) => unknown): void => {
	const pass = (kind: string, choices?: OptgateChoices | null) =>
		tell(kind, (category) => category === "essential" || choices?.[category] === true, choices);
	pass("default");
	for (const name of ["ready", "change"] as const)
		document.addEventListener(`optgate:${name}`, ({ detail }) => {
			// To be ready without an answer is the default.
			if (detail || name === "change") pass("update", detail);
		});
};

/** Yes or no in a vendor's words, each decided by a category. */
export const words = (map: Record<string, string>, allows: Allows): Record<string, string> => {
	const said: Record<string, string> = {};
	for (const word in map) said[word] = allows(map[word]) ? "granted" : "denied";
	return said;
};
