package optgate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// SiteID names a site in addresses, keys and files: 1 to 63 of a-z, 0-9 and
// hyphen, beginning with a letter or digit.
type SiteID string

// CategoryID names a category: 1 to 32 of a-z, 0-9, hyphen and underscore,
// beginning with a letter. It is part of the choice cookie.
type CategoryID string

// The four categories that Optgate has words for. A site may use others, with
// its own words.
const (
	Essential  CategoryID = "essential" // always on, never asked
	Functional CategoryID = "functional"
	Analytics  CategoryID = "analytics"
	Marketing  CategoryID = "marketing"
)

// Text is the same words in several languages, by language tag ("de", "pt-BR").
type Text map[string]string

// In returns the words in lang, or in the first of fallbacks that has them, or
// the empty string.
func (t Text) In(lang string, fallbacks ...string) string {
	if s := t[lang]; s != "" {
		return s
	}
	for _, f := range fallbacks {
		if s := t[f]; s != "" {
			return s
		}
	}
	return ""
}

// Config is what a site asks its visitors and what it loads: the content of a
// site file and of a revision. Its zero fields have working meanings, so that
// old revisions stay readable when fields are added.
type Config struct {
	Site       SiteID     `json:"site" yaml:"site"`
	Name       string     `json:"name" yaml:"name"`
	Group      GroupID    `json:"group,omitempty" yaml:"group"` // whose settings the site inherits; empty: it has only its own
	Origins    []string   `json:"origins" yaml:"origins"`       // scheme://host[:port] of the pages that embed the gate
	Languages  []string   `json:"languages" yaml:"languages"`   // the first is the default
	Controller Controller `json:"controller" yaml:"controller"` // who answers for the data
	Policy     Policy     `json:"policy" yaml:"policy"`
	Cookie     Cookie     `json:"cookie,omitzero" yaml:"cookie"`
	ChoiceDays int        `json:"choice_days,omitempty" yaml:"choice_days"` // how long an answer holds; 0 means [DefaultChoiceDays]
	RecordDays int        `json:"record_days,omitempty" yaml:"record_days"` // how long records are kept; 0: until somebody erases them
	Categories []Category `json:"categories" yaml:"categories"`             // in the order in which visitors see them
	Services   []Service  `json:"services,omitempty" yaml:"services"`
	Tags       []Tag      `json:"tags,omitempty" yaml:"tags"`
	Hold       Hold       `json:"hold,omitempty" yaml:"hold"`   // what is held without a mark
	Texts      []Texts    `json:"texts,omitempty" yaml:"texts"` // the site's own words for the panel
	Theme      Theme      `json:"theme,omitzero" yaml:"theme"`
	Signals    Signals    `json:"signals,omitzero" yaml:"signals"` // vendors that are told what is allowed
	GPC        GPC        `json:"gpc,omitzero" yaml:"gpc"`         // what browsers that object are taken to mean

	// Regions says where another rule holds than [OptIn]; see [Config.RuleIn].
	Regions map[Region]RegionRule `json:"regions,omitempty" yaml:"regions"`
}

// DefaultChoiceDays is how long an answer holds if the site does not say: the
// six months that the French and Irish authorities recommend. Browsers clamp
// cookies at [MaxChoiceDays].
const (
	DefaultChoiceDays = 180
	MaxChoiceDays     = 400
	MaxRecordDays     = 3660
)

// Controller is who answers for the data (GDPR art. 13).
type Controller struct {
	Name    string `json:"name" yaml:"name"`
	Address string `json:"address,omitempty" yaml:"address"`
	Contact string `json:"contact,omitempty" yaml:"contact"` // a mail address or an https address
}

// Policy is the site's privacy policy.
type Policy struct {
	URL       Text   `json:"url,omitempty" yaml:"url"`             // by language
	Effective string `json:"effective,omitempty" yaml:"effective"` // date, YYYY-MM-DD
}

// Cookie says where the choice is kept in the browser. Zero means a cookie
// named "og" for the page's own host and all its paths.
type Cookie struct {
	Name   string `json:"name,omitempty" yaml:"name"`     // default "og"; the visitor id is in Name+"_id"
	Domain string `json:"domain,omitempty" yaml:"domain"` // a parent domain of all origins, to share the choice among them
	Path   string `json:"path,omitempty" yaml:"path"`     // default "/"
}

