// The website with all peers' pages, and the tracker whose requests are counted.
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png" };

const listen = (handler) =>
	new Promise((resolve) => {
		const server = http.createServer(handler);
		server.keepAliveTimeout = 60_000;
		server.listen(0, "127.0.0.1", () => resolve({ origin: `http://127.0.0.1:${server.address().port}` }));
	});

const brotli = (body) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: body.length } });

/** Serves files, a Map by path, as small as brotli makes them. */
export async function serveFiles(files) {
	const ready = new Map();
	return listen((req, res) => {
		let name = new URL(req.url, "http://site").pathname;
		if (name.endsWith("/")) name += "index.html";
		const body = files.get(name);
		if (body == null) return res.writeHead(404).end();
		const picture = name.endsWith(".png");
		if (!ready.has(name)) ready.set(name, picture ? body : brotli(Buffer.from(body)));
		const bytes = ready.get(name);
		res.writeHead(200, {
			"content-type": types[path.extname(name)],
			"content-length": bytes.length,
			"cache-control": name.endsWith(".html") ? "no-cache" : "public, max-age=31536000, immutable",
			...(picture ? {} : { "content-encoding": "br" }),
		});
		res.end(bytes);
	});
}

const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const answers = {
	"/pixel.gif": ["image/gif", gif],
	"/tag.js": ["text/javascript", "window.tagRan=1;"],
	"/frame.html": ["text/html", '<!doctype html><html lang="en"><title>Embedded map</title><p>embedded</p>'],
};

/** Serves a pixel, a script and a frame, and keeps their paths in hits. */
export async function serveTracker() {
	const hits = [];
	const server = await listen((req, res) => {
		const name = new URL(req.url, "http://tracker").pathname;
		const [type, body] = answers[name] || ["text/plain", ""];
		if (answers[name]) hits.push(name);
		res.writeHead(200, { "content-type": type, "cache-control": "no-store", "access-control-allow-origin": "*", "timing-allow-origin": "*" });
		res.end(body);
	});
	return { ...server, hits };
}
