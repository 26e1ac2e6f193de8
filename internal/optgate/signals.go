package optgate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Signals names the vendors that are told what a visitor allows, in their own
// words, besides being held. Nil means that a vendor is not told.
type Signals struct {
	Google    *GoogleSignal `json:"google,omitempty" yaml:"google"`       // Consent Mode v2
	Microsoft *VendorSignal `json:"microsoft,omitempty" yaml:"microsoft"` // UET, of Microsoft Advertising
	Clarity   *WordsSignal  `json:"clarity,omitempty" yaml:"clarity"`     // Consent API v2
	Meta      *MetaSignal   `json:"meta,omitempty" yaml:"meta"`
	TikTok    *VendorSignal `json:"tiktok,omitempty" yaml:"tiktok"`
	Pinterest *VendorSignal `json:"pinterest,omitempty" yaml:"pinterest"`
	Matomo    *MatomoSignal `json:"matomo,omitempty" yaml:"matomo"`
	WordPress *WordsSignal  `json:"wordpress,omitempty" yaml:"wordpress"` // WP Consent API
	DataLayer bool          `json:"datalayer,omitempty" yaml:"datalayer"` // an event in window.dataLayer
}

// SignalMap says which of a vendor's words each category decides about. A word
// is granted while its category is allowed; a word of no category never is.
type SignalMap map[CategoryID][]string

// GoogleMode says what Google's tags do before the visitor's answer.
type GoogleMode string

// The modes of [GoogleSignal].
const (
	GoogleBasic    GoogleMode = "basic"    // they are held like any other; the default
	GoogleAdvanced GoogleMode = "advanced" // they load, told that all is denied
)

// GoogleSignal is Google Consent Mode v2.
type GoogleSignal struct {
	Mode           GoogleMode `json:"mode,omitempty" yaml:"mode"`                             // empty means basic
	Map            SignalMap  `json:"map,omitempty" yaml:"map"`                               // empty: see [GoogleSignal.Words]
	Regions        []string   `json:"regions,omitempty" yaml:"regions"`                       // ISO 3166-2, where the default is said; empty: everywhere
	WaitForUpdate  int        `json:"wait_for_update,omitempty" yaml:"wait_for_update"`       // milliseconds
	Redaction      bool       `json:"ads_data_redaction,omitempty" yaml:"ads_data_redaction"` // no click ids while ad_storage is denied
	URLPassthrough bool       `json:"url_passthrough,omitempty" yaml:"url_passthrough"`       // click ids in the site's own links instead of cookies
}

// VendorSignal is a vendor who knows only yes or no.
type VendorSignal struct {
	Category CategoryID `json:"category,omitempty" yaml:"category"` // empty means marketing
}

// WordsSignal is a vendor with several words.
type WordsSignal struct {
	Map SignalMap `json:"map,omitempty" yaml:"map"` // empty: see [Signals.ClarityWords] and [Signals.WordPressWords]
}

// MetaSignal is the Meta pixel.
type MetaSignal struct {
	Category       CategoryID `json:"category,omitempty" yaml:"category"`                 // empty means marketing
	LimitedDataUse bool       `json:"limited_data_use,omitempty" yaml:"limited_data_use"` // as for California
}

// MatomoSignal is Matomo.
type MatomoSignal struct {
	Category CategoryID `json:"category,omitempty" yaml:"category"` // empty means analytics
	Cookies  bool       `json:"cookies,omitempty" yaml:"cookies"`   // consent is needed for its cookies alone: without, it counts without them
	Remember bool       `json:"remember,omitempty" yaml:"remember"` // Matomo keeps the consent itself, for pages without the gate
}

// DecidedBy returns the category of m that decides about a vendor's word, or "".
func (m SignalMap) DecidedBy(word string) CategoryID {
	for id, words := range m {
		if slices.Contains(words, word) {
			return id
		}
	}
	return ""
}

