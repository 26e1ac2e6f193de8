// Holds what page code inserts and the site did not mark. Whatever browsers have
// to ask the network for something is wrapped, in the page and in every frame
// that page code can reach. What is held is replayed when it is allowed.
import { calls } from "./calls";
import { documents } from "./documents";
import { replay, worker } from "./later";

if (worker) {
	calls(self);
	if (/^http/.test(worker)) Object.defineProperty(self, "location", { value: new URL(worker) });
} else {
	documents(window);
	// The gate stands before.
	for (const event of ["ready", "change"]) (window as any).optgate.on(event, replay);
}
