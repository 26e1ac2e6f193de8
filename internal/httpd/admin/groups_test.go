package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

const groupPath = "/admin/groups/shops"

// blog is a second site, which has something of its own.
func blog() *optgate.Config {
	c := shop()
	c.Site, c.Name, c.Origins = "blog", "The Blog", []string{"https://blog.example"}
	c.Controller.Name = "Blog Ltd"
	c.Services = append(c.Services[:1], optgate.Service{ID: "notes", Name: "Notes", Category: optgate.Functional, Provider: "Notes Inc"})
	return c
}

// seenGroup adds to a form what a page of the group shows now.
func (w *world) seenGroup(form url.Values) url.Values {
	w.t.Helper()
	g := w.group("shops")
	form.Set("revision", strconv.Itoa(g.Version))
	form.Set("version", strconv.Itoa(g.Version))
	if g.Draft != nil {
		form.Set("draft", strconv.Itoa(g.Version))
	}
	return form
}

// config returns what is published of a site.
func (w *world) configOf(id optgate.SiteID) *optgate.Config {
	w.t.Helper()
	r, ok := w.registry.Site(id)
	if !ok {
		w.t.Fatalf("there is no site %s", id)
	}
	return &r.Config
}

// done checks that a form was taken.
func done(t *testing.T, what string, p page) {
	t.Helper()
	wantStatus(t, what, p, http.StatusSeeOther)
}

// look is the form of the page Look with an accent.
func look(accent string) url.Values {
	return url.Values{"position": {"bar"}, "accent": {accent}, "radius": {""}, "logo": {""}}
}

// A group is made of a site, edited by the forms of sites, and published to its
// sites once somebody has seen what that means.
func TestAGroupIsMadeEditedAndPublished(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.publish(blog())
	b := w.signedIn()
	wantText(t, b.get("/admin/groups"), "Its sites take from it whatever they do not say themselves")

	done(t, "a new group", b.post("/admin/new-group", url.Values{"group": {"shops"}, "name": {"Shops"}, "from": {"shop"}}))
	before := w.configOf("shop").Clone()
	if before.Group != "shops" || len(before.Services) != 2 || w.latest().Own.Says.Controller.Name != "" {
		t.Fatalf("got %+v, which says %+v; want the shop as it was, with all from its group", before, w.latest().Own.Says)
	}
	wantText(t, b.get("/admin/groups"), "The Shop")
	wantText(t, b.get(groupPath), "Has everything from the group.")

	done(t, "a look", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	done(t, "a service", b.post(groupPath+"/new-service", w.seenGroup(url.Values{
		"id": {"chat"}, "name": {"Chat"}, "category": {"functional"}, "provider": {"Chat Inc"},
	})))
	if got := w.configOf("shop").Theme.Accent; got != "" {
		t.Errorf("the site has the accent %q, want none before the group is published", got)
	}
	p := b.get(groupPath + "/publish")
	wantText(t, p, "The Shop")
	wantText(t, p, "Chat")
	wantText(t, p, "Visitors will be asked again about functional")
	done(t, "publishing", b.post(groupPath+"/publish", w.seenGroup(url.Values{"note": {"one look"}})))
	if c := w.configOf("shop"); c.Theme.Accent != "#7a1fa2" || len(c.Services) != 3 {
		t.Errorf("the site has %+v and %d services, want what the group says", c.Theme, len(c.Services))
	}
	if g := w.group("shops"); g.Draft != nil || g.Settings.Group != "" || g.Settings.Theme.Accent != "#7a1fa2" {
		t.Errorf("got %+v, want the settings without a draft", g)
	}
	if got := w.latest(); got.Note != "one look" || got.Author != userName {
		t.Errorf("got revision %+v, want the note and the author", got)
	}
	audit := w.audited()
	for _, want := range []string{"create a group shops", "change the draft group shops: look", "change a group shops", "publish one look"} {
		if !slices.Contains(audit, want) {
			t.Errorf("the audit log has %q, want %q in it", audit, want)
		}
	}
}

// audited returns what the audit log says was done, and to what.
func (w *world) audited() []string {
	w.t.Helper()
	entries, err := w.store.Audit(w.t.Context(), 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Action+" "+e.Subject)
	}
	return all
}

