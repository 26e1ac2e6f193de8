// Loading the page again without the visitor losing what she did on it.

const key = "og.page";

// What must not lie about, even for a moment.
const secret = /pass|secret|card|cc-|cvc|cvv|iban|otp/i;

const fields = () =>
	[...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>("input,textarea,select")].filter(
		({ type, name, id, autocomplete }) => !/password|hidden|file|submit|button|image/.test(type) && !secret.test(`${name} ${id} ${autocomplete}`),
	);

const read = (field: any): unknown =>
	/checkbox|radio/.test(field.type) ? field.checked : field.multiple && field.options ? [...field.options].map((option) => option.selected) : field.value;

const write = (field: any, value: any) => {
	if (/checkbox|radio/.test(field.type)) field.checked = value;
	else if (Array.isArray(value)) value.forEach((selected, at) => (field.options[at].selected = selected));
	else field.value = value;
	field.dispatchEvent(new Event("input", { bubbles: true }));
};

/** Loads the page again; it is called after a decision only. */
export const away = (): void => {
	try {
		sessionStorage[key] = JSON.stringify([
			location.href, scrollX, scrollY, fields().map((field) => [field.localName + field.type + field.name, read(field)]),
		]);
	} catch {
		// A full or closed store: the page begins as if it were new.
	}
	location.reload();
};

/** Gives a page that was loaded again back what the visitor did. */
export const back = (): void => {
	let kept: any;
	try {
		kept = JSON.parse(sessionStorage[key]);
		delete sessionStorage[key];
	} catch {
		return;
	}
	const [href, x, y, values] = kept;
	if (href !== location.href) return;
	addEventListener("load", () => {
		fields().forEach((field, at) => {
			const [name, value] = values[at] || [];
			if (name === field.localName + field.type + field.name && JSON.stringify(read(field)) !== JSON.stringify(value)) write(field, value);
		});
		scrollTo(x, y);
	});
};