// String returns m in a line, in a fixed order.
func (m SignalMap) String() string {
	parts := make([]string, 0, len(m))
	for id, words := range m {
		parts = append(parts, string(id)+": "+strings.Join(words, ", "))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// otherwise returns m, or else usual if m is empty.
func (m SignalMap) otherwise(usual SignalMap) SignalMap {
	if len(m) == 0 {
		return usual
	}
	return m
}

// The words that vendors know, and who decides about them if a site does not say.
var (
	googleWords = []string{"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage", "personalization_storage"}
	googleUsual = SignalMap{
		Marketing:  {"ad_storage", "ad_user_data", "ad_personalization"},
		Analytics:  {"analytics_storage"},
		Functional: {"functionality_storage", "personalization_storage"},
	}
	clarityWords   = []string{"ad_Storage", "analytics_Storage"}
	clarityUsual   = SignalMap{Marketing: {"ad_Storage"}, Analytics: {"analytics_Storage"}}
	wordPressWords = []string{"functional", "preferences", "statistics", "statistics-anonymous", "marketing"}
	wordPressUsual = SignalMap{
		Essential: {"functional"}, Functional: {"preferences"}, Analytics: {"statistics", "statistics-anonymous"}, Marketing: {"marketing"},
	}

	// Without asking, a vendor may only be told to do what the page itself needs.
	essentialWords = []string{"functionality_storage", "personalization_storage", "functional"}
)

// SignalWord is a word of a vendor and the category that decides about it, empty
// if none does.
type SignalWord struct {
	Word     string
	Category CategoryID
}

// inOrder returns all words of a vendor with who decides about them.
func (m SignalMap) inOrder(words []string) []SignalWord {
	all := make([]SignalWord, len(words))
	for i, word := range words {
		all[i] = SignalWord{word, m.DecidedBy(word)}
	}
	return all
}

// Words returns all words of Consent Mode. If the site does not say otherwise,
// marketing decides about advertising, analytics about analytics_storage,
// functional about the rest; security is essential.
func (g *GoogleSignal) Words() []SignalWord {
	return append(g.Map.otherwise(googleUsual).inOrder(googleWords), SignalWord{"security_storage", Essential})
}

// ClarityWords returns all words of Clarity: if the site does not say otherwise,
// marketing decides about ads, analytics about analytics.
func (s *Signals) ClarityWords() []SignalWord {
	return s.Clarity.Map.otherwise(clarityUsual).inOrder(clarityWords)
}

// WordPressWords returns all words of the WP Consent API. If the site does not
// say otherwise, functional is essential there, and the preferences are ours that
// are functional.
func (s *Signals) WordPressWords() []SignalWord {
	return s.WordPress.Map.otherwise(wordPressUsual).inOrder(wordPressWords)
}

// signalSetting is one part of what a vendor is told, for people.
type signalSetting struct{ field, value string }

// settings returns everything that s says, by vendor, with defaults written out.
// A vendor who is not told is not in it.
func (s *Signals) settings() map[string][]signalSetting {
	all := map[string][]signalSetting{}
	if g := s.Google; g != nil {
		all["Google"] = []signalSetting{
			{"mode", string(cmp.Or(g.Mode, GoogleBasic))},
			{"map", g.Map.otherwise(googleUsual).String()},
			{"regions", strings.Join(g.Regions, ", ")},
			{"wait_for_update", strconv.Itoa(g.WaitForUpdate)},
			{"ads_data_redaction", strconv.FormatBool(g.Redaction)},
			{"url_passthrough", strconv.FormatBool(g.URLPassthrough)},
		}
	}
	for name, v := range map[string]*VendorSignal{"Microsoft": s.Microsoft, "TikTok": s.TikTok, "Pinterest": s.Pinterest} {
		if v != nil {
			all[name] = []signalSetting{{"category", string(cmp.Or(v.Category, Marketing))}}
		}
	}
	if s.Clarity != nil {
		all["Clarity"] = []signalSetting{{"map", s.Clarity.Map.otherwise(clarityUsual).String()}}
	}
	if m := s.Meta; m != nil {
		all["Meta"] = []signalSetting{
			{"category", string(cmp.Or(m.Category, Marketing))}, {"limited_data_use", strconv.FormatBool(m.LimitedDataUse)},
		}
	}
	if m := s.Matomo; m != nil {
		all["Matomo"] = []signalSetting{
			{"category", string(cmp.Or(m.Category, Analytics))},
			{"cookies", strconv.FormatBool(m.Cookies)}, {"remember", strconv.FormatBool(m.Remember)},
		}
	}
	if s.WordPress != nil {
		all["WordPress"] = []signalSetting{{"map", s.WordPress.Map.otherwise(wordPressUsual).String()}}
	}
	if s.DataLayer {
		all["dataLayer"] = nil
	}
	return all
}

// signals notes changes of who is told. Nothing more is loaded or stored by it
// than a visitor allowed, so none is material.
func (d *differ) signals() {
	old, now := d.before.Signals.settings(), d.after.Signals.settings()
	for _, vendor := range keysOf(old, now) {
		c := Change{Subject: "signal", Name: vendor}
		was, before := old[vendor]
		is, after := now[vendor]
		switch {
		case !before:
			c.Kind = Added
			d.add(c, "")
		case !after:
			c.Kind = Removed
			d.add(c, "")
		default:
			for i := range is {
				d.value(c, is[i].field, was[i].value, is[i].value, "")
			}
		}
	}
}
