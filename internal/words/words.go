// Package words holds all that visitors read, one file per language, so that a
// translator reviews one file and a program needs no template to find a word.
package words

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Words are the visible words of one language. They are shared: read them only.
type Words struct {
	Language    string               `yaml:"-"`       // the file's tag, e.g. "de"
	Name        string               `yaml:"name"`    // of the language, in itself
	Control     string               `yaml:"control"` // the label of the control that stays on each page
	Banner      Banner               `yaml:"banner"`
	OptOut      OptOut               `yaml:"opt_out"`
	Buttons     Buttons              `yaml:"buttons"`
	Preferences Preferences          `yaml:"preferences"`
	Placeholder Placeholder          `yaml:"placeholder"`
	Form        Form                 `yaml:"form"`
	Own         Own                  `yaml:"own"`
	Declaration Declaration          `yaml:"declaration"`
	History     History              `yaml:"history"`
	Kinds       map[string]string    `yaml:"kinds"`      // by kind of stored thing
	Categories  map[string]Heading   `yaml:"categories"` // the four standard ones, by id
	Errors      map[string]ErrorText `yaml:"errors"`     // see [Words.Error]
	Comma       string               `yaml:"comma"`      // between the items of a list
	Dates       string               `yaml:"date"`       // pattern of {day}, {month}, {year}
	Months      []string             `yaml:"months"`

	tag language.Tag
}

// Banner is said on the first layer.
type Banner struct {
	Title        string `yaml:"title"`
	Body         string `yaml:"body"`
	Again        string `yaml:"again"`         // instead of the body, if only some purposes are asked again
	Asks         string `yaml:"asks"`          // who asks for what: {controller}, {purposes}
	ThirdParties Plural `yaml:"third_parties"` // {count}
	Holds        Plural `yaml:"holds"`         // {count} days, {control}
	GPC          string `yaml:"gpc"`           // of the browser's signal: {categories}
}

// OptOut is said where all loads until the visitor objects.
type OptOut struct {
	Body   string `yaml:"body"`
	Uses   string `yaml:"uses"`   // who uses it for what: {controller}, {purposes}
	Object string `yaml:"object"` // the button
	Note   string `yaml:"note"`   // on pages, where nobody knows the reader's region
}

// Buttons are the whole labels of buttons.
type Buttons struct {
	RejectAll string `yaml:"reject_all"`
	AcceptAll string `yaml:"accept_all"`
	Customise string `yaml:"customise"`
	Save      string `yaml:"save"`
	Close     string `yaml:"close"`
	Withdraw  string `yaml:"withdraw"`
}

// Preferences are said on the second layer.
type Preferences struct {
	Title      string `yaml:"title"`
	Intro      string `yaml:"intro"`
	AlwaysOn   string `yaml:"always_on"`
	Services   string `yaml:"services"`
	Reason     string `yaml:"reason"`
	Stored     string `yaml:"stored"`
	Policy     string `yaml:"policy"`
	PolicyOf   string `yaml:"policy_of"` // {name}
	Controller string `yaml:"controller"`
	Contact    string `yaml:"contact"`
	YourChoice string `yaml:"your_choice"` // {date}
	Saved      string `yaml:"saved"`
	Cleared    string `yaml:"cleared"`
}

// Placeholder is said in the place of a frame that is held.
type Placeholder struct {
	Body   string `yaml:"body"` // {host}, {category}
	Once   string `yaml:"once"`
	Always string `yaml:"always"` // {category}
}

// Form is said on the page without JavaScript, beside what the second layer says.
type Form struct {
	NoChoice    string `yaml:"no_choice"`
	Problem     string `yaml:"problem"`
	Back        string `yaml:"back"`
	Language    string `yaml:"language"`
	Declaration string `yaml:"declaration"`
}

// Own is said where a visitor sees her own records, and what a receipt says.
type Own struct {
	Title        string `yaml:"title"`
	Allowed      string `yaml:"allowed"` // {purposes}
	Refused      string `yaml:"refused"` // {purposes}
	Download     string `yaml:"download"`
	DownloadPage string `yaml:"download_page"`
	Erase        string `yaml:"erase"`     // the button
	EraseAsk     string `yaml:"erase_ask"` // before it
	Erased       string `yaml:"erased"`    // {count}
	Stays        string `yaml:"stays"`     // what no erasure takes away
	Receipt      string `yaml:"receipt"`
	Check        string `yaml:"check"` // the page and its button
	CheckIntro   string `yaml:"check_intro"`
	Genuine      string `yaml:"genuine"`
	Forged       string `yaml:"forged"`
	OtherSite    string `yaml:"other_site"` // {site}
	Held         string `yaml:"held"`       // the ledger holds the receipt's record
	Gone         string `yaml:"gone"`       // it was erased
	Missing      string `yaml:"missing"`    // the ledger holds something else
}

// Declaration is said on the page that lists services and cookies.
type Declaration struct {
	Title         string `yaml:"title"`
	Intro         string `yaml:"intro"`
	Revision      string `yaml:"revision"` // {number}
	Published     string `yaml:"published"`
	Effective     string `yaml:"effective"` // {date}
	NothingStored string `yaml:"nothing_stored"`
	None          string `yaml:"none"`
	Service       string `yaml:"service"`
	StoredName    string `yaml:"stored_name"`
	Provider      string `yaml:"provider"`
	Hosts         string `yaml:"hosts"`
	Purpose       string `yaml:"purpose"`
	Category      string `yaml:"category"`
	Duration      string `yaml:"duration"`
	Kind          string `yaml:"kind"`
	Country       string `yaml:"country"`
	Policy        string `yaml:"policy"`
}

