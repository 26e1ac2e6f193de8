package optgate

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds that keep a site's pages and the gate within their budgets.
const (
	maxName        = 200
	maxSentence    = 2000
	maxCode        = 16 << 10
	maxCategories  = 16
	maxServices    = 1000
	maxTags        = 500
	maxOrigins     = 100
	maxLanguages   = 60
	maxStoredNames = 100
)

// Validate reports every reason for which c cannot be published, each with the
// path of its field. It returns [InvalidErrors] or nil.
func (c *Config) Validate() error {
	v := validator{c: c}
	v.site()
	v.languages()
	v.categories()
	v.services()
	v.tags()
	v.texts()
	v.theme()
	return v.bad.orNil()
}

type validator struct {
	c   *Config
	bad InvalidErrors
}

// fail notes a fault of field.
func (v *validator) fail(field, format string, args ...any) {
	v.bad.add(field, fmt.Sprintf(format, args...))
}

// words notes a fault if s is empty though required, too long, or has control
// characters.
func (v *validator) words(field, s string, required bool, limit int) {
	switch {
	case strings.TrimSpace(s) == "" && required:
		v.fail(field, "is required")
	case len(s) > limit:
		v.fail(field, "is longer than %d bytes", limit)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' }):
		v.fail(field, "holds a control character")
	}
}

// text checks words in several languages.
func (v *validator) text(field string, t Text, required bool) {
	if required && t.In(firstOr(v.c.Languages, ""), "en") == "" {
		v.fail(field, "is required in %q, the site's default language, or in \"en\"", firstOr(v.c.Languages, "?"))
	}
	for lang, s := range t {
		if !isLanguage(lang) {
			v.fail(field, "%.20q is not a language tag such as \"en\" or \"pt-BR\"", lang)
		}
		v.words(field+"."+lang, s, false, maxSentence)
	}
}

func (v *validator) site() {
	c := v.c
	if !IsSiteID(string(c.Site)) {
		v.fail("site", "is 1 to 63 of a-z, 0-9 and hyphen, beginning with a letter or digit")
	}
	v.words("name", c.Name, true, maxName)
	v.words("controller.name", c.Controller.Name, true, maxName)
	v.words("controller.address", c.Controller.Address, false, maxSentence)
	v.words("controller.contact", c.Controller.Contact, false, maxName)
	if s := c.Controller.Contact; strings.Contains(s, ":") {
		v.webURL("controller.contact", s)
	}
	for lang, s := range c.Policy.URL {
		if !isLanguage(lang) {
			v.fail("policy.url", "%.20q is not a language tag", lang)
		}
		v.webURL("policy.url."+lang, s)
	}
	if s := c.Policy.Effective; s != "" {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			v.fail("policy.effective", "is a date, YYYY-MM-DD")
		}
	}
	if c.ChoiceDays < 0 || c.ChoiceDays > MaxChoiceDays {
		v.fail("choice_days", "is 1 to %d, the longest that browsers keep a cookie", MaxChoiceDays)
	}
	v.origins()
	v.cookie()
}

func (v *validator) origins() {
	if len(v.c.Origins) == 0 {
		v.fail("origins", "are required: at least one scheme://host[:port]")
	}
	if len(v.c.Origins) > maxOrigins {
		v.fail("origins", "are more than %d", maxOrigins)
	}
	for i, s := range v.c.Origins {
		field := fmt.Sprintf("origins[%d]", i)
		if slices.Index(v.c.Origins, s) != i {
			v.fail(field, "is listed twice")
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			v.fail(field, "is an origin such as https://www.example.com")
		case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "#"):
			v.fail(field, "has more than an origin: write %s://%s, without path", u.Scheme, u.Host)
		case u.Scheme+"://"+u.Host != s || s != strings.ToLower(s):
			v.fail(field, "is written in lower case, without anything before the scheme or behind the port")
		case net.ParseIP(u.Hostname()) == nil && (!hostPattern.MatchString(u.Hostname()) || strings.HasPrefix(u.Host, "*")):
			v.fail(field, "names no host that a browser sends: no wildcards, other scripts as xn--")
		case strings.HasSuffix(u.Host, ":") || u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80":
			v.fail(field, "has the port that browsers leave out: write %s://%s", u.Scheme, strings.TrimSuffix(u.Host, ":"+u.Port()))
		case u.Scheme == "http" && !isLoopback(u.Hostname()):
			v.fail(field, "is http: only loopback hosts may be, all others are https")
		}
	}
}

