/** Runs in the page before anything else and keeps what happens as `bench`. */
export function probe({ poll, banner, accept }) {
	if (window !== window.top) return;
	const find = (selector) => selector && document.querySelector(selector);
	const opacity = (el) => {
		let product = 1;
		for (let node = el; node && product; node = node.parentElement) product *= +getComputedStyle(node).opacity;
		return product;
	};
	/** How much of an element's box is in the window, how opaque, and where. */
	const look = (el) => {
		if (!el?.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return { share: 0, opaque: 0 };
		const r = el.getBoundingClientRect();
		if (r.width < 20 || r.height < 10) return { share: 0, opaque: 0 };
		const width = Math.max(0, Math.min(r.right, innerWidth) - Math.max(r.left, 0));
		const height = Math.max(0, Math.min(r.bottom, innerHeight) - Math.max(r.top, 0));
		return { share: (width * height) / (r.width * r.height), opaque: opacity(el), at: [r.left, r.top, r.width, r.height].join() };
	};
	const bench = {
		visible: null,
		settled: null,
		shift: 0,
		long: [],
		events: [],
		clicks: [],
		shows: (selector) => look(find(selector)).share > 0.5,
		middle: (selector) => {
			const el = find(selector);
			el?.scrollIntoView({ block: "nearest" });
			const r = el?.getBoundingClientRect();
			return r?.width ? { x: r.x + r.width / 2, y: r.y + r.height / 2 } : null;
		},
	};
	Object.defineProperty(window, "bench", { value: bench });
	const observe = (type, note, more) =>
		new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
	observe("layout-shift", (e) => {
		if (!e.hadRecentInput) bench.shift += e.value;
	});
	observe("longtask", (e) => bench.long.push(e.duration));
	observe("paint", (e) => {
		if (e.name === "first-contentful-paint") bench.fcp = e.startTime;
	});
	observe("largest-contentful-paint", (e) => {
		bench.lcp = { at: e.startTime, banner: !e.element?.closest("header,main,footer") };
	});
	const note = (e) => /^click$|^pointer(down|up)$/.test(e.name) && bench.events.push(e.duration);
	observe("event", note, { durationThreshold: 16 });
	addEventListener("click", (e) => bench.clicks.push(performance.timeOrigin + e.timeStamp), true);
	if (!poll || !banner) return;

	// Settled: wholly in the window, opaque, and still for three frames.
	let last;
	let same = 0;
	const tick = (now) => {
		const { share, opaque, at } = look(find(banner));
		if (bench.visible === null && share >= 0.5 && opaque >= 0.5) {
			bench.visible = now;
			window.benchFirstFrame?.(bench.middle(accept));
		}
		const still = share >= 0.99 && opaque >= 0.99 && at === last;
		if (!still) bench.stillSince = now;
		same = still ? same + 1 : 0;
		last = at;
		if (same >= 3) bench.settled = bench.stillSince;
		else requestAnimationFrame(tick);
	};
	requestAnimationFrame(tick);
}