// History is said on the page that lists a site's revisions.
type History struct {
	Title   string `yaml:"title"`
	Intro   string `yaml:"intro"`
	First   string `yaml:"first"` // of the first revision
	Added   string `yaml:"added"`
	Removed string `yaml:"removed"`
	Changed string `yaml:"changed"`
	Asks    string `yaml:"asks"`  // of a material change
	Other   string `yaml:"other"` // what has no word of its own
	Older   string `yaml:"older"` // the link to the next page
}

// Heading is a title and the sentence under it.
type Heading struct {
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
}

// ErrorText is what a person reads instead of the page that she wanted.
type ErrorText struct {
	Title  string `yaml:"title"`
	Detail string `yaml:"detail"`
}

// Plural is a sentence for each plural form of the Unicode CLDR that its
// language has: zero, one, two, few, many, other. A sentence under "zero" is
// said of none in every language.
type Plural map[string]string

// pluralForms names the forms as plural.Form counts them.
var pluralForms = [...]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// count returns the sentence of p that fits n.
func (w *Words) count(p Plural, n int) string {
	form := pluralForms[plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0)]
	if n == 0 {
		form = "zero"
	}
	s, ok := p[form]
	if !ok {
		s = p["other"]
	}
	return strings.ReplaceAll(s, "{count}", strconv.Itoa(n))
}

// Asks says who asks for which purposes.
func (w *Words) Asks(controller string, purposes []string) string {
	return strings.NewReplacer("{controller}", w.isolate(controller), "{purposes}", strings.Join(purposes, w.Comma)).Replace(w.Banner.Asks)
}

// Uses says who uses what is on for which purposes.
func (w *Words) Uses(controller string, purposes []string) string {
	return strings.NewReplacer("{controller}", w.isolate(controller), "{purposes}", strings.Join(purposes, w.Comma)).Replace(w.OptOut.Uses)
}

// isolate returns a name so that it keeps its own order of letters and signs in
// a sentence that runs from right to left (Unicode's FSI and PDI).
func (w *Words) isolate(name string) string {
	if Direction(w.Language) == "rtl" {
		return "\u2068" + name + "\u2069"
	}
	return name
}

// ThirdParties says to how many third parties data would go.
func (w *Words) ThirdParties(n int) string { return w.count(w.Banner.ThirdParties, n) }

// Holds says for how many days a choice holds, and how to change it before.
func (w *Words) Holds(days int) string {
	return strings.ReplaceAll(w.count(w.Banner.Holds, days), "{control}", w.Control)
}

// Allowed says for which purposes a visitor said yes.
func (w *Words) Allowed(purposes []string) string {
	return strings.ReplaceAll(w.Own.Allowed, "{purposes}", strings.Join(purposes, w.Comma))
}

// Refused says for which purposes a visitor said no.
func (w *Words) Refused(purposes []string) string {
	return strings.ReplaceAll(w.Own.Refused, "{purposes}", strings.Join(purposes, w.Comma))
}

// Erased says how many records were erased.
func (w *Words) Erased(n int) string {
	return strings.ReplaceAll(w.Own.Erased, "{count}", strconv.Itoa(n))
}

// OtherSite says that a receipt is of another site.
func (w *Words) OtherSite(site string) string {
	return strings.ReplaceAll(w.Own.OtherSite, "{site}", w.isolate(site))
}

// GPC says that the browser's opt-out signal is honoured, and about what.
func (w *Words) GPC(categories []string) string {
	return strings.ReplaceAll(w.Banner.GPC, "{categories}", strings.Join(categories, w.Comma))
}

// PolicyOf names the privacy policy of one provider among several.
func (w *Words) PolicyOf(name string) string {
	return strings.ReplaceAll(w.Preferences.PolicyOf, "{name}", name)
}

// Revision names a published revision.
func (w *Words) Revision(number int) string {
	return strings.ReplaceAll(w.Declaration.Revision, "{number}", strconv.Itoa(number))
}

// Effective says from when the privacy policy holds.
func (w *Words) Effective(t time.Time) string {
	return strings.ReplaceAll(w.Declaration.Effective, "{date}", w.Date(t))
}

// AroundDate returns what "your choice of" a date says before and behind the
// date, which stands in an element of its own.
func (w *Words) AroundDate() (before, behind string) {
	before, behind, _ = strings.Cut(w.Preferences.YourChoice, "{date}")
	return before, behind
}

// Date returns the day of t, in UTC, as people write it.
func (w *Words) Date(t time.Time) string {
	t = t.UTC()
	return strings.NewReplacer(
		"{day}", strconv.Itoa(t.Day()), "{month}", w.Months[t.Month()-1], "{year}", strconv.Itoa(t.Year()),
	).Replace(w.Dates)
}

// Country returns the name of a country by its ISO 3166-1 code, or the code
// itself if there is no such country.
func (w *Words) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(w.tag).Name(region); name != "" {
		return name
	}
	return code
}

// Kind returns the word for a kind of stored thing; a cookie if it is empty.
func (w *Words) Kind(kind string) string {
	if kind == "" {
		kind = "cookie"
	}
	return w.Kinds[kind]
}

// Error returns the words for an HTTP status.
func (w *Words) Error(status int) ErrorText {
	key := "internal"
	switch {
	case status == 404 || status == 410:
		key = "not_found"
	case status == 401 || status == 403:
		key = "forbidden"
	case status == 429:
		key = "too_many"
	case status == 502 || status == 503 || status == 504:
		key = "unavailable"
	case status >= 400 && status < 500:
		key = "invalid"
	}
	return w.Errors[key]
}
