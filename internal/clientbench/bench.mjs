// Measures all tools in turn, round by round, and writes the report.
import fs from "node:fs";
import os from "node:os";
import { browserVersion, launch, profiles } from "./browser.mjs";
import { versionOf } from "./brought.mjs";
import { css, hero, page } from "./host.mjs";
import { startOptgate } from "./optgate.mjs";
import { report } from "./report.mjs";
import { serveFiles, serveTracker } from "./servers.mjs";
import { accepting, clickingAtOnce, costs, sleep } from "./visits.mjs";

const all = ["vanilla-cookieconsent", "orejime", "klaro", "tarteaucitron", "osano", "c15t"];
const runs = +(process.env.RUNS || 7);
const slowAndFast = (process.env.PROFILES || "slow,fast").split(",");
const only = process.env.PEERS?.split(",") || all;
const out = process.env.OUT || "docs/benchmarks.md";

const control = {
	id: "control",
	title: "no tool",
	packages: [],
	build: () => ({ "index.html": page({}) }),
	selectors: {},
};

const files = new Map([
	["/host.css", css],
	["/hero.png", hero()],
]);
const tracker = await serveTracker();
const site = await serveFiles(files);
const ours = await startOptgate(site.origin);
const others = await Promise.all(all.filter((id) => only.includes(id)).map(async (id) => (await import(`./peers/${id}.mjs`)).default));
const peers = [control, ...ours, ...others];
for (const peer of peers) for (const [name, body] of Object.entries(await peer.build({ tracker: tracker.origin }))) files.set(`/${peer.id}/${name}`, body);

const processors = () => {
	const total = { busy: 0, all: 0 };
	for (const { times } of os.cpus())
		for (const [kind, ms] of Object.entries(times)) {
			total.all += ms;
			if (kind !== "idle") total.busy += ms;
		}
	return total;
};

/** Waits a little until other programs leave the processors alone, and says what
 * share of them they had in the end. */
async function quiet() {
	for (let look = 0; ; look++) {
		const before = processors();
		await sleep(250);
		const now = processors();
		const share = (now.busy - before.busy) / (now.all - before.all);
		if (share < 0.2 || look === 8) return share;
	}
}

const noise = [];

/** Does a visit, twice if it fails. */
async function attempt(name, visit) {
	noise.push(await quiet());
	for (const last of [false, true])
		try {
			return await visit();
		} catch (error) {
			console.log(`  ${name}: ${error.message.split("\n")[0]}`);
			if (last) return null;
		}
}

// By tool, what each round gave.
const rounds = Object.fromEntries(peers.map(({ id }) => [id, []]));
const began = new Date();
const browserName = await browserVersion();

/** Writes what there is so far, so that nothing is lost if the run is ended. */
function write() {
	const result = {
		about: {
			date: began.toISOString().slice(0, 16).replace("T", " ") + " UTC",
			browser: browserName,
			node: process.version,
			processor: `${os.cpus().length} x ${os.cpus()[0].model}`,
			runs: rounds.control.length,
			profiles: slowAndFast.map((name) => `${name}: ${profiles[name].label}`),
			noise,
			versions: Object.fromEntries(others.map(({ id, packages }) => [id, packages.map(versionOf).join()])),
		},
		peers: peers.map(({ id, title, ours }) => ({ id, title, ours, rounds: rounds[id] })),
	};
	const { text, summary } = report(result);
	fs.writeFileSync(out, text);
	return summary;
}

let summary;
for (let round = -1; round < runs; round++) {
	const start = Date.now();
	const { browser, close } = await launch();
	// Every tool comes first once.
	const order = peers.map((_, i) => peers[(i + Math.max(0, round)) % peers.length]);
	for (const peer of order) {
		const visit = (profile) => ({ peer, profile: profiles[profile], url: `${site.origin}/${peer.id}/`, tracker });
		if (round < 0) {
			// The first round warms up and is thrown away.
			await attempt(peer.id, () => accepting(browser, visit("fast")));
			continue;
		}
		const got = {};
		if (slowAndFast.includes("slow")) {
			got.slow = await attempt(`${peer.id} slow`, () => accepting(browser, visit("slow")));
			got.costs = await attempt(`${peer.id} costs`, () => costs(browser, visit("slow")));
			if (peer !== control) got.atOnce = await attempt(`${peer.id} at once`, () => clickingAtOnce(browser, visit("slow")));
		}
		if (slowAndFast.includes("fast") && peer !== control) got.fast = await attempt(`${peer.id} fast`, () => accepting(browser, visit("fast")));
		rounds[peer.id].push(got);
	}
	await close();
	if (round >= 0) summary = write();
	console.log(round < 0 ? "warm-up" : `round ${round + 1} of ${runs}`, `${Math.round((Date.now() - start) / 1000)} s, load ${os.loadavg()[0].toFixed(1)}`);
}

console.log(`\n${summary}\nwritten to ${out}`);
process.exit();
