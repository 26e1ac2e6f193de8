package optgate

import (
	"fmt"
	"net/url"
	"slices"
)

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
	if p := v.c.Theme.Position; p != "" && !oneOf(p, Positions) {
		v.fail("theme.position", "is one of %s", list(Positions))
	}
	if logo := v.c.Theme.Logo; logo != "" && !v.isOwnPicture(logo) {
		v.fail("theme.logo", "is the address of a picture on one of the site's origins, such as https://www.shop.example/logo.svg: one from elsewhere would load before anybody was asked")
	}
}

// isOwnPicture reports whether address is below one of the site's origins.
func (v *validator) isOwnPicture(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User == nil && u.String() == address && len(u.Path) > 1 && slices.Contains(v.c.Origins, u.Scheme+"://"+u.Host)
}
