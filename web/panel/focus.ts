// Where the focus goes when what had it is gone.
import { dock, page } from "./link";

/** Gives the focus to the control, to the site's own way back if that is hidden,
 * or to the landmark that both leave: never to the body, from which keyboards
 * start over. */
export const comeBack = (): void => {
	dock.tabIndex = -1;
	for (const el of [dock.firstChild as HTMLElement, ...page.querySelectorAll<HTMLElement>("[data-og-open]"), dock]) {
		el.focus({ preventScroll: true });
		if (page.activeElement === el) return;
	}
};
