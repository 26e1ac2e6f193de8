package pagecheck

import (
	"regexp"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
)

// tags looks at what the page marks and at what it does not.
func (f *finder) tags() {
	missed := false
	for i := range f.page.Elements {
		e := &f.page.Elements[i]
		switch {
		case e.Marked():
			f.marked(e)
		case e.Kind == "script" && !runs(e.Attr["type"]):
		case e.Address != "":
			missed = f.unmarked(e) || missed
		default:
			missed = f.inline(e) || missed
		}
		f.container(e)
	}
	if !missed {
		f.add(Finding{Kind: NothingKnown})
	}
}

// marked looks at a marked element.
func (f *finder) marked(e *Element) {
	n := Finding{Kind: MarkFine, Element: e, Vendor: f.vendor(e)}
	before := len(f.found)
	for _, word := range strings.FieldsFunc(e.Attr["data-gate"], func(r rune) bool { return strings.ContainsRune(" \t\r\n\f,", r) }) {
		k, ok := f.site.Config.Category(optgate.CategoryID(word))
		switch {
		case !ok:
			f.add(Finding{Kind: MarkUnknown, Element: e, Subject: word})
		case k.Off:
			f.add(Finding{Kind: MarkOff, Element: e, Subject: word})
		}
		n.Needs = append(n.Needs, optgate.CategoryID(word))
	}
	if len(n.Needs) == 0 {
		f.add(Finding{Kind: MarkUnknown, Element: e})
	}
	if id := e.Attr["data-gate-service"]; id != "" && !slices.ContainsFunc(f.site.Config.Services, func(s optgate.Service) bool { return s.ID == id }) {
		f.add(Finding{Kind: MarkService, Element: e, Subject: id})
	}
	if at := loadsBy(e); at != "" {
		f.add(Finding{Kind: MarkUseless, Element: e, Needs: n.Needs, Subject: at})
	}
	if len(f.found) == before {
		f.add(n)
	}
}

// loadsBy returns the attribute by which a marked element loads though it is
// marked, or nothing. Of scripts the type decides.
func loadsBy(e *Element) string {
	if e.Kind == "script" {
		if runs(e.Attr["type"]) {
			return "type"
		}
		return ""
	}
	for _, name := range loads[e.Kind] {
		if e.Attr[name] != "" && e.Address != "" {
			return name
		}
	}
	return ""
}

// unmarked looks at an element that loads at once, and reports whether it should
// wait.
func (f *finder) unmarked(e *Element) bool {
	needs := f.needs(e.Address)
	if len(needs) == 0 {
		return false
	}
	kind := Unmarked
	if e.NoScript {
		kind = NoScriptLoad
	}
	f.add(Finding{Kind: kind, Element: e, Vendor: f.vendor(e), Needs: needs})
	return true
}

// needs returns what an address has to wait for, by the site's word, the table of
// trackers and the catalogue.
func (f *finder) needs(address string) []optgate.CategoryID {
	if needs := f.rules.Match(address, f.page.Address); len(needs) > 0 || f.own(address) {
		return needs
	}
	s, ok := Vendor(address)
	if !ok || s.Category == optgate.Essential || f.listed(hostOf(address)) {
		return nil
	}
	if _, has := f.site.Config.Category(s.Category); has {
		return []optgate.CategoryID{s.Category}
	}
	return f.site.Config.Asked()
}

// listed reports whether the site itself says what a host is for.
func (f *finder) listed(host string) bool {
	for _, s := range f.site.Config.Services {
		for _, h := range s.Hosts {
			if covers(h, host) {
				return true
			}
		}
	}
	return false
}

// named finds addresses in the text of a script.
var named = regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:/[^\s"'` + "`" + `<>\\)]*)?`)

// maxNamed bounds how many addresses of one script are looked at.
const maxNamed = 50

// inline looks at the text of a script that runs at once.
func (f *finder) inline(e *Element) bool {
	found := false
	for _, address := range named.FindAllString(e.Text, maxNamed) {
		if strings.HasPrefix(address, "//") {
			address = "https:" + address
		}
		needs := f.needs(address)
		if len(needs) == 0 || f.own(address) {
			continue
		}
		vendor, _ := Vendor(address)
		f.add(Finding{Kind: NamedInCode, Element: e, Vendor: vendor.Name, Needs: needs, Subject: address})
		found = true
	}
	return found
}

var containerID = regexp.MustCompile(`GTM-[A-Z0-9]{4,12}`)

// container notes a container of Google Tag Manager: what it loads is decided
// elsewhere.
func (f *finder) container(e *Element) {
	all := e.Address + " " + e.Attr["data-src"] + " " + e.Text
	if e.NoScript || !strings.Contains(all, "googletagmanager.com/gtm.js") {
		return
	}
	n := Finding{Kind: Container, Subject: containerID.FindString(all)}
	if !slices.ContainsFunc(f.found, func(o Finding) bool { return o.Kind == Container && o.Subject == n.Subject }) {
		f.add(n)
	}
}

// vendor returns the name of the service that an element is of, if it is known.
func (f *finder) vendor(e *Element) string {
	address := e.Address
	if address == "" {
		address = e.Attr["data-src"]
	}
	s, _ := Vendor(address)
	return s.Name
}

// Vendor returns the service of the catalogue that an address is of: the one
// with the longest host.
func Vendor(address string) (catalogue.Service, bool) {
	host := hostOf(address)
	var best catalogue.Service
	longest := 0
	for _, s := range catalogue.All() {
		for _, h := range s.Hosts {
			if len(h) > longest && covers(h, host) {
				best, longest = s, len(h)
			}
		}
	}
	return best, longest > 0
}

// covers reports whether a host of a service, which may begin with "*.", is host.
func covers(pattern, host string) bool {
	wild, ok := strings.CutPrefix(pattern, "*.")
	return pattern == host || ok && (host == wild || strings.HasSuffix(host, "."+wild))
}
