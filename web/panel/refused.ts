// What the visitor said no to.
import { asked, current } from "./link";

/** The categories of a mark, data-gate. */
export const categoriesOf = (mark: string): string[] => mark.trim().split(/[\s,]+/);

/** Did the visitor say no to the category, or does nothing load for it at all?
 * What she was not asked yet is left as it is. */
export const refused = (category: string): boolean =>
	category !== "essential" && (!asked.has(category) || current().choices[category] === false);
