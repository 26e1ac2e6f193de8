package httpd_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

const groupPath = "/api/v1/groups/shops"

// storedGroup is what is told of a group that was stored.
type storedGroup struct {
	Result  string
	Version int
	ETag    string
	Sites   []struct {
		Site, Result string
		Revision     int
		Changes      []struct{ Text string }
		Errors       []struct{ Field, Detail string }
	}
}

// putShops makes a group that says what the shop does.
func (k *kit) putShops() optgate.Group {
	k.t.Helper()
	settings := *shop()
	settings.Site, settings.Name, settings.Origins, settings.Cookie = "", "", nil, optgate.Cookie{}
	g, err := k.reg.PutGroup(k.t.Context(), optgate.Group{ID: "shops", Settings: settings})
	if err != nil {
		k.t.Fatal(err)
	}
	return g
}

// A group is read, changed with what that does to its sites, and deleted by the
// API, unless somebody else changed it meanwhile.
func TestGroupsByAPI(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	const yaml = "group: news\nlanguages: [en]\ncontroller: {name: News Ltd.}\ncategories: [{id: essential}, {id: marketing}]\n"
	put := func(want int, path, doc string, headers ...string) storedGroup {
		t.Helper()
		return decoded[storedGroup](t, k.wantCall(want, token, "PUT", path, doc, append([]string{"Content-Type", inYAML}, headers...)...))
	}
	const path = "/api/v1/groups/news"
	made := put(http.StatusCreated, path, yaml, "If-None-Match", "*")
	put(http.StatusPreconditionFailed, path, yaml, "If-None-Match", "*")
	if made.Result != "stored" || made.Version != 1 || len(made.Sites) != 0 {
		t.Errorf("got %+v, want version 1 without sites", made)
	}
	k.wantCall(http.StatusCreated, token, "PUT", "/api/v1/sites/daily/config",
		"site: daily\ngroup: news\nname: Daily\norigins: [https://daily.example]\n", "Content-Type", inYAML, "If-None-Match", "*")
	k.wantCall(http.StatusCreated, token, "PUT", "/api/v1/sites/weekly/config",
		"site: weekly\ngroup: news\nname: Weekly\norigins: [https://weekly.example]\ncontroller: {name: Weekly Ltd.}\ntags: [{id: ad, category: marketing, kind: pixel, src: 'https://ads.example/p.gif'}]\n",
		"Content-Type", inYAML, "If-None-Match", "*")

	// One site follows; the other needs the category that goes.
	const less = "group: news\nlanguages: [en]\ncontroller: {name: New Owner}\ncategories: [{id: essential}]\n"
	check := func(got storedGroup, result, site string) {
		t.Helper()
		if got.Result != result || len(got.Sites) != 2 || got.Sites[0].Result != site || len(got.Sites[0].Changes) != 2 || got.Sites[1].Result != "refused" || len(got.Sites[1].Errors) == 0 {
			t.Errorf("got %+v, want %s, and the first site %s", got, result, site)
		}
	}
	check(put(http.StatusOK, path+"?dry-run", less, "If-Match", made.ETag), "preview", "preview")
	if g, err := k.reg.Group(t.Context(), "news"); err != nil || g.Version != 1 {
		t.Errorf("got %+v, %v, want nothing stored by a dry run", g, err)
	}
	check(put(http.StatusOK, path+"?note=new", less, "If-Match", made.ETag), "stored", "published")
	if r, _ := k.reg.Site("daily"); r.Config.Controller.Name != "New Owner" || r.Note != "new" || r.Author != "ann/robot" {
		t.Errorf("got %+v, want what the group says, and why", r)
	}
	put(http.StatusPreconditionFailed, path, yaml, "If-Match", made.ETag)

	// An edit of the draft in the admin is no change of the file.
	g, err := k.reg.Group(t.Context(), "news")
	if err != nil {
		t.Fatal(err)
	}
	g.Draft = &optgate.GroupDraft{Base: g.Settings, Settings: *g.Settings.Clone(), Author: "bob", At: k.clock()}
	g.Draft.Settings.ChoiceDays = 17
	if _, err := k.reg.PutGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	read := k.call(token, "GET", path, "", "Accept", inYAML)
	etag := read.Header.Get("Etag")
	if again := put(http.StatusOK, path, yaml, "If-Match", etag); again.Sites[1].Result != "unchanged" || again.Sites[0].Result != "published" {
		t.Errorf("got %+v, want the first site to follow and the second to be what it was", again)
	}
	if g, err := k.reg.Group(t.Context(), "news"); err != nil || g.Draft == nil || g.Draft.Author != "bob" {
		t.Errorf("got %+v, %v, want the draft kept", g, err)
	}

	_, etag = "", k.call(token, "GET", path, "").Header.Get("Etag")
	k.wantCall(http.StatusConflict, token, "DELETE", path, "", "If-Match", etag)
	k.wantCall(http.StatusNoContent, token, "DELETE", path+"?detach", "", "If-Match", etag)
	k.wantCall(http.StatusNotFound, token, "GET", path, "")
	if r, _ := k.reg.Site("weekly"); r.Config.Group != "" || r.Own != nil || len(r.Config.Categories) != 2 {
		t.Errorf("got %+v, want a site of no group that is what it was", r.Config)
	}
	list := decoded[struct{ Groups []struct{ Group string } }](t, k.wantCall(http.StatusOK, token, "GET", "/api/v1/groups", ""))
	if len(list.Groups) != 0 {
		t.Errorf("got %+v, want no group", list)
	}
}