// Category is a purpose that a visitor can allow.
type Category struct {
	ID          CategoryID `json:"id" yaml:"id"`
	Off         bool       `json:"off,omitempty" yaml:"off"`                 // switched off by the admin: not asked, never loads
	Title       Text       `json:"title,omitempty" yaml:"title"`             // built in for the four standard categories
	Description Text       `json:"description,omitempty" yaml:"description"` // likewise
}

// Service is a vendor or feature in a category.
type Service struct {
	ID       string         `json:"id" yaml:"id"`
	Name     string         `json:"name" yaml:"name"`
	Category CategoryID     `json:"category" yaml:"category"`
	Provider string         `json:"provider" yaml:"provider"`         // the company that receives the data
	Country  string         `json:"country,omitempty" yaml:"country"` // where it goes, ISO 3166-1 alpha-2
	Policy   string         `json:"policy,omitempty" yaml:"policy"`   // address of its privacy policy
	Purpose  Text           `json:"purpose,omitempty" yaml:"purpose"` // one sentence
	Reason   Text           `json:"reason,omitempty" yaml:"reason"`   // why it is essential; required for essential services
	Hosts    []string       `json:"hosts,omitempty" yaml:"hosts"`     // host names that it is loaded from
	Cookies  []StoredCookie `json:"cookies,omitempty" yaml:"cookies"` // what it stores in the browser
}

// StoredCookie is one thing that a service keeps in a visitor's browser.
type StoredCookie struct {
	Name     string `json:"name" yaml:"name"`                   // or a pattern such as "_ga_*"
	Kind     string `json:"kind,omitempty" yaml:"kind"`         // cookie (default), local, session, indexeddb, pixel
	Duration string `json:"duration,omitempty" yaml:"duration"` // in words, e.g. "13 months"
	Purpose  Text   `json:"purpose,omitempty" yaml:"purpose"`
}

// TagKind is how the gate loads a tag.
type TagKind string

// The kinds of tag that the server can hold for a site.
const (
	TagPixel  TagKind = "pixel"  // an image request
	TagScript TagKind = "script" // an external script
	TagInline TagKind = "inline" // a script's text
	TagIframe TagKind = "iframe" // a frame, put into the element that Target selects
)

// Hold is what the gate holds of what no tag of the page marks.
type Hold string

// The extents of holding. A site file that does not say means HoldKnown, a
// revision that does not is from before there was a choice.
const (
	HoldOff        Hold = ""            // nothing; "off" in site files
	HoldKnown      Hold = "known"       // the services that the site lists and the commonest trackers
	HoldThirdParty Hold = "third-party" // besides, whatever is neither the site's own nor essential
)

// Tag is what the gate loads for a service once its category is allowed.
type Tag struct {
	ID       string     `json:"id" yaml:"id"`
	Service  string     `json:"service,omitempty" yaml:"service"`   // its category decides; or
	Category CategoryID `json:"category,omitempty" yaml:"category"` // this one, for a tag of no listed service
	Kind     TagKind    `json:"kind" yaml:"kind"`
	Src      string     `json:"src,omitempty" yaml:"src"`       // pixel, script, iframe: https address (http on loopback)
	Code     string     `json:"code,omitempty" yaml:"code"`     // inline: JavaScript
	Target   string     `json:"target,omitempty" yaml:"target"` // iframe: CSS selector of its place; other kinds have none
	Title    string     `json:"title,omitempty" yaml:"title"`   // iframe: its accessible name
}

// Texts are a site's own words on the panel in one language. What is empty is
// said in Optgate's words.
type Texts struct {
	Language string `json:"language" yaml:"language"`
	Title    string `json:"title,omitempty" yaml:"title"`
	Body     string `json:"body,omitempty" yaml:"body"`
}

