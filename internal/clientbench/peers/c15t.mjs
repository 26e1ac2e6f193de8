import { brought, modules } from "../brought.mjs";
import { page } from "../host.mjs";
import { words } from "../words.mjs";

// Its quickstart's components for React in a minimal app, without its backend.
// React is in the bytes; a site that has it anyway pays less.
const bundle = async (tracker) => {
	const { outputFiles } = await brought("esbuild").build({
		entryPoints: [new URL("c15t.jsx", import.meta.url).pathname],
		nodePaths: [modules],
		outdir: "/",
		write: false,
		bundle: true,
		minify: true,
		format: "iife",
		target: "es2020",
		jsx: "automatic",
		logLevel: "error",
		conditions: ["production", "import", "browser"],
		define: { "process.env.NODE_ENV": '"production"', WORDS: JSON.stringify(words), TRACKER: JSON.stringify(tracker) },
	});
	return Object.fromEntries(outputFiles.map(({ path, text }) => [path.slice(1), text]));
};

export default {
	id: "c15t",
	title: "c15t",
	packages: ["c15t"],
	build: async ({ tracker }) => ({
		...(await bundle(tracker)),
		"index.html": page({
			head: '<link rel="stylesheet" href="c15t.css">\n<script defer src="c15t.js"></script>',
			pixel: '<span id="pixel"></span>',
			frame: `<iframe data-category="functionality" data-src="${tracker}/frame.html" width="300" height="118" title="Embedded map"></iframe>`,
			settings: '<span id="settings"></span>',
			end: '<div id="root"></div>',
		}),
	}),
	selectors: { banner: '[data-testid="consent-banner-card"]', accept: '[data-testid="consent-banner-accept-button"]', reject: '[data-testid="consent-banner-reject-button"]' },
};
