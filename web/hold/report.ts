// Telling the site of tags that its pages bring without a mark: for those it is
// too late, as the browser has asked for them ahead.
const script = self.document && (document.currentScript as HTMLScriptElement);
const found: string[][] = [];

/** Notes an element of which something was held too late. */
export const unmarked = (el: Element): void => {
	const [, name, address] = /data-hold-(\w+)="([^"?#]*)/.exec(el.outerHTML)!;
	const need = el.getAttribute("data-hold")!;
	console.warn(`optgate: not marked: ${el.localName} ${address}, wants data-gate="${need}" data-${name}`);
	if (name === "text") return;
	if (!found[0])
		addEventListener("load", () =>
			fetch(new URL("unmarked", script.src), { method: "POST", keepalive: true, body: JSON.stringify(found.slice(0, 50)) }).catch(Object),
		);
	found.push([el.localName, address]);
};