func (v *validator) cookie() {
	k := v.c.Cookie
	if k.Name != "" && !cookieNamePattern.MatchString(k.Name) {
		v.fail("cookie.name", "is 1 to 80 letters, digits, hyphens and underscores")
	}
	if k.Path != "" && !cookiePathPattern.MatchString(k.Path) {
		v.fail("cookie.path", "is a path that begins with a slash, without ; or spaces")
	}
	if k.Domain == "" {
		return
	}
	if !hostPattern.MatchString(k.Domain) || strings.HasPrefix(k.Domain, "*") || !strings.Contains(k.Domain, ".") || net.ParseIP(k.Domain) != nil {
		v.fail("cookie.domain", "is a domain such as example.com")
		return
	}
	for i, s := range v.c.Origins {
		if u, err := url.Parse(s); err == nil && u.Hostname() != k.Domain && !strings.HasSuffix(u.Hostname(), "."+k.Domain) {
			v.fail("cookie.domain", "%s does not cover origins[%d], so that a browser would refuse the cookie there", k.Domain, i)
		}
	}
}

func (v *validator) languages() {
	if len(v.c.Languages) == 0 {
		v.fail("languages", "are required: at least one, the first is the default")
	}
	if len(v.c.Languages) > maxLanguages {
		v.fail("languages", "are more than %d", maxLanguages)
	}
	for i, s := range v.c.Languages {
		if !isLanguage(s) {
			v.fail(fmt.Sprintf("languages[%d]", i), "is a language tag such as \"en\" or \"pt-BR\"")
		}
		if slices.Index(v.c.Languages, s) != i {
			v.fail(fmt.Sprintf("languages[%d]", i), "is listed twice")
		}
	}
}

func (v *validator) categories() {
	if len(v.c.Categories) > maxCategories {
		v.fail("categories", "are more than %d", maxCategories)
	}
	if k, ok := v.c.Category(Essential); !ok {
		v.fail("categories", "lack \"essential\"")
	} else if k.Off {
		v.fail("categories.essential", "is always on")
	}
	seen := map[CategoryID]bool{}
	for i, k := range v.c.Categories {
		field := fmt.Sprintf("categories[%d]", i)
		if !IsCategoryID(string(k.ID)) {
			v.fail(field+".id", "is 1 to 32 of a-z, 0-9, hyphen and underscore, beginning with a letter")
			continue
		}
		if seen[k.ID] {
			v.fail(field+".id", "%q is a duplicate", k.ID)
		}
		seen[k.ID] = true
		own := !oneOf(k.ID, []CategoryID{Essential, Functional, Analytics, Marketing})
		v.text(field+".title", k.Title, own)
		v.text(field+".description", k.Description, own)
	}
}

// category notes a fault if id is not one of the site's categories.
func (v *validator) category(field string, id CategoryID) {
	if _, ok := v.c.Category(id); !ok {
		v.fail(field, "%.40q is not one of this site's categories", string(id))
	}
}

func (v *validator) services() {
	if len(v.c.Services) > maxServices {
		v.fail("services", "are more than %d", maxServices)
	}
	seen := map[string]bool{}
	for i, s := range v.c.Services {
		field := fmt.Sprintf("services[%d]", i)
		v.id(field, s.ID, seen)
		v.words(field+".name", s.Name, true, maxName)
		v.category(field+".category", s.Category)
		v.words(field+".provider", s.Provider, true, maxName)
		if s.Country != "" && !countryPattern.MatchString(s.Country) {
			v.fail(field+".country", "is a country code of two capital letters")
		}
		if s.Policy != "" {
			v.webURL(field+".policy", s.Policy)
		}
		v.text(field+".purpose", s.Purpose, false)
		v.text(field+".reason", s.Reason, s.Category == Essential)
		for j, h := range s.Hosts {
			if !hostPattern.MatchString(h) {
				v.fail(fmt.Sprintf("%s.hosts[%d]", field, j), "is a host name such as www.example.com or *.example.com")
			}
		}
		if len(s.Cookies) > maxStoredNames || len(s.Hosts) > maxStoredNames {
			v.fail(field, "has more than %d cookies or hosts", maxStoredNames)
		}
		for j, k := range s.Cookies {
			f := fmt.Sprintf("%s.cookies[%d]", field, j)
			v.words(f+".name", k.Name, true, maxName)
			v.words(f+".duration", k.Duration, false, maxName)
			v.text(f+".purpose", k.Purpose, false)
			if kinds := []string{"", "cookie", "local", "session", "indexeddb", "pixel"}; !oneOf(k.Kind, kinds) {
				v.fail(f+".kind", "is one of %s", list(kinds[1:]))
			}
		}
	}
}

