// The page around the tools: the same article, style sheet and picture for all.
import zlib from "node:zlib";

const paragraphs = [
	"The old harbour has been rebuilt twice. The first time, after the storm of 1953, the town council chose granite over concrete because the quarry was only nine kilometres away and out of work.",
	"Walkers who follow the sea wall from the lighthouse to the fish market pass four tide gauges. Three of them still work, and the readings are chalked on a slate board every morning at seven.",
	"Ferries leave on the hour from April to October. In winter there is one sailing a day, weather permitting, and it carries the post, the milk and whoever has an appointment on the mainland.",
	"The library keeps a register of every vessel built here since 1871. It lists the builder, the owner, the tonnage and, in a surprising number of cases, what the owner said when the bill arrived.",
	"Two bakeries share the square. They agreed long ago that one would bake rye and the other wheat, and nobody under seventy remembers who settled the argument or what it cost.",
	"The museum opens on Thursdays. Its largest exhibit is a diving bell that was lowered exactly once, in front of the county governor, and raised rather faster than its crew had planned.",
];

export const css = `*{box-sizing:border-box}body{margin:0;font:16px/1.55 system-ui,"DejaVu Sans",sans-serif;color:#1b1b1b;background:#fff}
header,main,footer{max-width:860px;margin:0 auto;padding:16px 20px}header a{margin-right:14px}a{color:#0b4f9e}
h1{font-size:1.9rem;line-height:1.2}img.hero{display:block;width:100%;height:auto;aspect-ratio:16/6;background:#dde}
.slot{min-height:20px}.frame{width:300px;height:120px;border:1px solid #767676;margin:12px 0}iframe{border:0}
footer{border-top:1px solid #ccc;margin-top:24px;padding-bottom:60px}`;

/** A page with what a tool puts into it. first is for a tool that asks to be the
 * first in the head; the others come after the page's style sheet. */
export const page = ({ first = "", head = "", pixel = "", frame = "", script = "", settings = "", end = "" }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${first}
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>The harbour</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/host.css">
${head}
</head>
<body>
<header><nav aria-label="Main"><a href="#top">Home</a><a href="#news">News</a><a href="#visit">Visit</a></nav></header>
<main id="top">
<h1>The harbour that was built twice</h1>
<img class="hero" src="/hero.png" width="640" height="240" alt="Grey sea under a pale sky">
<p>${paragraphs[0]}</p>
<p>${paragraphs[1]}</p>
<h2 id="news">Ferries and tides</h2>
<p>${paragraphs[2]}</p>
<div class="slot">${pixel}</div>
<p>${paragraphs[3]}</p>
<h2 id="visit">Around the square</h2>
<p>${paragraphs[4]}</p>
<div class="slot frame">${frame}</div>
<p>${paragraphs[5]}</p>
</main>
<footer><p>Harbour Trust, 2026. <a href="#privacy" id="privacy">Privacy policy</a> ${settings}</p></footer>
${script}
${end}
</body>
</html>
`;

/** A picture of about 30 kB, always the same, for which the page's load waits. */
export function hero() {
	const width = 320;
	const height = 120;
	const rows = Buffer.alloc((width * 3 + 1) * height);
	let seed = 12345;
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) {
			seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
			const noise = (seed >> 16) & 7;
			rows.set([120 + y / 2 + noise, 140 + y / 2 + noise, 170 + y / 3 + noise], y * (width * 3 + 1) + 1 + x * 3);
		}
	const chunk = (type, data) => {
		const body = Buffer.concat([Buffer.from(type), data]);
		const framed = Buffer.alloc(body.length + 8);
		framed.writeUInt32BE(data.length);
		body.copy(framed, 4);
		framed.writeUInt32BE(crc32(body), body.length + 4);
		return framed;
	};
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2], 8);
	return Buffer.concat([
		Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
		chunk("IHDR", header),
		chunk("IDAT", zlib.deflateSync(rows, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

const crc32 = (bytes) => {
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
	}
	return ~crc >>> 0;
};
