// An event for tag managers that work with rules of their own.
import { everywhere, say } from "../say";

say((kind, _, optgate_choices) => {
	if (kind === "update") (everywhere.dataLayer ||= []).push({ event: "optgate_consent", optgate_choices });
});
