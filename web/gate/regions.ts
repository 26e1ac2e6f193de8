// Regions: where the law lets a site load until its visitor objects, the site may
// say so. Until it is known where she is, and whenever that is in doubt, she is
// asked first. Only the variant of the gate for sites with such regions has this.
import { asked, config, self } from "./config";
import type { Choice } from "./cookie";
import { type Choices, noAnswers } from "./decide";
import { ruleIn } from "./rule";

/** The rule where she is; undefined as long as that is not known. */
export let rule: number | undefined;

// How long she is not asked because the region may still come, in milliseconds. An
// answer that comes later than that changes nothing on the page.
const patience = 1e3;

let placing: Promise<void> | undefined;

/** Learns the region, once: the page says it, or else the server is asked. Nothing
 * of it is kept in the browser. */
export const locate = (ask: () => Promise<Response>, act: () => void): void => {
	placing ||= Promise.race([
		self.dataset.region ?? ask().then(async (reply) => reply.ok && (await reply.json()).region),
		new Promise((late) => setTimeout(late, patience)),
	])
		.catch(() => undefined)
		.then((region) => {
			rule = ruleIn(config.y!, region);
			act();
		});
};

/** What holds: the choices, and where all loads until she objects a yes to whatever
 * she and her browser said nothing about. */
export const presumed = (choices: Choices): Choices => {
	if (!rule) return choices;
	const all = noAnswers();
	for (const id in choices) all[id] = choices[id];
	for (const id of asked) all[id] ??= !(config.g && config.g[id] === 1);
	return all;
};

/** Is there something of which she has not heard: all, or what has changed since? */
export const isNews = ({ at, revision }: Choice): boolean => {
	for (const id of asked) if (!at || config.e?.[id]! > revision) return true;
	return false;
};

/** How long the browser keeps a choice, in seconds: an objection is not to lapse
 * before a year, where nobody would ask again (Cal. Civ. Code 1798.135(c)(4)). */
export const cookieAge = (): number => Math.max(config.x, 395 * 86400);

/** What is left of a choice that is too old to allow anything: what she refused. */
export const objections = ({ revision, at, choices }: Choice): Choice => {
	const left = noAnswers();
	for (const id in choices) if (!choices[id]) left[id] = false;
	return { revision, at, choices: left };
};

// Does the decision that is being made say something of every category?
let complete = true;

/** Begins a decision. Of the switches only those that she moved say something. */
export const begin = (action: string, source: string): void => {
	complete = action !== "save" || source === "api";
};

/** Is a yes to the category said? A switch that stands on because nobody asked her,
 * and that she leaves as it is, is none. */
export const isSaid = (choices: Choices, category: string): boolean =>
	complete || choices[category] != null || !presumed(choices)[category];
