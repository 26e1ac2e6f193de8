// Holds what no tag marks.
import { matcher, type Policy } from "./policy";

/** The server calls the built script with the site's policy under this name. */
declare const __HOLD: Policy;

const script = document.currentScript as HTMLScriptElement;

/** Which address needs which categories. */
const match = matcher(__HOLD, location.hostname, new URL(script.src).hostname);
void match;
