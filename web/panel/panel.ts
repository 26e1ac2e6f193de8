// The first layer. The server wrote it; this shows it, listens to it and takes it
// away, and sends decisions to the server.
import { mustAsk } from "../gate/decide";
import { answerClicks } from "./clicks";
import { comeBack } from "./focus";
import { arrive, asked, choose, current, dock, later, page, parts, put, show, since, style, summon, unpack } from "./link";
import { flush, newest } from "./record";

const [css, banner] = unpack<HTMLElement>();

// The part of what there is to ask that the banner speaks about, all or less.
let part: string[] = [];

/** Lets the banner speak about what is asked again alone, if it has words for
 * that. Then its buttons leave the other answers as they are. */
const speak = () => {
	const { at, choices, revision } = current();
	part = [...asked].filter((id) => !at || mustAsk(new Set([id]), choices, revision, since, later));
	const words = banner.querySelector(`[data-og-part="${part.join(" ")}"]`);
	if (!words) part = [...asked];
	for (const el of banner.querySelectorAll<HTMLElement>("[data-og-all],[data-og-part]"))
		el.hidden = el.dataset.ogAll === "" ? !!words : !words || (el !== words && !!el.dataset.ogPart);
};

/** Answers what the banner asks. */
const answer = (action: string, yes: boolean) => () =>
	part.length === asked.size
		? choose(action, () => yes, "banner")
		: choose("save", (id) => (part.includes(id) ? yes : current().choices[id] === true), "banner");

// What she may open next comes at the first sign that she might.
const prepare = () => void summon("preferences").catch(() => undefined);

style(css);
for (const sign of ["pointerenter", "focusin"]) banner.addEventListener(sign, prepare);
answerClicks(banner, { accept: answer("accept_all", true), reject: answer("reject_all", false) });
parts.add((asking) => {
	if (asking && !banner.isConnected) speak();
	const inside = !asking && banner.contains(page.activeElement);
	put(banner, asking);
	if (!inside) return;
	// Now it may come before the rest of the page.
	if (!dock.isConnected) page.body.append(dock);
	comeBack();
});
show();
arrive({ flush, newest } as never);
