package optgate

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (v *validator) site() {
	c := v.c
	if !IsSiteID(string(c.Site)) {
		v.fail("site", "is 1 to 63 of a-z, 0-9 and hyphen, beginning with a letter or digit")
	}
	if c.Group != "" && !IsGroupID(string(c.Group)) {
		v.fail("group", "%s", groupIDForm)
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
	if c.RecordDays != 0 && (c.RecordDays < c.ChoiceLifetimeDays() || c.RecordDays > MaxRecordDays) {
		v.fail("record_days", "is at least %d, as long as an answer holds and has to be proved, and at most %d", c.ChoiceLifetimeDays(), MaxRecordDays)
	}
	if !oneOf(c.Hold, []Hold{HoldOff, HoldKnown, HoldThirdParty}) {
		v.fail("hold", "is one of known, third-party, off")
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

// isLoopback reports whether host names this machine, for which http is safe.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