// What a change of a group published is in the audit log for every site, also if
// it cannot be said whom it asks.
func TestGroupIsNotedForEachSite(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	const path, yaml = "/api/v1/groups/news", "group: news\nlanguages: [en]\ncontroller: {name: News Ltd.}\ncategories: [{id: essential}]\n"
	k.wantCall(http.StatusCreated, token, "PUT", path, yaml, "Content-Type", inYAML, "If-None-Match", "*")
	for _, site := range []string{"daily", "weekly"} {
		k.wantCall(http.StatusCreated, token, "PUT", "/api/v1/sites/"+site+"/config",
			"site: "+site+"\ngroup: news\nname: News\norigins: [https://"+site+".example]\n", "Content-Type", inYAML, "If-None-Match", "*")
	}
	k.store.Fault = func(op string) (bool, error) {
		if op == "Answered" {
			return false, errors.New("gone")
		}
		return false, nil
	}
	k.wantCall(http.StatusServiceUnavailable, token, "PUT", path, strings.Replace(yaml, "News Ltd.", "New Owner", 1), "Content-Type", inYAML, "If-Match", "*")
	audit, err := k.store.Audit(t.Context(), 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	noted := map[optgate.SiteID]int{}
	for _, e := range audit {
		if e.Action == "publish" {
			noted[e.Site]++
		}
	}
	for _, site := range []optgate.SiteID{"daily", "weekly"} {
		if r, _ := k.reg.Site(site); r.Config.Controller.Name != "New Owner" || noted[site] != 1 {
			t.Errorf("%s is of %q and noted %d times, want it of the new owner and noted once", site, r.Config.Controller.Name, noted[site])
		}
	}
}

// Who deletes a group that changes meanwhile hears which part was done.
func TestGroupDeletedHalfway(t *testing.T) {
	for _, tt := range []struct {
		name, op string
		call     int // the one of op that meets a conflict
		status   int
		out      bool
	}{
		{"at the first site", "Publish", 1, http.StatusConflict, false},
		{"at the second site", "Publish", 2, http.StatusConflict, true},
		{"at the group", "PutGroup", 1, http.StatusPreconditionFailed, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
			k.putShops()
			for _, site := range []string{"daily", "weekly"} {
				k.wantCall(http.StatusCreated, token, "PUT", "/api/v1/sites/"+site+"/config",
					"site: "+site+"\ngroup: shops\nname: News\norigins: [https://"+site+".example]\n", "Content-Type", inYAML, "If-None-Match", "*")
			}
			calls := 0
			k.store.Fault = func(op string) (bool, error) {
				if op == tt.op {
					if calls++; calls == tt.call {
						return false, optgate.ErrConflict
					}
				}
				return false, nil
			}
			told := k.wantCall(tt.status, token, "DELETE", groupPath+"?detach", "", "If-Match", "*")
			if strings.Contains(told, "sites are already out") != tt.out || !strings.Contains(told, "still there") {
				t.Errorf("got %s, want the group still there and sites out of it %t", told, tt.out)
			}
			if daily, _ := k.reg.Site("daily"); (daily.Config.Group == "") != tt.out {
				t.Errorf("the first site is in the group %q, want it out %t", daily.Config.Group, tt.out)
			}
		})
	}
}

// What cannot be a group's file is refused by the field.
func TestGroupFilesThatAreRefused(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	k.putShops()
	for _, tt := range []struct{ name, doc, field string }{
		{"a site", "site: shop\nname: Shop\norigins: [https://shop.example]\nlanguages: [en]\ncontroller: {name: A}\ncategories: [{id: essential}]\n", "site"},
		{"another group", "group: blogs\n", "group"},
		{"what each site says", "group: shops\norigins: [https://shop.example]\n", "origins"},
		{"a fault", "group: shops\nchoice_days: 9999\n", "choice_days"},
	} {
		got := decoded[refusal](t, k.wantCall(http.StatusUnprocessableEntity, token, "PUT", groupPath, tt.doc, "Content-Type", inYAML, "If-Match", "*"))
		if len(got.Errors) == 0 || got.Errors[0].Field != tt.field {
			t.Errorf("%s: got %+v, want a fault of %s", tt.name, got, tt.field)
		}
	}
}
