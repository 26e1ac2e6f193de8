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

/** Has some category that the site asks about no answer yet? */
export const mustAsk = (asked: Asked, choices: Choices | null): boolean => {
	for (const id of asked) if (typeof choices?.[id] !== "boolean") return true;
	return false;
};