// A site comes into a group as it is, or takes what the group says; it leaves it
// with all that it has.
func TestASiteJoinsAndLeaves(t *testing.T) {
	for _, tt := range []struct {
		how, controller string
		services        string
		says            int // revisions that visitors notice
	}{
		{"keep", "Blog Ltd", "stats notes", 1},
		{"follow", "Shop Ltd", "stats ads notes", 2},
	} {
		t.Run(tt.how, func(t *testing.T) {
			w := newWorld(t)
			w.user()
			g := w.putGroup("shops")
			first := w.publish(blog())
			b := w.signedIn()
			b.header.Set("Accept-Language", "de")
			wantText(t, b.get(groupPath+"/join?site=blog"), "Besucher werden erneut gefragt nach functional, analytics, marketing.")
			b.header.Del("Accept-Language")
			p := b.get(groupPath + "/join?site=blog")
			wantText(t, p, "services.ads")
			wantText(t, p, "services.notes")
			wantText(t, p, "controller.name")
			form := func() url.Values {
				r, _ := w.registry.Site("blog")
				return url.Values{"site": {"blog"}, "how": {tt.how}, "revision": {strconv.Itoa(r.Number)}, "version": {strconv.Itoa(g.Version)}}
			}
			stale := form()
			stale.Set("version", "9")
			wantStatus(t, "a form of another version", b.post(groupPath+"/join", stale), http.StatusConflict)
			done(t, "joining", b.post(groupPath+"/join", form()))
			check := func(when string) {
				t.Helper()
				c := w.configOf("blog")
				var services []string
				for _, s := range c.Services {
					services = append(services, s.ID)
				}
				slices.Sort(services)
				want := strings.Fields(tt.services)
				slices.Sort(want)
				if c.Controller.Name != tt.controller || !slices.Equal(services, want) || c.Name != "The Blog" {
					t.Errorf("%s: got %s by %s with %s, want %s and %s", when, c.Name, c.Controller.Name, services, tt.controller, want)
				}
			}
			check("in the group")
			joined, _ := w.registry.Site("blog")
			if asked := joined.Since[optgate.Functional]; tt.how == "keep" && asked != first.Since[optgate.Functional] {
				t.Errorf("visitors are asked since %d, want nobody to be asked because the site stays what it is", asked)
			}
			if joined.Own == nil || !joined.Inherits(&g.Settings) {
				t.Errorf("got %+v, want a site of the group", joined.Own)
			}

			wantText(t, b.get(groupPath+"/leave?site=blog"), "keeps what it has now")
			done(t, "leaving", b.post(groupPath+"/leave", form()))
			check("out of the group")
			if left, _ := w.registry.Site("blog"); left.Own != nil || left.Config.Group != "" {
				t.Errorf("got %+v in the group %q, want a site of none", left.Own, left.Config.Group)
			}
		})
	}
}

// A group with sites is deleted only with a word about them; they stay what they
// are, and a form of the deleted group does nothing to one made later.
func TestAGroupIsDeleted(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	was := w.configOf("shop").Clone()
	old := w.seenGroup(look("#7a1fa2"))
	wantStatus(t, "a group that has sites", b.post(groupPath+"/remove", w.seenGroup(url.Values{})), http.StatusConflict)
	wantStatus(t, "an old form", b.post(groupPath+"/remove", url.Values{"version": {"9"}, "detach": {"1"}}), http.StatusConflict)
	done(t, "a group with its sites taken out", b.post(groupPath+"/remove", w.seenGroup(url.Values{"detach": {"1"}})))
	wantStatus(t, "its page", b.get(groupPath), http.StatusNotFound)
	was.Group = ""
	if got := w.configOf("shop"); got.Hash() != was.Hash() {
		t.Errorf("the site is %+v, want what it was", got)
	}
	done(t, "another of that id", b.post("/admin/new-group", url.Values{"group": {"shops"}, "name": {"Again"}, "languages": {"en"}}))
	wantStatus(t, "a form of the deleted one", b.post(groupPath+"/look", old), http.StatusConflict)
	wantStatus(t, "one more of that id", b.post("/admin/new-group", url.Values{"group": {"shops"}, "name": {"Again"}, "languages": {"en"}}), http.StatusUnprocessableEntity)
}

// changing is a registry whose groups change just before they are deleted.
type changing struct{ *publish.Registry }

func (changing) RemoveGroup(context.Context, optgate.Group) error { return optgate.ErrConflict }

// Who deletes a group that changes meanwhile hears that its sites are out of it.
func TestAGroupIsDeletedHalfway(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	w.admin.Sites = changing{w.registry}
	p := b.post(groupPath+"/remove", w.seenGroup(url.Values{"detach": {"1"}}))
	wantStatus(t, "a group that changed", p, http.StatusConflict)
	wantText(t, p, "sites are already out of it")
	if got := w.configOf("shop").Group; got != "" {
		t.Errorf("the site is in the group %q, want it out", got)
	}
}

