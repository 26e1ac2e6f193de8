// Which rule holds where a visitor is. Nothing here touches the page, so the same
// vectors test it and its twin in Go, internal/optgate/regions.go.

/** Rules by region, as the server worked them out: of a country, of what else there
 * is in it ("US-"), of a part of it. */
export type Rules = Record<string, number>;

/** All loads until she objects. The rule before it, 0, is to ask first; with the
 * one behind it, 2, nothing is shown. */
export const optOut = 1;

/** The rule in a region: to ask first, if it is none or not known. */
export const ruleIn = (rules: Rules, region: unknown): number => {
	const found = typeof region === "string" && /^([A-Z]{2})(-[A-Z\d]{1,3})?$/.exec(region);
	if (!found) return 0;
	const [whole, country, part] = found;
	return (part ? rules[whole] ?? rules[country + "-"] : undefined) ?? rules[country] ?? 0;
};
