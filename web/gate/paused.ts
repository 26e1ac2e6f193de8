// Pausing: the site's admin stopped a category at once. Nothing of it loads until
// that is lifted, whatever was chosen; the choice, and what is asked, stay as they
// are. Only the variant of the gate that is served meanwhile has any of this.
import { config } from "./config";
import type { Choices } from "./decide";

export const isHalted = (category: string): boolean => config.z![category] === 1;

/** A copy of the choices without those about what is paused. */
export const notHalted = (choices: Choices): Choices => {
	const said = { ...choices };
	for (const id in said) if (isHalted(id)) delete said[id];
	return said;
};
