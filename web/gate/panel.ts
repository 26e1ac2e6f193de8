// The panel: banner, preferences, and the control that stays. The server writes
// the first two; the gate shows and hides them.
import { asking, choice, emit } from "./choice";
import { asked, labels, language, nonce, page, panelHash, request, self, trusted, warn } from "./config";

let banner: HTMLElement;
let dialog: HTMLDialogElement | undefined;
let status: HTMLElement;
let control: HTMLElement;
let arriving: Promise<void> | void;

// What stays on the page once nothing is asked: a landmark with the control and
// with the place where screen readers hear that a choice was saved.
const dock = page.createElement("section");

/** Makes the control that stays, which shows without the panel. */
export const prepare = (): void => {
	dock.innerHTML = trusted.createHTML("<button id=og-open type=button data-og-open>");
	control = dock.firstChild as HTMLElement;
	control.textContent = dock.ariaLabel = labels[language];
	dock.lang = language;
	control.hidden = self!.dataset.ogControl === "none";
	style(
		"#og-open{position:fixed;bottom:9px;inset-inline-start:9px;z-index:99999;padding:6px 12px;border:1px solid;" +
			"border-radius:var(--og-radius,9px);background:var(--og-bg,Canvas);color:var(--og-text,CanvasText);" +
			"color-scheme:light dark;font:13px var(--og-font,system-ui)}" +
			// The ring lies inside, where its contrast does not depend on the page.
			"#og-open:focus-visible{outline:2px solid;outline-offset:-4px}" +
			"#og-open~p{position:fixed;opacity:0;z-index:-1}@media print{#og-open{display:none}}",
	);
};

/** Adds rules in a way that a page's policy against inline styles allows. */
const style = (css: string) => {
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

const find = (selector: string): any => dialog!.querySelector(selector);
const box = (category: string): HTMLInputElement => find(`[name=og-${category}]`);

/** Fetches the panel, once; again after a failure. */
export const fetchPanel = (): Promise<void> | void =>
	(arriving ||= (async () => {
		const reply = await request(`panel?lang=${language}&v=${panelHash}`);
		if (!reply.ok) throw reply.status;
		const template = page.createElement("template");
		template.innerHTML = trusted.createHTML(await reply.text());
		const [css, section, preferences] = template.content.children;
		style(css.textContent!);
		banner = section as HTMLElement;
		dialog = preferences as HTMLDialogElement;
		dialog.addEventListener("close", () => {
			// The browser has given the focus back, unless what had it is gone.
			if (page.activeElement === page.body) control.focus();
			emit("close");
		});
		dock.append((status = find("[data-og-status]")));
		show();
	})().catch((error) => (arriving = warn(error))));

// An extension that removes the panel must not make us put it back for ever.
let attempts = 20;

/** Puts on the page what belongs there and takes away what does not; called
 * whenever either may have changed, as when a framework swaps the body. */
export const show = (): void => {
	const [now, other] = asking() ? [banner, dock] : [dock, banner];
	other?.remove();
	for (const el of [now, dialog])
		if (page.body && el && !el.isConnected && attempts-- > 0) {
			// The banner comes early, for those who do not see it. The control comes
			// last, for which the parser must be done.
			if (el !== dock) page.body.prepend(el);
			else if (page.readyState !== "loading") page.body.append(el);
		}
};

/** Takes the panel away after a decision, keeps the focus on the page and says
 * that the choice was saved. */
export const settle = (): void => {
	const inside = banner?.contains(page.activeElement);
	dialog?.close();
	show();
	if (inside) control.focus();
	setTimeout(() => dialog && (status.textContent = dialog.dataset.ogSaved!), 200);
};

/** Opens the preferences, with the choice in force. */
export const open = async (opener: HTMLElement): Promise<void> => {
	await fetchPanel();
	if (!dialog) return;
	status.textContent = "";
	for (const id of asked) box(id).checked = choice.choices[id];
	if (choice.at) {
		const date = new Date(choice.at * 1e3);
		const when: HTMLTimeElement = find("[data-og-when]");
		when.dateTime = date.toISOString();
		when.textContent = date.toLocaleDateString(language, { dateStyle: "long" });
		find("[data-og-state]").hidden = false;
	}
	// To what has the focus now, the browser gives it back in the end.
	opener.focus();
	dialog.showModal();
	find("[data-og-heading]").focus();
	emit("open");
};

/** Closes the preferences; what was not saved is lost. */
export const close = (): void => dialog!.close();

/** Where a click in the panel comes from, in the words of a record. */
export const layer = (): string => (dialog?.open ? "preferences" : "banner");

/** The draft of the answer about a category. */
export const draft = (category: string): boolean => box(category).checked;
