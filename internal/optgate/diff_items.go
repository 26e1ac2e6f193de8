package optgate

import (
	"cmp"
	"strconv"
)

// What an answer from before cannot have meant.
const (
	newController = "another controller answers for the data"
	longerChoice  = "answers hold for longer"
	newCategory   = "it is a new category"
	switchedOn    = "it asks and loads what was off"
	newService    = "it is a new service"
	newRecipient  = "the data goes to another recipient"
	newCountry    = "the data goes to another country"
	newPurpose    = "it has a new purpose"
	newStored     = "it stores something more in the browser"
	longerStored  = "it stays in the browser for longer, or for a time that cannot be compared"
	newLoad       = "it loads from somewhere new without being a listed service"
)

// site notes changes of what concerns the whole site.
func (d *differ) site() {
	a, b := d.before, d.after
	d.value(Change{Subject: "site"}, "name", a.Name, b.Name, "")
	d.value(Change{Subject: "site"}, "group", string(a.Group), string(b.Group), "")
	who := Change{Subject: "controller"}
	d.value(who, "name", a.Controller.Name, b.Controller.Name, newController)
	d.value(who, "address", a.Controller.Address, b.Controller.Address, "")
	d.value(who, "contact", a.Controller.Contact, b.Controller.Contact, "")
	policy := Change{Subject: "privacy policy"}
	d.text(policy, "address", a.Policy.URL, b.Policy.URL)
	d.value(policy, "effective date", a.Policy.Effective, b.Policy.Effective, "")
	from, to := a.ChoiceLifetimeDays(), b.ChoiceLifetimeDays()
	longer := ""
	if to > from {
		longer = longerChoice
	}
	d.value(Change{Subject: "answers"}, "days that they hold", strconv.Itoa(from), strconv.Itoa(to), longer)
	d.value(Change{Subject: "records"}, "days that they are kept", kept(a.RecordDays), kept(b.RecordDays), "")
	d.value(Change{Subject: "site"}, "holding of what is not marked", a.Hold.String(), b.Hold.String(), "")
	d.value(Change{Subject: "site"}, "Global Privacy Control", a.GPC.String(), b.GPC.String(), "")
	d.set(Change{Subject: "site"}, "languages", a.Languages, b.Languages)
	d.set(Change{Subject: "site"}, "origins", a.Origins, b.Origins)
	choice := Change{Subject: "choice cookie"}
	d.value(choice, "name", a.CookieName(), b.CookieName(), "")
	d.value(choice, "domain", a.Cookie.Domain, b.Cookie.Domain, "")
	d.value(choice, "path", a.CookiePath(), b.CookiePath(), "")
}

// kept says for how many days records are kept.
func kept(days int) string {
	if days == 0 {
		return "no end"
	}
	return strconv.Itoa(days)
}

func categoryKey(k Category) string { return string(k.ID) }

// categories notes changes of categories.
func (d *differ) categories() {
	old, now := byID(d.before.Categories, categoryKey), byID(d.after.Categories, categoryKey)
	for _, k := range d.after.Categories {
		was, ok := old[categoryKey(k)]
		c := Change{Subject: "category", Name: string(k.ID), Category: k.ID}
		switch {
		case !ok && k.Off:
			c.Kind, c.To = Added, "switched off"
			d.add(c, "")
			continue
		case !ok:
			c.Kind = Added
			d.add(c, newCategory)
			continue
		case was.Off && !k.Off:
			c.Kind = SwitchedOn
			d.add(c, switchedOn)
		case !was.Off && k.Off:
			c.Kind = SwitchedOff
			d.add(c, "")
		}
		d.text(c, "title", was.Title, k.Title)
		d.text(c, "description", was.Description, k.Description)
	}
	for _, k := range d.before.Categories {
		if _, still := now[categoryKey(k)]; !still {
			d.add(Change{Kind: Removed, Subject: "category", Name: string(k.ID), Category: k.ID}, "")
		}
	}
	d.order("categories", idsOf(d.before.Categories, categoryKey), idsOf(d.after.Categories, categoryKey))
}

func serviceKey(s Service) string { return s.ID }

// services notes changes of services. A service in another category is new to
// that one.
func (d *differ) services() {
	old, now := byID(d.before.Services, serviceKey), byID(d.after.Services, serviceKey)
	for _, s := range d.after.Services {
		c := Change{Subject: "service", Name: cmp.Or(s.Name, s.ID), Category: s.Category}
		if was, ok := old[s.ID]; ok {
			d.service(c, was, s)
			continue
		}
		c.Kind, c.To = Added, s.Provider
		d.add(c, newService)
	}
	for _, s := range d.before.Services {
		if _, still := now[s.ID]; !still {
			d.add(Change{Kind: Removed, Subject: "service", Name: cmp.Or(s.Name, s.ID), Category: s.Category}, "")
		}
	}
	d.order("services", idsOf(d.before.Services, serviceKey), idsOf(d.after.Services, serviceKey))
}