// Of two editors of a group the second is told, and so is who edits what a file
// changed meanwhile.
func TestTwoEditorsOfAGroup(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	mine := w.seenGroup(look("#7a1fa2"))
	done(t, "the first", b.post(groupPath+"/look", w.seenGroup(look("#0a6a50"))))
	p := b.post(groupPath+"/look", mine)
	wantStatus(t, "the second", p, http.StatusConflict)
	wantText(t, p, "#7a1fa2")
	wantText(t, p, userName+" changed this group")

	g := w.group("shops") // as optgate apply does
	g.Settings.ChoiceDays, g.Settings.Theme.Accent = 90, "#123456"
	if _, err := w.registry.PutGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	wantText(t, b.get(groupPath+"/publish"), "The group was changed past these changes")
	wantStatus(t, "publishing past it", b.post(groupPath+"/publish", w.seenGroup(url.Values{})), http.StatusConflict)
	done(t, "taking over", b.post(groupPath+"/publish/take-over", w.seenGroup(url.Values{"keep.setting/theme.accent": {"draft"}})))
	done(t, "publishing", b.post(groupPath+"/publish", w.seenGroup(url.Values{})))
	if got := w.group("shops").Settings; got.Theme.Accent != "#0a6a50" || got.ChoiceDays != 90 {
		t.Errorf("got %+v and %d days, want the accent of the draft and the days of the file", got.Theme, got.ChoiceDays)
	}
	if got := w.configOf("shop"); got.Theme.Accent != "#0a6a50" || got.ChoiceDays != 30 {
		t.Errorf("the site has %+v and %d days, want the group's accent and its own days", got.Theme, got.ChoiceDays)
	}
	done(t, "another look", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	done(t, "discarding", b.post(groupPath+"/publish/discard", w.seenGroup(url.Values{})))
	if w.group("shops").Draft != nil {
		t.Error("the draft is still there")
	}
}

// Who publishes a group reads before what becomes of drafts of its sites, and
// which site cannot follow; that one follows once it is mended.
func TestWhatAGroupMeansForItsSites(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	done(t, "a draft of the site", b.post("/admin/sites/shop/look", w.seen(look("#0a6a50"))))
	done(t, "a look of the group", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	p := b.get(groupPath + "/publish")
	wantText(t, p, "1 change of this site by "+userName+" wait")
	wantText(t, p, "Changed here, too: Setting theme.accent")
	done(t, "publishing", b.post(groupPath+"/publish", w.seenGroup(url.Values{})))
	wantText(t, b.get("/admin/sites/shop/publish"), "was published past these changes")
	if !w.draft().IsOpen() {
		t.Error("the draft of the site is gone")
	}

	// Its own tag needs a service that the group drops.
	c := w.config()
	c.Tags = append(c.Tags, optgate.Tag{ID: "own", Service: "ads", Kind: optgate.TagPixel, Src: "https://ads.example/p.gif"})
	w.publish(c)
	done(t, "the group without a service", b.post(groupPath+"/services/ads/remove", w.seenGroup(url.Values{})))
	wantText(t, b.get(groupPath+"/publish"), "It cannot follow")
	number := w.latest().Number
	done(t, "publishing", b.post(groupPath+"/publish", w.seenGroup(url.Values{})))
	if w.latest().Number != number {
		t.Error("a revision with a fault was published")
	}
	wantText(t, b.get(groupPath), "does not follow yet")
	c = w.config()
	c.Tags = c.Tags[:1]
	w.publish(c)
	done(t, "following", b.post(groupPath+"/follow", nil))
	if got := w.configOf("shop"); len(got.Services) != 1 {
		t.Errorf("the site has %d services, want the group's one", len(got.Services))
	}
}

// A group of a file can leave out anything; its pages work all the same.
func TestAGroupThatSaysLittle(t *testing.T) {
	w := newWorld(t)
	w.user()
	if _, err := w.registry.PutGroup(t.Context(), optgate.Group{ID: "shops", Settings: optgate.Config{ChoiceDays: 90}}); err != nil {
		t.Fatal(err)
	}
	b := w.signedIn()
	for _, path := range []string{"", "/look", "/texts", "/signals", "/settings", "/categories", "/new-tag", "/new-service", "/publish", "/preview/frame"} {
		wantStatus(t, path, b.get(groupPath+path), http.StatusOK)
	}
	done(t, "a look", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	done(t, "publishing", b.post(groupPath+"/publish", w.seenGroup(url.Values{})))
	want := optgate.Config{ChoiceDays: 90, Theme: optgate.Theme{Accent: "#7a1fa2"}}
	if got := w.group("shops").Settings; got.Hash() != want.Hash() {
		t.Errorf("got %+v, want nothing more than the accent", got)
	}
}
