// The visits that are measured. Each is a page in a profile of its own.
import { click, openPage } from "./browser.mjs";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const patience = 30_000;

const until = async (condition, ms) => {
	const deadline = Date.now() + ms;
	while (!condition() && Date.now() < deadline) await sleep(20);
};

const open = (page, url) => page.goto(url, { waitUntil: "load", timeout: patience });

/** Loads the page, undisturbed, and reads what it cost. */
async function load(context, { peer, profile, url, tracker }) {
	const page = await openPage(context, peer, profile);
	const begun = Date.now();
	await open(page, url);
	await sleep(Math.max(300, profile.load - (Date.now() - begun)));
	const { metrics } = await page.cdp.send("Performance.getMetrics");
	const ms = (name) => metrics.find((m) => m.name === name).value * 1000;
	const seen = await page.evaluate((banner) => ({ long: bench.long, shift: bench.shift, shown: bench.shows(banner) }), peer.selectors.banner || null);
	return {
		page,
		cost: {
			...page.bodies(tracker.origin),
			script: ms("ScriptDuration"),
			task: ms("TaskDuration"),
			blocking: seen.long.reduce((sum, duration) => sum + Math.max(0, duration - 50), 0),
			shift: seen.shift,
			shown: seen.shown,
		},
	};
}

/** A first visit, which ends with a rejection, and a second one without cache. */
export async function costs(browser, visit) {
	const context = await browser.createBrowserContext();
	try {
		const first = await load(context, visit);
		if (visit.peer.selectors.reject) {
			await click(first.page, visit.peer.selectors.reject);
			await sleep(visit.profile.settle);
		}
		await first.page.cdp.send("Network.clearBrowserCache");
		await first.page.close();
		const again = await load(context, visit);
		return { first: first.cost, again: again.cost };
	} finally {
		await context.close();
	}
}

/** A visit that waits for the banner to settle and then accepts. */
export async function accepting(browser, { peer, profile, url, tracker }) {
	const context = await browser.createBrowserContext();
	try {
		const page = await openPage(context, peer, profile, { poll: true });
		const before = tracker.hits.length;
		await open(page, url);
		if (peer.selectors.banner) await page.waitForFunction(() => bench.settled, { polling: 50, timeout: patience });
		await sleep(profile.settle);
		const seen = await page.evaluate(() => ({ visible: bench.visible, fcp: bench.fcp, lcp: bench.lcp }));
		if (!peer.selectors.accept) return seen;
		const early = tracker.hits.length - before;
		await page.evaluate(() => (bench.events.length = 0));
		await click(page, peer.selectors.accept);
		await until(() => tracker.hits.length >= before + 3, 5000);
		await sleep(profile.settle);
		const after = await page.evaluate(
			(origin) => ({
				clicked: bench.clicks[0],
				events: bench.events,
				starts: performance.getEntriesByType("resource").filter((e) => e.name.startsWith(origin)).map((e) => performance.timeOrigin + e.startTime),
			}),
			tracker.origin,
		);
		return {
			...seen,
			early,
			hits: tracker.hits.slice(before).sort().join(" "),
			accept: Math.min(...after.starts) - after.clicked,
			// Event Timing tells of no event under 16 ms.
			event: Math.max(16, ...after.events),
		};
	} finally {
		await context.close();
	}
}

/** A visit in which the mouse is pressed on "Accept all" as soon as the first
 * frame has the banner in it. Is the click honoured? */
export async function clickingAtOnce(browser, { peer, profile, url, tracker }) {
	const context = await browser.createBrowserContext();
	try {
		const before = tracker.hits.length;
		let press;
		const pressed = new Promise((resolve) => (press = resolve));
		const page = await openPage(context, peer, profile, { poll: true, onFirstFrame: press });
		const opened = open(page, url);
		const { x, y } = await pressed;
		await page.mouse.move(x, y);
		await page.mouse.down();
		await page.mouse.up();
		await opened;
		await until(() => tracker.hits.length >= before + 3, 2500);
		return tracker.hits.length >= before + 3;
	} finally {
		await context.close();
	}
}
