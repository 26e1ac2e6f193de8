// The demo shop's own script: what a site does with the gate's API, and what
// belongs to the shop itself.

// Settings: shown at once, kept only with the visitor's leave.
const key = document.documentElement.dataset.site === "tiertime" ? "tt_settings" : "cetus_settings";
const select = document.querySelector("[data-setting]");
const rates = { EUR: ["€", 1], USD: ["$", 1.1], GBP: ["£", 0.85] };

function showPrices() {
	const [sign, rate] = rates[select.value];
	for (const price of document.querySelectorAll("[data-price]")) price.textContent = sign + Math.round(price.value * rate);
}

function restore() {
	if (!select) return;
	const kept = localStorage.getItem(key);
	if (rates[kept]) select.value = kept;
	else localStorage.setItem(key, select.value);
	showPrices();
}

function forget() {
	localStorage.removeItem(key);
}

select?.addEventListener("change", () => {
	showPrices();
	if (window.optgate.allows?.("functional")) localStorage.setItem(key, select.value);
});

// The basket is essential: it exists because somebody put something into it.
const count = document.querySelector("[data-basket]");

function basket() {
	const cookie = document.cookie.split("; ").find((c) => c.startsWith("store_cart="));
	return cookie ? cookie.slice("store_cart=".length).split(".").filter(Boolean) : [];
}

function showBasket() {
	const n = basket().length;
	count.hidden = n === 0;
	count.textContent = n;
}

document.addEventListener("click", (event) => {
	const add = event.target.closest("[data-add]");
	if (!add) return;
	const items = [...basket(), add.dataset.add].slice(-99);
	document.cookie = `store_cart=${items.join(".")}; path=/demo/; max-age=1209600; samesite=lax`;
	showBasket();
	document.querySelector("[data-added]").textContent = `In your basket: ${items.length}`;
});

if (count) showBasket();

// Calls made before the gate has loaded wait in this array. If it never loads,
// the notes stay, and the page works without what they stand for. If it is there
// already, this runs at once, and so comes last.
window.optgate = window.optgate || [];
optgate.push(() => {
	const update = () => {
		const remembers = optgate.allows("functional");
		for (const hint of document.querySelectorAll("[data-forgotten]")) hint.hidden = remembers;
		remembers ? restore() : forget();
	};
	optgate.on("ready", update);
	optgate.on("change", update);
});