// id notes a fault if id is malformed or was seen before.
func (v *validator) id(field, id string, seen map[string]bool) {
	switch {
	case !itemIDPattern.MatchString(id):
		v.fail(field+".id", "is 1 to 63 of a-z, 0-9, hyphen and underscore, beginning with a letter or digit")
	case seen[id]:
		v.fail(field+".id", "%q is a duplicate", id)
	}
	seen[id] = true
}

func (v *validator) tags() {
	if len(v.c.Tags) > maxTags {
		v.fail("tags", "are more than %d", maxTags)
	}
	seen := map[string]bool{}
	for i, t := range v.c.Tags {
		field := fmt.Sprintf("tags[%d]", i)
		v.id(field, t.ID, seen)
		switch {
		case t.Service != "" && t.Category != "":
			v.fail(field+".category", "is the service's: give a service or a category, not both")
		case t.Service != "":
			if !slices.ContainsFunc(v.c.Services, func(s Service) bool { return s.ID == t.Service }) {
				v.fail(field+".service", "%.40q is not one of this site's services", t.Service)
			}
		case t.Category == "":
			v.fail(field+".service", "is required: the service that the tag belongs to, or else a category")
		default:
			v.category(field+".category", t.Category)
		}
		v.tagBody(field, t)
	}
}

func (v *validator) tagBody(field string, t Tag) {
	kinds := []TagKind{TagPixel, TagScript, TagInline, TagIframe}
	if !oneOf(t.Kind, kinds) {
		v.fail(field+".kind", "is one of %s", list(kinds))
		return
	}
	if t.Kind == TagInline {
		v.words(field+".code", t.Code, true, maxCode)
		if t.Src != "" {
			v.fail(field+".src", "is not for inline tags: they have code")
		}
	} else {
		v.tagURL(field+".src", t.Src)
		if t.Code != "" {
			v.fail(field+".code", "is only for inline tags")
		}
	}
	if t.Kind == TagIframe {
		v.words(field+".target", t.Target, true, maxName)
		v.words(field+".title", t.Title, true, maxName)
	} else if t.Target != "" || t.Title != "" {
		v.fail(field+".target", "and title are only for iframe tags")
	}
}

// webURL notes a fault unless s is an absolute http or https address: anything
// else, javascript: above all, could run code when it is clicked.
func (v *validator) webURL(field, s string) *url.URL {
	u, err := url.Parse(s)
	switch {
	case strings.HasPrefix(s, "mailto:") && field == "controller.contact":
		return nil
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		v.fail(field, "is an address that begins with https://")
		return nil
	case u.User != nil:
		v.fail(field, "holds a user name or password, which every visitor would see")
	case len(s) > maxSentence:
		v.fail(field, "is longer than %d bytes", maxSentence)
	}
	return u
}

// tagURL is webURL for what the gate loads.
func (v *validator) tagURL(field, s string) {
	if u := v.webURL(field, s); u != nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		v.fail(field, "is http: browsers block that on https pages, so use https")
	}
}

func (v *validator) texts() {
	seen := map[string]bool{}
	for i, t := range v.c.Texts {
		field := fmt.Sprintf("texts[%d]", i)
		if !oneOf(t.Language, v.c.Languages) {
			v.fail(field+".language", "%.20q is not one of this site's languages", t.Language)
		}
		if seen[t.Language] {
			v.fail(field+".language", "%.20q is a duplicate", t.Language)
		}
		seen[t.Language] = true
		v.words(field+".title", t.Title, false, maxName)
		v.words(field+".body", t.Body, false, maxSentence)
	}
}

func (v *validator) theme() {
	if s := v.c.Theme.Accent; s != "" && !colourPattern.MatchString(s) {
		v.fail("theme.accent", "is a colour such as #1a56db, in lower case")
	}
	if r := v.c.Theme.Radius; r != nil && (*r < 0 || *r > 24) {
		v.fail("theme.radius", "is 0 to 24 pixels")
	}
}

// isLoopback reports whether host names this machine, for which http is safe.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// firstOr returns the first of all, or else other.
func firstOr(all []string, other string) string {
	if len(all) == 0 {
		return other
	}
	return all[0]
}
