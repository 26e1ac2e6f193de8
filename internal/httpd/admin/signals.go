package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// signalSettings is the form for what vendors are told and what a browser's own
// signal means.
func signalSettings(echo.Context, *optgate.Config) (settings, error) {
	return settings{
		path: "/signals", name: "Signals", values: signalValues, apply: applySignals,
		fields: func(context.Context, *optgate.Config) []field { return signalFields },
		page: func(_ echo.Context, p view.EditPage) templ.Component {
			full := filled(&p.Revision.Config.Signals)
			return view.Signals(view.SignalsPage{
				EditPage: p, Google: mapped(full.Google.Words()), Clarity: mapped(full.ClarityWords()), WordPress: mapped(full.WordPressWords()),
			})
		},
	}, nil
}

var signalFields = []field{
	{"gpc", "gpc", "Global Privacy Control"},
	{"signals.google.mode", "google.mode", "Mode"}, {"signals.google.regions", "google.regions", "Regions"},
	{"signals.google.wait_for_update", "google.wait_for_update", "The time that Google waits"}, {"signals.google", "google", "Google"},
	{"signals.microsoft", "microsoft.category", "Microsoft Advertising"}, {"signals.clarity", "clarity", "Clarity"},
	{"signals.meta", "meta.category", "Meta"}, {"signals.tiktok", "tiktok.category", "TikTok"},
	{"signals.pinterest", "pinterest.category", "Pinterest"}, {"signals.matomo", "matomo.category", "Matomo"},
	{"signals.wordpress", "wordpress", "WP Consent API"},
}

// filled returns s with every vendor in it, as the form has them.
func filled(s *optgate.Signals) *optgate.Signals {
	return &optgate.Signals{
		Google:    orNew(s.Google),
		Microsoft: orNew(s.Microsoft), TikTok: orNew(s.TikTok), Pinterest: orNew(s.Pinterest),
		Clarity: orNew(s.Clarity), WordPress: orNew(s.WordPress), Meta: orNew(s.Meta), Matomo: orNew(s.Matomo),
	}
}

// orNew returns a copy of what p points to, or a new one.
func orNew[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	v := *p
	return &v
}

// mapped returns the words that a site can map: what is never asked about is not
// among them.
func mapped(words []optgate.SignalWord) []string {
	var all []string
	for _, w := range words {
		if w.Word != "security_storage" {
			all = append(all, w.Word)
		}
	}
	return all
}

