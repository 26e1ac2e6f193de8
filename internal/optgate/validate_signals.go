package optgate

import (
	"cmp"
	"fmt"
	"slices"
)

const (
	maxWait    = 10_000 // milliseconds
	maxRegions = 300
)

func (v *validator) signals() {
	s := &v.c.Signals
	if g := s.Google; g != nil {
		const field = "signals.google"
		if modes := []GoogleMode{GoogleBasic, GoogleAdvanced}; g.Mode != "" && !oneOf(g.Mode, modes) {
			v.fail(field+".mode", "is one of %s", list(modes))
		}
		v.signalMap(field, g.Map, googleWords)
		if len(g.Regions) > maxRegions {
			v.fail(field+".regions", "are more than %d", maxRegions)
		}
		for i, region := range g.Regions {
			if !regionPattern.MatchString(region) {
				v.fail(fmt.Sprintf("%s.regions[%d]", field, i), "is a region such as DE or US-CA")
			}
		}
		if g.WaitForUpdate < 0 || g.WaitForUpdate > maxWait {
			v.fail(field+".wait_for_update", "is 0 to %d milliseconds", maxWait)
		}
	}
	if s.Clarity != nil {
		v.signalMap("signals.clarity", s.Clarity.Map, clarityWords)
	}
	if s.WordPress != nil {
		v.signalMap("signals.wordpress", s.WordPress.Map, wordPressWords)
	}
	if s.Microsoft != nil {
		v.signalCategory("signals.microsoft", cmp.Or(s.Microsoft.Category, Marketing))
	}
	if s.Meta != nil {
		v.signalCategory("signals.meta", cmp.Or(s.Meta.Category, Marketing))
	}
	if s.TikTok != nil {
		v.signalCategory("signals.tiktok", cmp.Or(s.TikTok.Category, Marketing))
	}
	if s.Pinterest != nil {
		v.signalCategory("signals.pinterest", cmp.Or(s.Pinterest.Category, Marketing))
	}
	if s.Matomo != nil {
		v.signalCategory("signals.matomo", cmp.Or(s.Matomo.Category, Analytics))
	}
}

// signalCategory notes a fault if nobody is asked about what a vendor is told.
func (v *validator) signalCategory(field string, id CategoryID) {
	if id == Essential {
		v.fail(field+".category", "is not essential: visitors have to be asked")
		return
	}
	v.category(field+".category", id)
}

// signalMap checks that each word is one of the vendor's and decided once.
func (v *validator) signalMap(field string, m SignalMap, words []string) {
	seen := map[string]CategoryID{}
	for _, id := range keysOf(m, nil) {
		at := fmt.Sprintf("%s.map.%s", field, id)
		v.category(at, id)
		for _, word := range m[id] {
			other, twice := seen[word]
			switch {
			case !slices.Contains(words, word):
				v.fail(at, "%.40q is not one of %s", word, list(words))
			case twice:
				v.fail(at, "%q is decided by %s already", word, other)
			case id == Essential && !slices.Contains(essentialWords, word):
				v.fail(at, "%q is not essential: visitors have to be asked", word)
			}
			seen[word] = id
		}
	}
}
