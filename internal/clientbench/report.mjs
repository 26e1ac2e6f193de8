// From the rounds to Markdown: each figure is a median with its quartiles.
const numbers = (values) => values.filter((v) => Number.isFinite(v)).sort((a, b) => a - b);

const quantile = (sorted, share) => {
	const at = (sorted.length - 1) * share;
	const below = Math.floor(at);
	return sorted[below] + ((sorted[below + 1] ?? sorted[below]) - sorted[below]) * (at - below);
};

const spread = (values) => {
	const sorted = numbers(values);
	return sorted.length ? { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) } : null;
};

/** How often something was so, out of how many rounds that tell. */
const times = (values) => {
	const told = values.filter((v) => typeof v === "boolean");
	return told.length ? { yes: told.filter(Boolean).length, of: told.length } : null;
};

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(2)} KB`;
const milliseconds = (ms) => `${Math.abs(ms) < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
const plain = (digits) => (x) => (Math.abs(x) < 10 ** -digits / 2 ? "0" : x.toFixed(digits));

/** The figures. read gets a tool's round, that of no tool and that of Orejime,
 * taken together, so that a slow minute of the machine cancels out. */
const figures = [
	{ id: "first", title: "bytes added, first visit", read: (r, none) => r.costs.first.bytes - none.costs.first.bytes, show: kilobytes, limit: { optgate: 6500, hold: 9500 } },
	{ id: "again", title: "bytes added, returning visitor, cold cache", read: (r, none) => r.costs.again.bytes - none.costs.again.bytes, show: kilobytes, limit: { optgate: 3500, hold: 6500 } },
	{ id: "visible", title: "banner visible", read: (r) => r.slow.visible, show: milliseconds },
	{ id: "share", title: "banner visible, as a share of Orejime", read: (r, _, orejime) => r.slow.visible / orejime.slow.visible, show: plain(2), limit: { all: 0.8 } },
	{ id: "largest", title: "banner is the largest paint, and later than the page's own", read: (r, none) => r.slow.lcp.banner && r.slow.lcp.at > none.slow.lcp.at, limit: { all: 0 } },
	{ id: "script", title: "script time added", read: (r, none) => r.costs.first.script - none.costs.first.script, show: milliseconds, limit: { all: 16 } },
	{ id: "blocking", title: "total blocking time added", read: (r, none) => r.costs.first.blocking - none.costs.first.blocking, show: milliseconds, limit: { all: 0 } },
	{ id: "accept", title: "accept to first tracker request, not slowed", read: (r) => r.fast.accept, show: milliseconds, best: true },
	{ id: "event", title: "click event duration, slowed", read: (r) => r.slow.event, show: milliseconds, limit: { all: 32 } },
	{ id: "shift", title: "layout shift", read: (r) => r.costs.first.shift, show: plain(4), limit: { all: 0 } },
	{ id: "atOnce", title: "a click in the first frame of the banner is lost", read: (r) => r.atOnce === false, limit: { all: 0 } },
	{ id: "early", title: "a tracker is reached before the choice", read: (r) => r.slow.early > 0, limit: { all: 0 } },
	{ id: "lost", title: "a tracker is missing after \"Accept all\"", read: (r) => r.slow.hits !== "/frame.html /pixel.gif /tag.js", limit: { all: 0 } },
	{ id: "scriptAgain", title: "script time added, returning visitor", read: (r, none) => r.costs.again.script - none.costs.again.script, show: milliseconds },
];

const valuesOf = (peers, peer, figure) => {
	const [none, orejime] = ["control", "orejime"].map((id) => peers.find((p) => p.id === id));
	return peer.rounds.map((round, i) => {
		try {
			return figure.read(round, none.rounds[i], orejime?.rounds[i]);
		} catch {
			return undefined; // a visit that failed, or that was not asked for
		}
	});
};

const tell = (figure, values) => {
	if (!figure.show) {
		const count = times(values);
		return count ? `${count.yes} of ${count.of}` : "";
	}
	const s = spread(values);
	if (!s) return "";
	const [median, low, high] = [s.median, s.low, s.high].map(figure.show);
	return low === high ? median : `${median} (${low} to ${high})`;
};

const worth = (figure, values) => (figure.show ? spread(values)?.median : times(values)?.yes);

const row = (cells) => `| ${cells.join(" | ")} |\n`;

export function report({ about, peers }) {
	const ours = peers.filter((p) => p.ours);
	const others = peers.filter((p) => !p.ours && p.id !== "control");
	const short = [];
	let text = row(["", "target", ...ours.map((p) => p.title), "best of the others"]) + row(["---", "---", ...ours.map(() => "---"), "---"]);
	for (const figure of figures) {
		const best = others
			.map((peer) => ({ peer, values: valuesOf(peers, peer, figure) }))
			.filter(({ values }) => worth(figure, values) != null)
			.sort((a, b) => worth(figure, a.values) - worth(figure, b.values))[0];
		const limitOf = (peer) => (figure.best ? best && worth(figure, best.values) : (figure.limit?.all ?? figure.limit?.[peer.id]));
		const limits = [...new Set(ours.map(limitOf))].filter((limit) => limit != null).map((limit) => (figure.show || plain(0))(limit));
		const cells = ours.map((peer) => {
			const values = valuesOf(peers, peer, figure);
			const got = worth(figure, values);
			const missed = got != null && limitOf(peer) != null && got > limitOf(peer);
			if (missed) short.push(`${peer.title}, ${figure.title}: ${tell(figure, values)}, not ${(figure.show || plain(0))(limitOf(peer))}`);
			return tell(figure, values) + (missed ? " **short**" : "");
		});
		text += row([figure.title, figure.best ? "the best" : limits.join("; "), ...cells, best ? `${tell(figure, best.values)}, ${best.peer.title}` : ""]);
	}
	const summary = short.length ? `Short of the target:\n${short.map((line) => `- ${line}`).join("\n")}` : "All targets are met.";
	const table =
		row(["", ...peers.filter((p) => p.id !== "control").map((p) => p.title)]) +
		row(["---", ...peers.slice(1).map(() => "---")]) +
		figures.map((figure) => row([figure.title, ...peers.slice(1).map((peer) => tell(figure, valuesOf(peers, peer, figure)))])).join("");
	return { text: page({ about, target: text, summary, table }), summary: `${text}\n${summary}` };
}

const page = ({ about, target, summary, table }) => {
	const busy = spread(about.noise);
	return `# Benchmarks of the browser's part

Optgate beside other consent tools, in one run, in one Chromium, on one page. Written by \`go tool task bench:client\`; the
server's own benchmarks are \`go tool task bench\`.

${target}
${summary}

## All tools

${table}
Figures are medians, with quartiles in brackets. "Added" is the difference, round by round, from the same page without a
tool and without tags.

## How it was measured

- ${about.date}, ${about.browser}, Node ${about.node}, ${about.processor}. Other programs had ${Math.round(busy.median * 100)} % of the processors
  when a visit began (quartiles ${Math.round(busy.low * 100)} to ${Math.round(busy.high * 100)} %); the more, the less the times mean.
- ${about.runs} rounds after one to warm up, each in a new browser, each tool in turn and another one first in each round, each
  visit in a profile of its own. ${about.profiles.map((p) => p[0].toUpperCase() + p.slice(1)).join(". ")}.
- The same article, words, categories and three tags (a pixel, a script, a frame) for all. Each tool stands in the page as
  its own documentation says, minified, in brotli, its versions: ${Object.entries(about.versions).map(([id, v]) => `${id} ${v}`).join(", ")}.
- Bytes are bodies as they came over the network. Script time is Chromium's ScriptDuration in thread time. The banner is
  visible in the first frame in which half of its box is in the window and half opaque. The click is a real press of the
  mouse; Event Timing rounds to 8 ms and tells of nothing under 16 ms.

## What it does not tell

- Chromium adds the latency to each request and no more: connections cost nothing, so Optgate's own origin costs nothing
  here. On a real network a second origin costs one connection; a site that proxies \`/og/\` saves it.
- Osano holds nothing and has no categories; it does less than the others. c15t brings React, which some sites have anyway.
- A processor slowed 4 times is not a phone.
`;
};
