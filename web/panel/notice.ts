// The first layer where all loads until the visitor objects: it says so, and lets
// her object by one click. The server wrote it; this shows it and takes it away.
import { answerClicks } from "./clicks";
import { comeBack } from "./focus";
import { afterFrame, arrive, choose, current, page, parts, put, self, show, style, summon, unpack } from "./link";

const [css, notice] = unpack<HTMLElement>();
const { s: site, r: revision, e: since } = self.og![0];

// Once she has closed it, the number of the revision of which it told her. It says
// nothing else of her, and is written by her click alone.
const key = `og.${site}.notice`;

let closed = false;
try {
	const told = Number(localStorage.getItem(key));
	closed = told > 0;
	for (const id in since) if (since[id] > told) closed = false;
} catch {
	// Storage is blocked; then it is closed for the page alone.
}

const close = () => {
	closed = true;
	try {
		localStorage.setItem(key, `${revision}`);
	} catch {
		// As above.
	}
	show();
};

// What her browser has objected to, it is still to tell her.
const { at } = current();

style(css);
for (const sign of ["pointerenter", "focusin"])
	notice.addEventListener(sign, () => void summon("preferences").catch(() => undefined));
answerClicks(notice, { reject: () => choose("reject_all", () => false, "banner"), close });
parts.add(() => {
	const wanted = !closed && current().at === at;
	if (page.readyState !== "loading") notice.className = "og-room";
	const inside = !wanted && notice.contains(page.activeElement);
	put(notice, wanted);
	if (inside) afterFrame(comeBack);
});
show();
arrive({} as never);