func (d *differ) service(c Change, was, is Service) {
	d.value(c, "name", was.Name, is.Name, "")
	d.value(c, "category", string(was.Category), string(is.Category), newService)
	d.value(c, "provider", was.Provider, is.Provider, newRecipient)
	country := newCountry
	if is.Country == "" {
		country = ""
	}
	d.value(c, "country", was.Country, is.Country, country)
	d.value(c, "privacy policy", was.Policy, is.Policy, "")
	d.purpose(c, was.Purpose, is.Purpose)
	d.text(c, "reason", was.Reason, is.Reason)
	d.set(c, "hosts", was.Hosts, is.Hosts)
	d.stored(is, was.Cookies, is.Cookies)
}

// purpose notes changes of a purpose: a first one is new, another wording is
// not.
func (d *differ) purpose(c Change, was, is Text) {
	begin := len(d.changes)
	d.text(c, "purpose", was, is)
	if said(was) || !said(is) {
		return
	}
	for i := begin; i < len(d.changes); i++ {
		if c.Category != Essential {
			d.changes[i].Material, d.changes[i].Reason = true, newPurpose
		}
	}
}

// said reports whether t has words in any language.
func said(t Text) bool {
	for _, s := range t {
		if s != "" {
			return true
		}
	}
	return false
}

// storedKey tells stored things apart: one that moves from cookies to local
// storage is another one.
func storedKey(k StoredCookie) string { return cmp.Or(k.Kind, "cookie") + " " + k.Name }

// stored notes changes of what a service keeps in the browser.
func (d *differ) stored(s Service, was, is []StoredCookie) {
	old, now := byID(was, storedKey), byID(is, storedKey)
	name := func(k StoredCookie) Change {
		return Change{Subject: cmp.Or(k.Kind, "cookie"), Name: k.Name + " of " + cmp.Or(s.Name, s.ID), Category: s.Category}
	}
	for _, k := range is {
		c := name(k)
		before, ok := old[storedKey(k)]
		if !ok {
			c.Kind, c.To = Added, k.Duration
			d.add(c, newStored)
			continue
		}
		longer := ""
		if mayBeLonger(before.Duration, k.Duration) {
			longer = longerStored
		}
		d.value(c, "duration", before.Duration, k.Duration, longer)
		d.purpose(c, before.Purpose, k.Purpose)
	}
	for _, k := range was {
		if _, still := now[storedKey(k)]; !still {
			c := name(k)
			c.Kind = Removed
			d.add(c, "")
		}
	}
}

func tagKey(t Tag) string { return t.ID }

// tags notes changes of tags. A tag of a listed service does what visitors were
// told of that service; one without is a recipient of its own.
func (d *differ) tags() {
	old, now := byID(d.before.Tags, tagKey), byID(d.after.Tags, tagKey)
	for _, t := range d.after.Tags {
		c := Change{Subject: "tag", Name: t.ID, Category: d.after.TagCategory(t)}
		loads := ""
		if t.Service == "" {
			loads = newLoad
		}
		was, ok := old[t.ID]
		if !ok {
			c.Kind, c.To = Added, t.Src
			d.add(c, loads)
			continue
		}
		d.value(c, "kind", string(was.Kind), string(t.Kind), "")
		d.value(c, "service", was.Service, t.Service, loads)
		if was.Service == "" || t.Service == "" {
			d.value(c, "category", string(d.before.TagCategory(was)), string(c.Category), loads)
		}
		d.value(c, "address", was.Src, t.Src, loads)
		if was.Code != t.Code {
			d.add(Change{Kind: Changed, Subject: c.Subject, Name: c.Name, Field: "script", Category: c.Category}, loads)
		}
		d.value(c, "place", was.Target, t.Target, "")
		d.value(c, "title", was.Title, t.Title, "")
	}
	for _, t := range d.before.Tags {
		if _, still := now[t.ID]; !still {
			d.add(Change{Kind: Removed, Subject: "tag", Name: t.ID, Category: d.before.TagCategory(t)}, "")
		}
	}
	d.order("tags", idsOf(d.before.Tags, tagKey), idsOf(d.after.Tags, tagKey))
}

// texts notes changes of the site's own words for the banner.
func (d *differ) texts() {
	language := func(t Texts) string { return t.Language }
	old, now := byID(d.before.Texts, language), byID(d.after.Texts, language)
	for _, lang := range keysOf(old, now) {
		c := Change{Subject: "banner", Name: lang}
		d.value(c, "title", old[lang].Title, now[lang].Title, "")
		d.value(c, "text", old[lang].Body, now[lang].Body, "")
	}
}

// theme notes changes of the look.
func (d *differ) theme() {
	radius := func(t Theme) string {
		if t.Radius == nil {
			return ""
		}
		return strconv.Itoa(*t.Radius)
	}
	c := Change{Subject: "look"}
	d.value(c, "accent", d.before.Theme.Accent, d.after.Theme.Accent, "")
	d.value(c, "radius", radius(d.before.Theme), radius(d.after.Theme), "")
	d.value(c, "position", string(d.before.Theme.Position), string(d.after.Theme.Position), "")
	d.value(c, "logo", d.before.Theme.Logo, d.after.Theme.Logo, "")
}
