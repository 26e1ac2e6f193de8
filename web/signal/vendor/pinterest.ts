// Pinterest tag. The consent must be said between "load" and "page".
import { say } from "../say";
import { caller } from "../caller";

declare const __SIGNAL: string; // category

const pintrk = caller("pintrk", (made) => made.queue?.[0]);
say((_, allows) => pintrk("setconsent", allows(__SIGNAL)));