// Theme is a site's look. The site's own style sheet can set the same values by
// the custom properties --og-accent and so on; see docs/site-owner.md.
type Theme struct {
	Accent   string   `json:"accent,omitempty" yaml:"accent"`     // #rrggbb
	Radius   *int     `json:"radius,omitempty" yaml:"radius"`     // corner radius in CSS pixels, 0 to 24
	Position Position `json:"position,omitempty" yaml:"position"` // of the banner; empty: [Bar]
	Logo     string   `json:"logo,omitempty" yaml:"logo"`         // address of a picture on one of the site's origins
}

// Position is where the banner stands on a screen that has room. On a narrow one
// it is always at the foot.
type Position string

// The positions.
const (
	Bar    Position = "bar"    // at the foot, words beside the buttons
	Corner Position = "corner" // a card where lines end
	Centre Position = "centre"
)

// Positions lists every position.
var Positions = []Position{Bar, Corner, Centre}

// Place returns where the banner stands.
func (t Theme) Place() Position {
	if t.Position == "" {
		return Bar
	}
	return t.Position
}

// CookieName returns the name of the choice cookie.
func (c *Config) CookieName() string {
	if c.Cookie.Name == "" {
		return "og"
	}
	return c.Cookie.Name
}

// CookiePath returns the path of the choice cookie.
func (c *Config) CookiePath() string {
	if c.Cookie.Path == "" {
		return "/"
	}
	return c.Cookie.Path
}

// ChoiceLifetimeDays returns how many days an answer holds.
func (c *Config) ChoiceLifetimeDays() int {
	if c.ChoiceDays == 0 {
		return DefaultChoiceDays
	}
	return c.ChoiceDays
}

// CookieDays returns how many days a browser keeps an answer. Where something loads
// before one, an objection is not to lapse within a year, though visitors of other
// regions are asked again earlier (Cal. Civ. Code 1798.135(c)(4)).
func (c *Config) CookieDays() int {
	if c.LoadsBeforeAnswer() {
		return max(c.ChoiceLifetimeDays(), 395)
	}
	return c.ChoiceLifetimeDays()
}

// String returns h as site files have it.
func (h Hold) String() string {
	if h == HoldOff {
		return "off"
	}
	return string(h)
}

// DefaultLanguage returns the language that is used when the visitor's is not
// on offer.
func (c *Config) DefaultLanguage() string { return c.Languages[0] }

// Category returns the category with that id.
func (c *Config) Category(id CategoryID) (Category, bool) {
	i := slices.IndexFunc(c.Categories, func(k Category) bool { return k.ID == id })
	if i < 0 {
		return Category{}, false
	}
	return c.Categories[i], true
}

// Asked returns the categories that visitors are asked about: all that are on,
// but the essential one, in the site's order.
func (c *Config) Asked() []CategoryID {
	var ids []CategoryID
	for _, k := range c.Categories {
		if !k.Off && k.ID != Essential {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// ServicesIn returns the services of a category in the site's order.
func (c *Config) ServicesIn(id CategoryID) []Service {
	var in []Service
	for _, s := range c.Services {
		if s.Category == id {
			in = append(in, s)
		}
	}
	return in
}

// TagCategory returns the category that decides about t: its service's, if it
// names one.
func (c *Config) TagCategory(t Tag) CategoryID {
	for _, s := range c.Services {
		if s.ID == t.Service {
			return s.Category
		}
	}
	return t.Category
}

// Canonical returns c's canonical form: JSON without white space, in which the
// keys of a struct stand in the order of its fields and those of a map are sorted.
// docs/ledger.md says it byte by byte.
func (c *Config) Canonical() []byte {
	doc, err := json.Marshal(c)
	if err != nil {
		panic("optgate: a Config holds only strings, numbers and booleans: " + err.Error())
	}
	return doc
}

// Hash returns the SHA-256 of [Config.Canonical], in hex.
func (c *Config) Hash() string {
	sum := sha256.Sum256(c.Canonical())
	return hex.EncodeToString(sum[:])
}

// Clone returns a deep copy, to edit.
func (c *Config) Clone() *Config {
	var d Config
	if err := json.Unmarshal(c.Canonical(), &d); err != nil {
		panic("optgate: what Marshal wrote, Unmarshal reads: " + err.Error())
	}
	return &d
}
