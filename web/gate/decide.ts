// The gate's rule. Nothing here touches the page, so the same vectors test it
// and its twin in Go, internal/optgate/decide.go.

/** Yes or no by category; a category that is missing was not answered. */
export type Choices = Record<string, boolean>;

/** The categories that a site asks about, in its order. A set, as old libraries
 * replace what arrays can do. */
export type Asked = ReadonlySet<string>;

/** An empty set of answers, without the properties that every object has or
 * that a page may have added to them. */
export const noAnswers = (): Choices => ({ __proto__: null }) as unknown as Choices;

/** May something of this category load? The essential category always may; any
 * other only if the site asks about it and the visitor said yes. */
export const allows = (asked: Asked, choices: Choices | null, category: string): boolean =>
	category === "essential" || (asked.has(category) && choices?.[category] === true);

/** By category, the latest revision that changed it materially. */
export type Since = Record<string, number> | undefined;

/** Takes away what does not hold any more of choices that were given to a
 * revision: a yes to a category that has materially changed since. A no stays. */
export const holding = (choices: Choices, given: number, since: Since): void => {
	for (const id in since) if (choices[id] && since[id] > given) delete choices[id];
};

/** Has some category that the site asks about no answer yet, or only one from
 * before it changed materially? What is scheduled for later is not asked yet of those
 * who answered a revision from before it. */
export const mustAsk = (asked: Asked, choices: Choices | null, given: number, since: Since, later: Since): boolean => {
	for (const id of asked)
		if (since?.[id]! > given || (choices?.[id] == null && !(later?.[id]! > given))) return true;
	return false;
};
