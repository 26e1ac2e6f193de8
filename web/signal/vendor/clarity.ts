// Microsoft Clarity, Consent API v2.
import { everywhere, say, words } from "../say";

declare const __SIGNAL: Record<string, string>; // category by word

// The queue that Clarity's own snippet would make, and keeps if it is there.
everywhere.clarity ||= function () {
	(everywhere.clarity.q ||= []).push(arguments);
};
say((_, allows) => everywhere.clarity("consentv2", words(__SIGNAL, allows)));
