// Opens pages in Chromium with a slowed processor and network, and counts what
// they cost.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { brought } from "./brought.mjs";
import { probe } from "./probe.mjs";

const puppeteer = brought("puppeteer-core");
const chromium = process.env.CHROMIUM || "/usr/bin/chromium";

export const profiles = {
	slow: {
		label: "CPU slowed 4x, 150 ms a request, 1.6 Mbit/s",
		cpu: 4,
		network: { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 },
		load: 3300, // ms from the start of a visit to its reading
		settle: 700, // ms after a banner or a click
	},
	fast: { label: "not slowed", cpu: 1, load: 1200, settle: 400 },
};

/** Starts Chromium with an empty profile, which close() removes. */
export async function launch() {
	const userDataDir = fs.mkdtempSync(path.join(os.tmpdir(), "clientbench-"));
	const browser = await puppeteer.launch({
		executablePath: chromium,
		pipe: true,
		userDataDir,
		defaultViewport: { width: 1280, height: 800 },
		args: [
			"--headless=new",
			"--no-sandbox",
			"--disable-gpu",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--disable-features=Translate,OptimizationHints,MediaRouter",
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
			"--lang=en-US",
			// vanilla-cookieconsent hides from navigator.webdriver.
			"--disable-blink-features=AutomationControlled",
		],
	});
	return {
		browser,
		close: async () => {
			await browser.close().catch(() => {});
			fs.rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
		},
	};
}

export const browserVersion = async () => {
	const { browser, close } = await launch();
	const version = await browser.version();
	await close();
	return version;
};

/** Opens an empty page in a context of its own or, if given, in another's.
 * onFirstFrame gets the middle of the accept button in the first frame that
 * shows the banner. */
export async function openPage(context, peer, profile, { poll = false, onFirstFrame } = {}) {
	const page = await context.newPage();
	const cdp = await page.createCDPSession();
	const requests = new Map();
	await cdp.send("Network.enable");
	cdp.on("Network.requestWillBeSent", ({ requestId, request }) => {
		if (/^http/.test(request.url)) requests.set(requestId, { url: request.url, head: 0, total: 0 });
	});
	cdp.on("Network.responseReceived", ({ requestId, response }) => {
		const known = requests.get(requestId);
		if (known) known.head = response.encodedDataLength;
	});
	cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		const known = requests.get(requestId);
		if (known) known.total = encodedDataLength;
	});
	if (profile.network) await cdp.send("Network.emulateNetworkConditions", profile.network);
	if (profile.cpu > 1) await cdp.send("Emulation.setCPUThrottlingRate", { rate: profile.cpu });
	await cdp.send("Emulation.setFocusEmulationEnabled", { enabled: true });
	if (onFirstFrame) await page.exposeFunction("benchFirstFrame", onFirstFrame);
	const { identifier } = await page.evaluateOnNewDocument(probe, { poll, ...peer.selectors });
	// A script that runs ahead of each document's own makes a global object for every
	// empty frame too, which no visitor's browser makes and which would be charged to
	// the tools that hold a frame in its place. So there is none once the page has
	// begun; the first is the driver's own.
	page.on("framenavigated", (frame) => {
		if (frame !== page.mainFrame() || frame.url() === "about:blank") return;
		page.removeScriptToEvaluateOnNewDocument(identifier).catch(() => {});
		page._client().send("Page.removeScriptToEvaluateOnNewDocument", { identifier: "1" }).catch(() => {});
	});
	if (!poll) await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
	page.cdp = cdp;
	/** Bodies as they came over the network, without those of trackers. */
	page.bodies = (tracker) => {
		let bytes = 0;
		let count = 0;
		for (const { url, head, total } of requests.values())
			if (!url.startsWith(tracker)) {
				bytes += Math.max(0, total - head);
				count++;
			}
		return { bytes, requests: count };
	};
	return page;
}

/** Presses the mouse on the middle of an element, once it has a box. The mouse
 * has rested there before, as a person's has. */
export async function click(page, selector) {
	const box = await page.waitForFunction((s) => bench.middle(s), { polling: 50, timeout: 8000 }, selector);
	const { x, y } = await box.jsonValue();
	await page.mouse.move(x, y);
	await new Promise((resolve) => setTimeout(resolve, 100));
	await page.mouse.down();
	await page.mouse.up();
}