// tickOf returns the value of a check box.
func tickOf(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func signalValues(c *optgate.Config) map[string]string {
	s, full := &c.Signals, filled(&c.Signals)
	values := map[string]string{
		"gpc":    tickOf(!c.GPC.Off),
		"google": tickOf(s.Google != nil), "google.mode": string(cmp.Or(full.Google.Mode, optgate.GoogleBasic)),
		"google.regions": strings.Join(full.Google.Regions, " "), "google.wait_for_update": digits(full.Google.WaitForUpdate),
		"google.ads_data_redaction": tickOf(full.Google.Redaction), "google.url_passthrough": tickOf(full.Google.URLPassthrough),
		"clarity": tickOf(s.Clarity != nil), "wordpress": tickOf(s.WordPress != nil), "datalayer": tickOf(s.DataLayer),
		"microsoft": tickOf(s.Microsoft != nil), "microsoft.category": string(cmp.Or(full.Microsoft.Category, optgate.Marketing)),
		"tiktok": tickOf(s.TikTok != nil), "tiktok.category": string(cmp.Or(full.TikTok.Category, optgate.Marketing)),
		"pinterest": tickOf(s.Pinterest != nil), "pinterest.category": string(cmp.Or(full.Pinterest.Category, optgate.Marketing)),
		"meta": tickOf(s.Meta != nil), "meta.category": string(cmp.Or(full.Meta.Category, optgate.Marketing)), "meta.limited_data_use": tickOf(full.Meta.LimitedDataUse),
		"matomo": tickOf(s.Matomo != nil), "matomo.category": string(cmp.Or(full.Matomo.Category, optgate.Analytics)),
		"matomo.cookies": tickOf(full.Matomo.Cookies), "matomo.remember": tickOf(full.Matomo.Remember),
	}
	objected := about(c.GPC)
	for _, k := range c.Categories {
		if k.ID != optgate.Essential {
			values["gpc."+string(k.ID)] = tickOf(slices.Contains(objected, k.ID))
		}
	}
	for prefix, words := range map[string][]optgate.SignalWord{
		"google.map.": full.Google.Words(), "clarity.map.": full.ClarityWords(), "wordpress.map.": full.WordPressWords(),
	} {
		for _, w := range words {
			values[prefix+w.Word] = string(w.Category)
		}
	}
	return values
}

// about returns what Global Privacy Control is about, with the default written out.
func about(g optgate.GPC) []optgate.CategoryID {
	if len(g.Categories) == 0 {
		return []optgate.CategoryID{optgate.Marketing}
	}
	return g.Categories
}

func applySignals(c *optgate.Config, typed map[string]string) {
	on := func(name string) bool { return typed[name] != "" }
	applyGPC(c, on)
	full := filled(&c.Signals)
	c.Signals = optgate.Signals{DataLayer: on("datalayer")}
	s := &c.Signals
	category := func(name string, was, usual optgate.CategoryID) optgate.CategoryID {
		if now := optgate.CategoryID(typed[name+".category"]); now != cmp.Or(was, usual) {
			return now
		}
		return was
	}
	vendor := func(name string, was *optgate.VendorSignal) *optgate.VendorSignal {
		if !on(name) {
			return nil
		}
		return &optgate.VendorSignal{Category: category(name, was.Category, optgate.Marketing)}
	}
	s.Microsoft, s.TikTok, s.Pinterest = vendor("microsoft", full.Microsoft), vendor("tiktok", full.TikTok), vendor("pinterest", full.Pinterest)
	if on("google") {
		mode := optgate.GoogleMode(typed["google.mode"])
		if mode == cmp.Or(full.Google.Mode, optgate.GoogleBasic) {
			mode = full.Google.Mode
		}
		s.Google = &optgate.GoogleSignal{
			Mode: mode, Map: mapOf(full.Google.Words(), full.Google.Map, "google.map.", typed),
			Regions:       regions(typed["google.regions"]),
			WaitForUpdate: wholeNumber(typed["google.wait_for_update"]),
			Redaction:     on("google.ads_data_redaction"), URLPassthrough: on("google.url_passthrough"),
		}
	}
	if on("clarity") {
		s.Clarity = &optgate.WordsSignal{Map: mapOf(full.ClarityWords(), full.Clarity.Map, "clarity.map.", typed)}
	}
	if on("wordpress") {
		s.WordPress = &optgate.WordsSignal{Map: mapOf(full.WordPressWords(), full.WordPress.Map, "wordpress.map.", typed)}
	}
	if on("meta") {
		s.Meta = &optgate.MetaSignal{Category: category("meta", full.Meta.Category, optgate.Marketing), LimitedDataUse: on("meta.limited_data_use")}
	}
	if on("matomo") {
		s.Matomo = &optgate.MatomoSignal{
			Category: category("matomo", full.Matomo.Category, optgate.Analytics), Cookies: on("matomo.cookies"), Remember: on("matomo.remember"),
		}
	}
}

// regions reads a list as people write it.
func regions(s string) []string {
	all := strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) })
	if len(all) == 0 {
		return nil
	}
	return all
}

// applyGPC keeps how the site says it where that means the same.
func applyGPC(c *optgate.Config, on func(string) bool) {
	c.GPC.Off = !on("gpc")
	var ticked []optgate.CategoryID
	for _, k := range c.Categories {
		if on("gpc." + string(k.ID)) {
			ticked = append(ticked, k.ID)
		}
	}
	was := about(c.GPC)
	same := len(was) == len(ticked) && !slices.ContainsFunc(ticked, func(id optgate.CategoryID) bool { return !slices.Contains(was, id) })
	if !same {
		c.GPC.Categories = ticked
	}
}

// mapOf returns who decides about each word as it was typed; was, if that means
// the same.
func mapOf(words []optgate.SignalWord, was optgate.SignalMap, prefix string, typed map[string]string) optgate.SignalMap {
	now, same := optgate.SignalMap{}, true
	for _, w := range words {
		if w.Word == "security_storage" {
			continue
		}
		id := optgate.CategoryID(typed[prefix+w.Word])
		same = same && id == w.Category
		if id != "" {
			now[id] = append(now[id], w.Word)
		}
	}
	if same {
		return was
	}
	if len(now) == 0 {
		now[optgate.Essential] = []string{} // no word at all, where an empty map would mean the usual ones
	}
	return now
}
