// The panel: banner, preferences, and the control that stays. The server writes
// the first two; the gate shows and hides them.
import { asking, choice, emit } from "./choice";
import { accent, asked, labels, language, nonce, panelHash, request, self, trusted, warn } from "./config";

let banner: HTMLElement | null = null;
let dialog: HTMLDialogElement | null = null;
let arriving: Promise<void> | undefined;
let opener: Element | null = null;

// What stays on the page once nothing is asked: a landmark with the control and
// the place where screen readers hear that a choice was saved.
const dock = document.createElement("section");
const control = document.createElement("button");
const status = document.createElement("p");

/** Makes the control that stays; it shows without the panel. */
export function prepare(): void {
	dock.id = "og-dock";
	dock.setAttribute("aria-label", labels[language]);
	control.id = "og-open";
	control.type = "button";
	control.dataset.ogOpen = "";
	control.textContent = labels[language];
	status.setAttribute("role", "status");
	status.dataset.ogStatus = "";
	if (self!.dataset.ogControl !== "none") dock.append(control);
	dock.append(status);
	style(
		"#og-open{position:fixed;inset-block-end:12px;inset-inline-start:12px;z-index:2147483646;margin:0;padding:6px 12px;" +
			"border:1px solid;border-radius:var(--og-radius,8px);background:var(--og-bg,Canvas);color:var(--og-text,CanvasText);" +
			"color-scheme:light dark;font:13px/1.4 var(--og-font,system-ui,sans-serif);cursor:pointer}" +
			`#og-open:focus-visible{outline:3px solid var(--og-accent,${accent});outline-offset:2px}` +
			"#og-dock p{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)}" +
			"@media print{#og-open{display:none}}",
	);
}

/** Adds rules in a way that a page's policy against inline styles allows. */
function style(css: string): void {
	try {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(css);
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
	} catch {
		const el = document.createElement("style");
		el.nonce = nonce!;
		el.textContent = css;
		document.head.append(el);
	}
}

/** Fetches the panel, once; again after a failure. */
export function fetchPanel(): Promise<void> {
	return (arriving ||= request(`panel?lang=${language}&v=${panelHash}`)
		.then((reply) => (reply.ok ? reply.text() : Promise.reject(reply.status)))
		.then(
			(html) => {
				const template = document.createElement("template");
				template.innerHTML = trusted("HTML", html);
				const find = (selector: string) => template.content.querySelector<HTMLElement>(selector);
				style(find("style")?.textContent || "");
				banner = find("#og-panel");
				dialog = find("#og-preferences") as HTMLDialogElement;
				dialog.addEventListener("close", closed);
				show();
			},
			(error) => {
				arriving = undefined;
				warn(error);
			},
		));
}

// An extension that removes the panel must not make us put it back for ever.
let attempts = 20;

/** Puts on the page what belongs there and takes away what does not; called
 * whenever either may have changed, as when a framework swaps the body. */
export function show(): void {
	const { body } = document;
	if (!body) return;
	const now = asking() ? banner : dock;
	(now === dock ? banner : dock)?.remove();
	if (dialog && !dialog.isConnected && attempts-- > 0) {
		dialog.open = false;
		body.prepend(dialog);
	}
	if (now && !now.isConnected && attempts-- > 0) {
		// The banner comes early for those who do not see it. The control comes
		// last, for which the parser must be done.
		if (now === banner || opener) body.prepend(now);
		else if (document.readyState !== "loading") body.append(now);
	}
}

/** Takes the panel away after a decision, keeps the focus on the page and says
 * that the choice was saved. */
export function settle(): void {
	const active = document.activeElement;
	const inside = !!banner?.contains(active);
	if (dialog?.open) dialog.close();
	if (inside) opener ||= active;
	show();
	if (inside) control.focus();
	setTimeout(() => (status.textContent = dialog?.dataset.ogSaved || ""), 200);
}

/** Opens the preferences, with the choice in force. */
export async function open(from: Element | null): Promise<void> {
	await fetchPanel();
	if (!dialog || dialog.open) return;
	opener = from;
	show();
	status.textContent = "";
	const find = <E extends Element>(selector: string) => dialog!.querySelector<E>(selector);
	for (const id of asked) {
		const box = find<HTMLInputElement>(`input[name="og-${id}"]`);
		if (box) box.checked = choice?.choices[id] === true;
	}
	const when = find<HTMLTimeElement>("[data-og-when]");
	const state = when?.closest<HTMLElement>("[data-og-state]");
	if (when && state && choice) {
		const date = new Date(choice.at * 1e3);
		when.dateTime = date.toISOString();
		when.textContent = date.toLocaleDateString(language, { dateStyle: "long" });
		state.hidden = false;
	}
	dialog.showModal();
	find<HTMLElement>("[data-og-heading]")?.focus();
	emit("open");
}

function closed(): void {
	(opener?.isConnected ? (opener as HTMLElement) : control).focus();
	emit("close");
}

/** Closes the preferences; what was not saved is lost. */
export const close = (): void => dialog?.close();

/** Where a click in the panel comes from, in the words of a record. */
export const layer = (): string => (dialog?.open ? "preferences" : "banner");

/** The answers of the preferences as they stand. */
export function drafts(): Record<string, boolean> {
	const answers: Record<string, boolean> = {};
	for (const id of asked) answers[id] = !!dialog?.querySelector<HTMLInputElement>(`input[name="og-${id}"]`)?.checked;
	return answers;
}
