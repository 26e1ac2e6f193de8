// Which address needs which category. Nothing here touches the page, so the same
// vectors test it and its twin in Go, internal/policy.

/** What the server says: lists of patterns with the categories that each of
 * them needs (none: never held), and what needs an address of no pattern. All
 * lists are joined by spaces; "|" between patterns is ".com ". A pattern is a host and perhaps a path; hosts
 * below are meant, too, unless it begins with "=". */
export interface Policy {
	r: [needs: string, patterns: string][];
	d?: string;
}

/** The patterns of a list. */
export const listed = (patterns: string): string[] => patterns.replace(/\|/g, ".com ").split(" ");

/** Returns the categories that must all be allowed before the page may ask for
 * an address, or nothing if it may at once. */
export type Match = (address: string | URL, base?: string) => string[] | undefined;

// The page may replace it later.
const Address = URL;

/** Compiles a policy. Own are hosts that are never held: the page's and the
 * gate's. */
export const matcher = ({ r, d }: Policy, ...own: string[]): Match => {
	// Made for the first address: most pages ask for none of theirs.
	let rules: Record<string, string> | undefined;
	return (address, base) => {
		let url;
		try {
			url = new Address(address, base);
		} catch {
			return;
		}
		const host = url.hostname.replace(/\.+$/, "");
		if (!/^(http|ws)s?:$/.test(url.protocol) || own.includes(host)) return;
		if (!rules) {
			rules = { __proto__: null } as unknown as Record<string, string>;
			for (const [needs, patterns] of r) for (const pattern of listed(patterns)) rules[pattern] = needs;
		}
		let needs = d;
		// The longest host decides, then the longest path.
		search: for (let at = "=" + host; at; at = at.replace(/^(=|[^.]*\.?)/, ""))
			for (let key = at + url.pathname; ; key = key.slice(0, key.lastIndexOf("/"))) {
				if (key in rules) {
					needs = rules[key];
					break search;
				}
				if (!key.includes("/")) break;
			}
		return needs ? needs.split(" ") : undefined;
	};
};
