/** What a click does, by the name of the button. */
export type Actions = Record<string, () => void>;

/** Answers clicks on #og-<name> or [data-og-<name>] in a layer. No handler of the
 * page can stop them. */
export const answerClicks = (layer: Element, actions: Actions): void =>
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
