// What stays on the page once nothing is asked: a landmark with the control by
// which visitors come back, and with the place where screen readers hear that a
// choice was saved. It needs nothing from the server.
import { asking } from "./choice";
import { labels, language, nonce, page, self } from "./config";
import type { Part } from "./link";

export const dock = page.createElement("section");

/** Adds rules in a way that a page's policy against inline styles allows. */
export const style = (css: string): void => {
	try {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(css);
		page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
	} catch {
		const el = page.createElement("style");
		el.nonce = nonce;
		el.textContent = css;
		page.head.append(el);
	}
};

/** Makes the control, once. */
export const prepare = (): void => {
	if (dock.lang) return;
	dock.lang = language;
	const control = page.createElement("button");
	Object.assign(control, { type: "button", popover: "manual", id: "og-open" });
	control.dataset.ogOpen = "";
	dock.prepend(control); // a piece may have put something there
	control.textContent = dock.ariaLabel = labels[language];
	control.hidden = self.dataset.ogControl === "none";
	style(
		"#og-open{position:fixed;inset:auto 9px 9px;margin:0;padding:6px 12px;border:1px solid;" +
			"border-radius:var(--og-radius,9px);background:var(--og-bg,Canvas);color:var(--og-text,CanvasText);" +
			"color-scheme:light dark;font:13px var(--og-font,system-ui)}" +
			// The ring lies inside, where its contrast does not depend on the page.
			"#og-open:focus-visible{outline:2px solid;outline-offset:-4px}@media print{#og-open{display:none}}",
	);
};

/** What else there is to put on the page, from the pieces that have arrived. */
export const parts = new Set<Part>();

/** Acts as soon as the next frame is on the screen. */
export const afterFrame = (act: () => unknown): void => {
	requestAnimationFrame(() => setTimeout(act));
};

// An extension that removes the panel must not make us put it back for ever.
let attempts = 20;

/** Puts an element on the page, or takes it away. What pieces show comes early,
 * for those who do not see it. The control comes last, for which the parser must
 * be done. */
export const put = (el: Element, wanted: boolean): void => {
	const last = el === dock;
	if (!wanted) return el.remove();
	if (last) prepare();
	if (!el.isConnected && page.body && (!last || page.readyState !== "loading") && attempts-- > 0) {
		page.body[last ? "append" : "prepend"](el);
		// In the top layer no style of the page moves or covers it. That way lies all
		// of the page's layout: what asks takes that of its first frame, and what
		// follows a click comes after one.
		const shown = (last ? el.firstChild : el) as HTMLElement;
		if (shown.popover) (last ? afterFrame : requestAnimationFrame)(() => shown.isConnected && shown.togglePopover(true));
	}
};

/** Puts on the page what belongs there and takes away what does not; called
 * whenever either may have changed, as when a framework swaps the body. */
export const show = (): void => {
	put(dock, !asking());
	for (const part of parts) part(asking());
};
