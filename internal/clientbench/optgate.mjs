// Optgate itself: built, with a site in an empty store, on a port of its own.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { page } from "./host.mjs";
import { words } from "./words.mjs";

/** The sites that are measured. */
const variants = [
	{ id: "optgate", title: "Optgate, hold: off", hold: "off" },
	{ id: "hold", title: "Optgate, hold: known", hold: "known" },
];

/** Starts Optgate for pages on an origin and returns what is measured of it. */
export async function startOptgate(origin) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "clientbench-optgate-"));
	const binary = path.join(dir, "optgate");
	execFileSync("go", ["build", "-o", binary, "./cmd/optgate"], { stdio: "inherit" });
	for (const { id, hold } of variants) {
		// JSON is YAML.
		const config = {
			site: id,
			name: "Harbour Trust",
			origins: [origin],
			languages: ["en"],
			controller: { name: "Harbour Trust" },
			categories: words.categories.map(({ id, title, description }) => ({ id, title: { en: title }, description: { en: description } })),
			texts: [{ language: "en", title: words.title, body: words.body }],
			hold,
		};
		fs.writeFileSync(path.join(dir, "site.yaml"), JSON.stringify(config));
		execFileSync(binary, ["apply", "--data", dir, "-f", path.join(dir, "site.yaml")], { stdio: ["ignore", "ignore", "inherit"] });
	}
	const address = `127.0.0.1:${await freePort()}`;
	const server = spawn(binary, ["serve", "--data", dir, "--addr", address], { stdio: "ignore" });
	// However this program ends, the server does too.
	process.once("exit", () => {
		server.kill();
		fs.rmSync(dir, { recursive: true, force: true });
	});
	const url = `http://${address}`;
	const deadline = Date.now() + 10_000;
	while (!(await fetch(url + "/readyz").then((r) => r.ok, () => false)))
		if (Date.now() > deadline) throw new Error("optgate does not get ready");
	return variants.map((variant) => peer(variant, url));
}

const freePort = () =>
	new Promise((resolve) => {
		const probe = net.createServer().listen(0, "127.0.0.1", () => {
			const { port } = probe.address();
			probe.close(() => resolve(port));
		});
	});

const peer = ({ id, title }, url) => ({
	id,
	title,
	ours: true,
	packages: [],
	build: ({ tracker }) => ({
		"index.html": page({
			first: `<script src="${url}/s/${id}/gate.js"></script>`,
			script: `<script type="text/plain" data-gate="analytics" data-src="${tracker}/tag.js"></script>`,
			pixel: `<img data-gate="marketing" data-src="${tracker}/pixel.gif" width="1" height="1" alt="">`,
			frame: `<iframe data-gate="functional" data-src="${tracker}/frame.html" width="300" height="118" title="Embedded map"></iframe>`,
			settings: '<button type="button" data-og-open>Cookie settings</button>',
		}),
	}),
	selectors: { banner: "#og-panel", accept: "#og-accept", reject: "#og-reject" },
});
