// The first layer. The server wrote it; this shows it, listens to it and takes it
// away, and sends decisions to the server.
import { answerClicks } from "./clicks";
import { comeBack } from "./focus";
import { afterFrame, arrive, asked, asking, choose, current, dock, objects, page, parts, put, serverTags, show, style, summon, unpack } from "./link";
import { flush, newest } from "./record";

const [css, banner] = unpack<HTMLElement>();

// What the banner speaks about, if that is not all that there is to ask.
let part: string[] | undefined;

/** Lets the banner speak about what is asked again alone, if it has words for
 * that. Then its buttons leave the other answers as they are. */
const speak = () => {
	part = [...asked].filter((id) => asking(new Set([id])));
	let words = `[data-og-part="${part.join(" ")}"]`;
	if (banner.querySelector(words)) words += ',[data-og-part=""]';
	else {
		part = undefined;
		words = "[data-og-all]";
	}
	for (const el of banner.querySelectorAll<HTMLElement>("[data-og-all],[data-og-part]")) el.hidden = !el.matches(words);
};

/** Answers what the banner asks. */
const answer = (action: string, yes: boolean) => () =>
	choose(
		part ? "save" : action,
		(id) => (part && !part.includes(id) ? current().choices[id] === true : yes && !objects(id)),
		"banner",
	);

// What she may open next comes at the first sign that she might.
const prepare = () => {
	void summon("preferences").catch(() => undefined);
	if (serverTags[0] || page.querySelector("script[data-gate],template")) void summon("scripts").catch(() => undefined);
};

style(css);
for (const sign of ["pointerenter", "focusin"]) banner.addEventListener(sign, prepare);
answerClicks(banner, { accept: answer("accept_all", true), reject: answer("reject_all", false) });
parts.add((wanted) => {
	if (wanted && !banner.isConnected) speak();
	// While the parser adds to the page, it would push what lies at its end.
	if (page.readyState !== "loading") banner.className = "og-room";
	const inside = !wanted && banner.contains(page.activeElement);
	put(banner, wanted);
	if (!inside) return;
	// The browser would work out at once where everything on the page is.
	afterFrame(() => {
		if (!dock.isConnected) {
			// Now it may come before the rest of the page.
			page.body.append(dock);
			(dock.firstChild as HTMLElement).showPopover?.();
		}
		comeBack();
	});
});
show();
arrive({ flush, newest } as never);
