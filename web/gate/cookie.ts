// The content of the choice cookie. Twin of internal/optgate/cookie.go; both
// run internal/optgate/testdata/vectors/cookie.json.
import { type Choices, noAnswers } from "./decide";

export interface Choice {
	revision: number;
	/** Unix seconds. */
	at: number;
	choices: Choices;
}

/** "1.<revision>.<unix seconds>.<category>:<0|1>,...", categories sorted. */
export const formatChoice = ({ revision, at, choices }: Choice): string =>
	`1.${revision}.${at}.${Object.keys(choices).sort().map((id) => `${id}:${+choices[id]}`)}`;

/** Reads what formatChoice wrote. Anything else is null: a cookie in doubt is
 * no choice. */
export const parseChoice = (text: string): Choice | null => {
	const parts =
		/^1\.([1-9]\d{0,8})\.(0|[1-9]\d{0,11})\.(([a-z][a-z0-9_-]{0,31}:[01](,(?=.)|$))*)$/.exec(text);
	if (!parts) return null;
	const choices = noAnswers();
	for (const [, id, yes] of parts[3].matchAll(/([^,]+):(.)/g)) {
		if (id in choices) return null;
		choices[id] = yes > "0";
	}
	return { revision: +parts[1], at: +parts[2], choices };
};
