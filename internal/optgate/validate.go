package optgate

import (
	"fmt"
	"net/url"
	"strings"
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
	v.signals()
	v.gpc()
	v.regions()
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

// firstOr returns the first of all, or else other.
func firstOr(all []string, other string) string {
	if len(all) == 0 {
		return other
	}
	return all[0]
}
