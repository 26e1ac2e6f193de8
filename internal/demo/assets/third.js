// Shows what the third parties received, as it comes in.
const table = document.querySelector("[data-hits]");
const body = table?.querySelector("tbody");
const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
let shown = "";

function row(hit) {
	const tr = document.createElement("tr");
	for (const text of [time.format(new Date(hit.time)), hit.vendor, hit.category, hit.path]) {
		const td = document.createElement("td");
		td.textContent = text;
		tr.append(td);
	}
	tr.dataset.category = hit.category;
	return tr;
}

async function refresh() {
	try {
		const text = await (await fetch("/log.json", { cache: "no-store" })).text();
		if (text !== shown) {
			const hits = JSON.parse(text);
			body.replaceChildren(...hits.map(row));
			table.hidden = hits.length === 0;
			document.querySelector("[data-empty]").hidden = hits.length > 0;
			for (const li of document.querySelectorAll("[data-sums] li"))
				li.firstElementChild.textContent = hits.filter((hit) => hit.category === li.dataset.category).length;
			shown = text;
		}
	} catch {
		// The demo was stopped, or starts again: the next round will tell.
	}
	setTimeout(refresh, 1000);
}

if (body) refresh();
