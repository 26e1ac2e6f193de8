// The panel: banner and preferences. The server wrote them; this shows them,
// listens to them and hides them.
import { isCleared } from "./clear";
import { holdFrames } from "./hold";
import { arrive, asked, choose, current, dock, emit, language, markup, page, show, style, trusted } from "./link";
import { flush, newest } from "./record";

const template = page.createElement("template");
template.innerHTML = trusted.createHTML(markup);
const [css, banner, dialog, placeholder] = template.content.children as unknown as [Element, HTMLElement, HTMLDialogElement, HTMLTemplateElement];

const find = (selector: string): any => dialog.querySelector(selector);
const box = (category: string): HTMLInputElement => find(`[name=og-${category}]`);
const control = dock.firstChild as HTMLElement;

// Screen readers hear it where it stays; in a dialog that closes they would not.
const status: HTMLElement = find("[data-og-status]");
const cleared: HTMLElement = find("[data-og-cleared]");

/** Takes the panel away after a decision, keeps the focus on the page and says
 * that the choice was saved. */
const settle = (): void => {
	const inside = banner.contains(page.activeElement);
	dialog.close();
	show();
	if (inside) control.focus();
	setTimeout(() => (status.textContent = dialog.dataset.ogSaved! + (isCleared() ? ` ${cleared.textContent}` : "")), 200);
};

/** Opens the preferences, with the choice in force. */
const open = (opener: HTMLElement): void => {
	const { at, choices } = current();
	status.textContent = "";
	for (const id of asked) box(id).checked = choices[id];
	if (at) {
		const date = new Date(at * 1e3);
		const when: HTMLTimeElement = find("[data-og-when]");
		when.dateTime = date.toISOString();
		when.textContent = date.toLocaleDateString(language, { dateStyle: "long" });
		find("[data-og-state]").hidden = false;
		cleared.hidden = !isCleared();
	}
	// To what has the focus now, the browser gives it back in the end.
	opener.focus();
	dialog.showModal();
	find("[data-og-heading]").focus();
	emit("open");
};

/** Where a click comes from, in the words of a record. */
const layer = () => (dialog.open ? "preferences" : "banner");

/** What a click on #og-<name> or [data-og-<name>] does, wherever it is. */
const actions: Record<string, (el: HTMLElement) => void> = {
	accept: () => choose("accept_all", () => true, layer()),
	reject: () => choose("reject_all", () => false, layer()),
	save: () => choose("save", (id) => box(id).checked, layer()),
	customise: open,
	close: () => dialog.close(), // what was not saved is lost
};

const onClick = (event: Event) => {
	for (const name in actions) {
		const el = (event.target as Element).closest?.(`#og-${name},[data-og-${name}]`);
		if (el) {
			event.preventDefault();
			actions[name](el as HTMLElement);
		}
	}
};

dialog.addEventListener("close", () => {
	// The browser has given the focus back, unless what had it is gone.
	if (page.activeElement === page.body) control.focus();
	emit("close");
});
style(css.textContent!);
dock.append(status);
addEventListener("click", onClick, true);
holdFrames(placeholder, css.textContent!, (id) => find(`[for=og-c-${id}]`).textContent);
arrive({ banner, dialog, settle, open, flush, newest });
