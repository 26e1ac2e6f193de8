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
	const everywhere = window as any;
	if (everywhere.optgate?.version) throw "twice";
	documents(everywhere);
	(everywhere.optgate ||= []).push(() => {
		for (const event of ["ready", "change"]) everywhere.optgate.on(event, replay);
	});
}
