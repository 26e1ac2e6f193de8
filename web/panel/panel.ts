// The first layer. The server wrote it; this shows it, listens to it and takes it
// away, and sends decisions to the server.
import { answerClicks } from "./clicks";
import { comeBack } from "./focus";
import { arrive, dock, page, parts, put, show, style, summon, unpack } from "./link";
import { flush, newest } from "./record";

const [css, banner] = unpack<HTMLElement>();

// What she may open next comes at the first sign that she might.
const prepare = () => void summon("preferences").catch(() => undefined);

style(css);
for (const sign of ["pointerenter", "focusin"]) banner.addEventListener(sign, prepare);
answerClicks(banner, "banner", {});
parts.add((asking) => {
	const inside = !asking && banner.contains(page.activeElement);
	put(banner, asking);
	if (!inside) return;
	// Now it may come before the rest of the page.
	if (!dock.isConnected) page.body.append(dock);
	comeBack();
});
show();
arrive({ flush, newest } as never);
