// The second layer, and what follows a decision: it is said that it was saved,
// and what was refused is cleared.
import { isCleared, obey, tidy } from "./clear";
import { answerClicks } from "./clicks";
import { comeBack } from "./focus";
import { afterFrame, arrive, asked, choose, current, dock, emit, page, parts, put, show, style, summon, unpack } from "./link";

const [css, dialog] = unpack<HTMLDialogElement>();

const find = (selector: string): any => dialog.querySelector(selector);
const box = (category: string): HTMLInputElement => find(`[name=og-${category}]`);

// Screen readers hear it where it stays; in a dialog that closes they would not.
const status: HTMLElement = find("[data-og-status]");
const cleared: HTMLElement = find("[data-og-cleared]");

/** Closes the dialog after a decision, leaves one cookie of it, and says that it
 * was saved. */
const settle = (): void => {
	dialog.close();
	// The click feels light if what takes long comes later.
	setTimeout(() => {
		tidy();
		status.textContent = dialog.dataset.ogSaved! + (isCleared() ? ` ${cleared.textContent}` : "");
	}, 200);
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
		when.textContent = date.toLocaleDateString(dialog.lang, { dateStyle: "long" });
		find("[data-og-state]").hidden = false;
		cleared.hidden = !isCleared();
	}
	// To what has the focus now, the browser gives it back in the end.
	opener.focus();
	dialog.showModal();
	find("[data-og-heading]").focus();
	emit("open");
	// It sends what she will decide.
	void summon("panel").catch(() => undefined);
};

dialog.addEventListener("close", () => {
	// The browser has given the focus back, unless what had it is gone. The control
	// may have to come first.
	afterFrame(() => {
		const has = page.activeElement;
		if (has === page.body || dialog.contains(has)) comeBack();
	});
	emit("close");
});
style(css);
dock.append(status);
answerClicks(dialog, {
	accept: () => choose("accept_all", () => true, "preferences"),
	reject: () => choose("reject_all", () => false, "preferences"),
	save: () => choose("save", (id) => box(id).checked, "preferences"),
	close: () => dialog.close(), // what was not saved is lost
});
parts.add(() => put(dialog, true));
show();
// Behind the page's own listeners, by which vendors are told first.
const soon = () => setTimeout(obey);
page.addEventListener("optgate:change", soon);
soon();
arrive({ open, settle } as never);
