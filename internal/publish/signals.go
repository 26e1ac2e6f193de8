package publish

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
)

// signal is a script of web/signal/vendor and what it is told as __SIGNAL.
type signal struct {
	vendor   string
	argument any
}

// signalScripts returns what tells vendors what is allowed, to stand before the
// gate; nothing if the site tells nobody.
func signalScripts(c *optgate.Config, paused optgate.Paused) ([]byte, error) {
	regions := grantedRegions(c)
	if len(paused.Pauses) > 0 {
		regions = nil // only the gate knows what is left
	}
	var all bytes.Buffer
	for _, s := range signals(c, regions) {
		argument, err := plainjson.Marshal(s.argument)
		if err != nil {
			return nil, fmt.Errorf("publish: encode signal %s of %s: %w", s.vendor, c.Site, err)
		}
		script, err := withArguments("signal/"+s.vendor+".js", "__SIGNAL", argument)
		if err != nil {
			return nil, err
		}
		all.Write(script)
	}
	return all.Bytes(), nil
}

// signals returns the scripts that c uses, with the regions that are not asked
// first. The event in dataLayer comes last, so
// that Google was told before anybody's rules run on it.
func signals(c *optgate.Config, regions []string) []signal {
	s, all := &c.Signals, []signal(nil)
	category := func(given, usual optgate.CategoryID) string { return deciding(c, cmp.Or(given, usual)) }
	if s.Google != nil && len(regions) > 0 {
		all = append(all, signal{"google-regions", googleByRegion(c, regions)})
	} else if s.Google != nil {
		all = append(all, signal{"google", googleArgument(c)})
	}
	if s.Microsoft != nil {
		all = append(all, signal{"microsoft", category(s.Microsoft.Category, optgate.Marketing)})
	}
	if s.Clarity != nil {
		all = append(all, signal{"clarity", decidedWords(c, s.ClarityWords())})
	}
	if m := s.Meta; m != nil {
		all = append(all, signal{"meta", trimmed(category(m.Category, optgate.Marketing), m.LimitedDataUse)})
	}
	if s.TikTok != nil {
		all = append(all, signal{"tiktok", category(s.TikTok.Category, optgate.Marketing)})
	}
	if s.Pinterest != nil {
		all = append(all, signal{"pinterest", category(s.Pinterest.Category, optgate.Marketing)})
	}
	if m := s.Matomo; m != nil {
		what := "Consent"
		if m.Cookies {
			what = "CookieConsent"
		}
		all = append(all, signal{"matomo", trimmed(category(m.Category, optgate.Analytics), what, m.Remember)})
	}
	if s.WordPress != nil {
		all = append(all, signal{"wordpress", decidedWords(c, s.WordPressWords())})
	}
	if s.DataLayer {
		all = append(all, signal{"datalayer", nil})
	}
	return all
}

// googleDefault is what Google's default says besides the words.
type googleDefault struct {
	Wait    int      `json:"wait_for_update,omitempty"`
	Regions []string `json:"region,omitempty"`
}

func googleArgument(c *optgate.Config) []any {
	g := c.Signals.Google
	var more any
	if g.WaitForUpdate > 0 || len(g.Regions) > 0 {
		more = googleDefault{g.WaitForUpdate, g.Regions}
	}
	var settings any
	switch {
	case g.Redaction && g.URLPassthrough:
		settings = []string{"ads_data_redaction", "url_passthrough"}
	case g.Redaction:
		settings = []string{"ads_data_redaction"}
	case g.URLPassthrough:
		settings = []string{"url_passthrough"}
	}
	argument := trimmed(decidedWords(c, g.Words()), more, settings)
	// The script takes what is missing for nothing, but not null.
	if len(argument) > 2 && more == nil {
		argument[1] = false
	}
	return argument
}

// grantedRegions returns the countries and parts of them in which nobody is asked
// first, as Google is told: it works out by itself where a visitor is, and takes the
// most special of what it was told. A country of which a part is asked first is not
// among them.
func grantedRegions(c *optgate.Config) []string {
	table := c.RegionTable()
	var all []string
	for region, rule := range table {
		country, part, _ := strings.Cut(string(region), "-")
		if rule > 0 && region != optgate.Region(country+"-") && (part == "" || table[optgate.Region(country)] == 0) {
			all = append(all, string(region))
		}
	}
	slices.Sort(all)
	return all
}

// googleByRegion is [googleArgument] where some regions are not asked first.
func googleByRegion(c *optgate.Config, regions []string) []any {
	argument := googleArgument(c)
	for i, missing := range []any{nil, false, []string{}} {
		if i >= len(argument) {
			argument = append(argument, missing)
		}
	}
	objected := c.GPCCategories()
	if objected == nil {
		objected = []optgate.CategoryID{}
	}
	return append(argument, regions, objected)
}

// trimmed returns values without those at the end that say nothing.
func trimmed(values ...any) []any {
	for n := len(values); n > 1; n-- {
		if last := values[n-1]; last != nil && last != false {
			return values[:n]
		}
	}
	return values[:1]
}

// wordsInOrder are encoded as an object that keeps their order.
type wordsInOrder []optgate.SignalWord

// MarshalJSON implements [json.Marshaler].
func (w wordsInOrder) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range w {
		if i > 0 {
			b.WriteByte(',')
		}
		word, _ := json.Marshal(k.Word) // a string has an encoding
		category, _ := json.Marshal(k.Category)
		b.Write(word)
		b.WriteByte(':')
		b.Write(category)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// decidedWords returns the words, each with the category that decides about it
// on this site.
func decidedWords(c *optgate.Config, words []optgate.SignalWord) wordsInOrder {
	all := slices.Clone(words)
	for i, w := range all {
		all[i].Category = optgate.CategoryID(deciding(c, w.Category))
	}
	return all
}

// deciding returns the category as the gate knows it: nothing stands for one
// that nobody is asked about, so that an answer from when it was on does not
// count.
func deciding(c *optgate.Config, id optgate.CategoryID) string {
	if id != optgate.Essential && !slices.Contains(c.Asked(), id) {
		return ""
	}
	return string(id)
}
