// Vendors whose snippet does nothing if their function is there already: we must
// not make it, and yet our calls have to come before the page's own.
import { everywhere } from "./say";

/** Returns what calls the vendor's function of that name: at once if the page's
 * snippet has made it and it is ready, else when somebody is about to call it.
 * Until then the name is watched; afterwards it is a plain one again. */
export const caller = (name: string, isReady: (vendor: any) => unknown): ((...call: unknown[]) => void) => {
	let vendor = everywhere[name];
	let waiting: unknown[][] | undefined = [];
	const look = () => {
		if (waiting && vendor && isReady(vendor)) {
			const calls = waiting;
			waiting = undefined;
			Object.defineProperty(everywhere, name, { value: vendor, writable: true });
			for (const call of calls) vendor(...call);
		}
		return vendor;
	};
	Object.defineProperty(everywhere, name, {
		configurable: true,
		enumerable: true,
		get: look,
		set(made) {
			vendor = made;
		},
	});
	look();
	return (...call) => {
		if (waiting) waiting.push(call);
		else everywhere[name](...call);
	};
};
