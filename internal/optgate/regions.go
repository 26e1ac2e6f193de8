package optgate

import (
	"fmt"
	"slices"
	"strings"
)

// Region is where a visitor is: a country ("US", ISO 3166-1), a part of one
// ("US-CA", ISO 3166-2), or, in a site file, [Elsewhere].
type Region string

// Elsewhere stands in a site file for every country that it does not name.
const Elsewhere Region = "*"

// RegionRule is what holds before a visitor's answer.
type RegionRule string

// The rules, the strictest first. Whatever the rule, her answer goes before it.
const (
	OptIn    RegionRule = "opt-in"  // nothing loads before she allows it; the rule of every region that is not known
	OptOut   RegionRule = "opt-out" // all loads until she objects, and she is told how
	NoBanner RegionRule = "none"    // all loads until she objects, and nothing is shown but the control
)

// RegionRules lists every rule, the strictest first.
var RegionRules = []RegionRule{OptIn, OptOut, NoBanner}

// number returns r as the gate knows it: 0 for the strictest.
func (r RegionRule) number() int { return max(slices.Index(RegionRules, r), 0) }

// AsksFirst reports whether consent has to be asked in a country before anything
// that is not essential loads: in the EU with its outermost regions, the EEA, the
// United Kingdom with its islands, and Switzerland. No site can have another rule
// there.
func AsksFirst(country Region) bool { return slices.Contains(askFirst, string(country)) }

var askFirst = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK " +
	"AX BL GF GP MF MQ NC PF PM RE TF WF YT IS LI NO SJ GB GG GI IM JE CH")

// countries are the codes of ISO 3166-1. What geolocation says besides, such as
// "XX", "T1" or "EU", is no country.
var countries = strings.Fields("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW")

// country returns the country of r, or "" if r is no region that there is.
func (r Region) country() Region {
	if !regionPattern.MatchString(string(r)) || !slices.Contains(countries, string(r[:2])) {
		return ""
	}
	return r[:2]
}

// IsRegion reports whether s is a country, or has the form of a part of one.
func IsRegion(s string) bool { return Region(s).country() != "" }

// rest returns the rule of those parts of a country that c does not name.
func (c *Config) rest(country Region) RegionRule {
	if AsksFirst(country) {
		return OptIn
	}
	if rule, named := c.Regions[country]; named {
		return rule
	}
	if rule, named := c.Regions[Elsewhere]; named {
		return rule
	}
	return OptIn
}

// RuleIn returns the rule for a visitor in a region: that of the part of the
// country, else of the country, else of [Elsewhere]. If only the country is known,
// she may be in any part of it, and the strictest of their rules holds. What is no
// region is [OptIn]. web/gate/rule.ts is its twin, and both run
// testdata/vectors/regions.json.
func (c *Config) RuleIn(region Region) RegionRule {
	country := region.country()
	if country == "" || AsksFirst(country) {
		return OptIn
	}
	rule := c.rest(country)
	if region != country {
		if own, named := c.Regions[region]; named {
			return own
		}
		return rule
	}
	for part, own := range c.Regions {
		if strings.HasPrefix(string(part), string(country)+"-") && own.number() < rule.number() {
			rule = own
		}
	}
	return rule
}

// RegionTable returns what the gate must know of c's rules, as their place in
// [RegionRules]: of countries, of what else there is in a country ("US-"), of
// parts of countries. What is not in it, and what follows from that, is left out.
// Nil means that visitors are asked first everywhere.
func (c *Config) RegionTable() map[Region]int {
	table, lenient := map[Region]int{}, false
	put := func(at Region, rule RegionRule, follows int) {
		lenient = lenient || rule != OptIn
		if rule.number() != follows {
			table[at] = rule.number()
		}
	}
	for _, code := range countries {
		country := Region(code)
		whole, rest := c.RuleIn(country), c.rest(country)
		put(country, whole, 0)
		put(country+"-", rest, whole.number())
		for part, rule := range c.Regions {
			if strings.HasPrefix(string(part), code+"-") && !AsksFirst(country) {
				put(part, rule, rest.number())
			}
		}
	}
	if !lenient {
		return nil
	}
	return table
}

// HasRule reports whether that rule holds anywhere.
func (c *Config) HasRule(rule RegionRule) bool {
	for _, r := range c.Regions {
		if r == rule {
			return true
		}
	}
	return false
}

// LoadsBeforeAnswer reports whether there are regions where c loads what is not
// essential before an answer.
func (c *Config) LoadsBeforeAnswer() bool { return c.HasRule(OptOut) || c.HasRule(NoBanner) }

// maySayNothing reports whether a record may leave a category out that its
// revision asks about: where all loads until she objects, what a visitor left as
// it was is no yes, and is not recorded as one.
func (r *Record) maySayNothing(c *Config) bool { return r.Action == Save && c.LoadsBeforeAnswer() }

// regionField returns where a region stands in a site file.
func regionField(r Region) string { return fmt.Sprintf("regions.%.40s", r) }

// regions checks that regions are ones and may have their rules.
func (v *validator) regions() {
	if len(v.c.Regions) > maxRegions {
		v.fail("regions", "are more than %d", maxRegions)
	}
	for _, region := range keysOf(v.c.Regions, nil) {
		rule, field := v.c.Regions[region], regionField(region)
		if !oneOf(rule, RegionRules) {
			v.fail(field, "is one of %s", list(RegionRules))
			continue
		}
		switch country := region.country(); {
		case region == Elsewhere:
		case region == "UK" || strings.HasPrefix(string(region), "UK-"):
			v.fail(field, "is written GB")
		case region == "EL":
			v.fail(field, "is written GR")
		case country == "":
			v.fail(field, `is no region of ISO 3166: write a country such as US, a part of one such as US-CA, or "*" for all others`)
		case rule != OptIn && AsksFirst(country):
			v.fail(field, "is opt-in: in the EU, the EEA, the United Kingdom and Switzerland nothing may load before it is allowed")
		}
	}
	if v.c.GPC.Off && v.c.LoadsBeforeAnswer() {
		v.fail("gpc.off", "is false where regions are opt-out or none: Global Privacy Control is an objection there, which has to be honoured")
	}
	if v.c.Hold == HoldThirdParty && v.c.LoadsBeforeAnswer() {
		v.fail("hold", "is known or off where regions are opt-out or none: a page whose browser was told to block all third parties cannot be told otherwise once the region is known")
	}
	if g := v.c.Signals.Google; g != nil && len(g.Regions) > 0 && v.c.LoadsBeforeAnswer() {
		v.fail("signals.google.regions", "follow from regions: leave them out")
	}
}

// regions notes changes of rules. None is material: no answer becomes another one
// by them. A yes and a no hold under every rule; what was not answered is recorded
// nowhere, and is asked about where the new rule is to ask.
func (d *differ) regions() {
	for _, region := range keysOf(d.before.Regions, d.after.Regions) {
		was, before := d.before.Regions[region]
		is, after := d.after.Regions[region]
		c := Change{Kind: Changed, Subject: "region", Name: string(region), From: string(was), To: string(is)}
		switch {
		case !before:
			c.Kind = Added
		case !after:
			c.Kind = Removed
		case was == is:
			continue
		}
		d.add(c, "")
	}
}
