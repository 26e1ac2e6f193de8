// What the buttons of both layers do.
import { choose } from "./link";

/** What a click does, by the name of the button. */
export type Actions = Record<string, () => void>;

/** Answers clicks on #og-<name> or [data-og-<name>] in a layer; source names it
 * in records. No handler of the page can stop them. */
export const answerClicks = (layer: Element, source: string, more: Actions): void => {
	const actions: Actions = {
		accept: () => choose("accept_all", () => true, source),
		reject: () => choose("reject_all", () => false, source),
		...more,
	};
	addEventListener(
		"click",
		(event) => {
			for (const name in actions) {
				const el = (event.target as Element).closest?.(`#og-${name},[data-og-${name}]`);
				if (el && layer.contains(el)) {
					event.preventDefault();
					actions[name]();
				}
			}
		},
		true,
	);
};
