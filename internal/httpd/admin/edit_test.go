package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func isOff(t *testing.T, r optgate.Revision, id optgate.CategoryID) bool {
	t.Helper()
	k, ok := r.Config.Category(id)
	if !ok {
		t.Fatalf("category %s is gone", id)
	}
	return k.Off
}

func TestToggle(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	const path = "/admin/sites/shop/categories/analytics"
	steps := []struct {
		name, on  string
		published bool
		off       bool
		says      string
	}{
		{"off", "0", true, true, "Analytics is off: visitors are not asked and nothing of it loads. Published as revision 2."},
		{"off again", "0", false, true, "Analytics was already off."},
		{"on", "1", true, false, "Analytics is on: visitors are asked about it. Published as revision 3."},
	}
	for _, step := range steps {
		before := w.latest().Number
		p := b.post(path, url.Values{"on": {step.on}})
		wantStatus(t, step.name, p, http.StatusSeeOther)
		wantText(t, b.get(p.header.Get("Location")), step.says)
		after := w.latest()
		if isOff(t, after, optgate.Analytics) != step.off || (after.Number != before) != step.published {
			t.Errorf("%s: off %t in revision %d after %d", step.name, isOff(t, after, optgate.Analytics), after.Number, before)
		}
	}
	if got := w.latest(); got.Author != userName || got.Note != "category analytics switched on" {
		t.Errorf("revision by %q, note %q, want %s and what was done", got.Author, got.Note, userName)
	}
	if strings.Contains(b.get("/admin/sites/shop").body, "Published as revision 3.") {
		t.Error("the message is shown a second time")
	}
	wantStatus(t, "essential", b.post("/admin/sites/shop/categories/essential", url.Values{"on": {"0"}}), http.StatusUnprocessableEntity)
	wantStatus(t, "a category that is not there", b.post("/admin/sites/shop/categories/gone", url.Values{"on": {"0"}}), http.StatusConflict)
	wantStatus(t, "a site that is not there", b.post("/admin/sites/gone/categories/analytics", url.Values{"on": {"0"}}), http.StatusNotFound)
}

// racing lets somebody else publish just before each of the first publishes.
type racing struct {
	admin.Publisher
	races int
	other func()
}

func (r *racing) Publish(ctx context.Context, c *optgate.Config, previous int, author, note string, how ...publish.Option) (optgate.Revision, error) {
	if r.races > 0 {
		r.races--
		r.other()
	}
	return r.Publisher.Publish(ctx, c, previous, author, note, how...)
}

func TestToggleKeepsWhatOthersPublish(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.admin.Sites = &racing{w.registry, 1, func() {
		next := w.config()
		next.Name = "The other Shop"
		w.publish(next)
	}}
	b := w.signedIn()
	wantStatus(t, "the toggle", b.post("/admin/sites/shop/categories/analytics", url.Values{"on": {"0"}}), http.StatusSeeOther)
	if r := w.latest(); r.Number != 3 || r.Config.Name != "The other Shop" || !isOff(t, r, optgate.Analytics) {
		t.Errorf("revision %d of %q, analytics off %t, want 3 with both changes", r.Number, r.Config.Name, isOff(t, r, optgate.Analytics))
	}
}

func TestToggleGivesUpInWords(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	n := 0
	w.admin.Sites = &racing{w.registry, 100, func() {
		n++
		next := w.config()
		next.Name = "Shop " + strconv.Itoa(n)
		w.publish(next)
	}}
	p := w.signedIn().post("/admin/sites/shop/categories/analytics", url.Values{"on": {"0"}})
	wantStatus(t, "the toggle", p, http.StatusConflict)
	wantText(t, p, "lee published revision")
}

// tagForm is a pixel's form as the page of the site's latest revision sends it.
func (w *world) tagForm(changes url.Values) url.Values {
	form := w.seen(url.Values{
		"id": {"new"}, "kind": {"pixel"}, "owner": {"service:stats"}, "src": {"https://stats.example/new.gif"},
	})
	for k, v := range changes {
		form[k] = v
	}
	return form
}

func TestTagAddEditRemove(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	// A browser sends hidden fields too: what belongs to another kind is left out.
	form := w.tagForm(url.Values{"code": {"left over"}, "target": {"#left"}})
	wantStatus(t, "adding", b.post("/admin/sites/shop/new-tag", form), http.StatusSeeOther)
	want := optgate.Tag{ID: "new", Service: "stats", Kind: optgate.TagPixel, Src: "https://stats.example/new.gif"}
	if got := w.edited().Tags; len(got) != 2 || got[1] != want {
		t.Fatalf("tags are %+v, want the new one second: %+v", got, want)
	}
	wantText(t, b.get("/admin/sites/shop"), "https://stats.example/new.gif")

	form = w.tagForm(url.Values{"kind": {"inline"}, "owner": {"category:marketing"}, "code": {"a()\r\nb()"}, "title": {"left over"}})
	wantStatus(t, "editing", b.post("/admin/sites/shop/tags/new", form), http.StatusSeeOther)
	want = optgate.Tag{ID: "new", Category: optgate.Marketing, Kind: optgate.TagInline, Code: "a()\nb()"}
	if got := w.edited().Tags; len(got) != 2 || got[1] != want {
		t.Errorf("tags are %+v, want the changed one second: %+v", got, want)
	}

	page := b.get("/admin/sites/shop/tags/new/remove")
	remove := url.Values{"revision": {hidden(page.body, "revision")}, "draft": {hidden(page.body, "draft")}}
	wantStatus(t, "removing", b.post("/admin/sites/shop/tags/new/remove", remove), http.StatusSeeOther)
	if w.draft().IsOpen() {
		t.Errorf("what was added and removed is still in the draft: %+v", w.draft().Config)
	}
	wantStatus(t, "removing again", b.post("/admin/sites/shop/tags/new/remove", remove), http.StatusSeeOther)
	wantText(t, b.get("/admin/sites/shop"), "was removed before")
	if got := w.latest().Number; got != 1 {
		t.Errorf("revision %d was published", got)
	}
}

func TestTagFaults(t *testing.T) {
	tests := []struct {
		name    string
		changes url.Values
		field   string // whose element points to the fault; empty: none
		says    string
	}{
		{"script address", url.Values{"src": {"javascript:alert(1)"}}, "src", "Address is an address that begins with https://."},
		{"plain http", url.Values{"src": {"http://stats.example/p.gif"}}, "src", "Address is http: browsers block that"},
		{"no address", url.Values{"src": {""}}, "src", "Address is an address"},
		{"no id", url.Values{"id": {""}}, "id", "Id is 1 to 63"},
		{"taken id", url.Values{"id": {"pixel"}}, "id", "is a duplicate"},
		{"no owner", url.Values{"owner": {""}}, "owner", "Belongs to is required"},
		{"unknown service", url.Values{"owner": {"service:gone"}}, "owner", "is not one of this site"},
		{"unknown category", url.Values{"owner": {"category:gone"}}, "owner", "is not one of this site"},
		{"unknown kind", url.Values{"kind": {"applet"}}, "", "Kind is one of"},
		{"frame without place", url.Values{"kind": {"iframe"}}, "target", "Place on the page is required."},
		{"empty script", url.Values{"kind": {"inline"}}, "code", "Script is required."},
	}
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := b.post("/admin/sites/shop/new-tag", w.tagForm(tt.changes))
			wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
			wantText(t, p, tt.says)
			wantText(t, p, "Nothing was saved.")
			if tt.field != "" {
				wantText(t, p, `id="f-`+tt.field+`-fault"`)
				wantText(t, p, `f-`+tt.field+`-fault" aria-invalid="true"`)
			}
			if got := w.latest().Number; got != 1 {
				t.Errorf("revision %d was published", got)
			}
		})
	}
}

func TestFormsMeetOthersChanges(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := w.tagForm(url.Values{"src": {"https://stats.example/mine.gif"}})
	next := shop()
	next.Name = "The other Shop"
	w.publish(next)

	p := b.post("/admin/sites/shop/tags/pixel", form)
	wantStatus(t, "a form from before", p, http.StatusConflict)
	wantText(t, p, "lee published revision 2 just now")
	wantText(t, p, `value="https://stats.example/mine.gif"`)
	if got := w.latest(); got.Number != 2 {
		t.Fatalf("revision %d was published", got.Number)
	}
	form.Set("revision", hidden(p.body, "revision"))
	wantStatus(t, "the same form after looking", b.post("/admin/sites/shop/tags/pixel", form), http.StatusSeeOther)
	if got := w.edited(); got.Name != "The other Shop" || got.Tags[0].Src != "https://stats.example/mine.gif" {
		t.Errorf("the site is %q with %q, want both changes", got.Name, got.Tags[0].Src)
	}

	remove := url.Values{"revision": {"1"}}
	p = b.post("/admin/sites/shop/tags/pixel/remove", remove)
	wantStatus(t, "a removal from before", p, http.StatusConflict)
	wantText(t, p, "Nothing is removed yet")

	wantStatus(t, "removing it", b.post("/admin/sites/shop/tags/pixel/remove", w.seen(url.Values{})), http.StatusSeeOther)
	p = b.post("/admin/sites/shop/tags/pixel", form)
	wantStatus(t, "a form of a removed tag", p, http.StatusConflict)
	wantText(t, p, `value="https://stats.example/mine.gif"`)
	wantText(t, p, `action="/admin/sites/shop/new-tag"`)
}

func TestServiceEdit(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Services[0].Purpose["fr"] = "Compte les pages."
	w.publish(c)
	b := w.signedIn()
	form := url.Values{
		"revision": {"1"}, "name": {"Counter 2"}, "category": {"essential"}, "provider": {"Counter Inc"}, "country": {"de"},
		"policy": {"https://counter.example/privacy"}, "hosts": {"a.example\r\n *.b.example "}, "purpose.en": {"Counts."}, "purpose.de": {""},
		"reason.en": {"The shop is paid by the page."}, "cookies[0].name": {"_c"}, "cookies[0].duration": {"2 years"}, "cookies[0].purpose": {"Count"},
		"cookies[2].name": {"_d"}, "cookies[2].kind": {"local"},
	}
	wantStatus(t, "editing", b.post("/admin/sites/shop/services/stats", form), http.StatusSeeOther)
	got := w.edited().Services[0]
	want := optgate.Service{
		ID: "stats", Name: "Counter 2", Category: optgate.Essential, Provider: "Counter Inc", Country: "DE",
		Policy: "https://counter.example/privacy", Hosts: []string{"a.example", "*.b.example"},
		Purpose: optgate.Text{"en": "Counts.", "fr": "Compte les pages."}, Reason: optgate.Text{"en": "The shop is paid by the page."},
		Cookies: []optgate.StoredCookie{
			{Name: "_c", Duration: "2 years", Purpose: optgate.Text{"en": "Count", "de": "Zählung"}},
			{Name: "_d", Kind: "local"},
		},
	}
	one := func(s optgate.Service) string { return (&optgate.Config{Services: []optgate.Service{s}}).Hash() }
	if one(got) != one(want) {
		t.Errorf("the service is\n%+v, want\n%+v", got, want)
	}
}

func TestServiceFaults(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	p := b.post("/admin/sites/shop/new-service", url.Values{
		"revision": {"1"}, "id": {"Bad Id"}, "category": {"essential"}, "country": {"Germany"}, "policy": {"javascript:alert(1)"},
		"hosts": {"ok.example\nhttps://bad.example"}, "cookies[0].duration": {"a year"},
	})
	wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
	for _, field := range []string{"id", "name", "provider", "country", "policy", "hosts", "reason-en", "cookies-0-name"} {
		wantText(t, p, `id="f-`+field+`-fault"`)
	}
	wantText(t, p, `value="a year"`)
	if got := w.latest().Number; got != 1 {
		t.Errorf("revision %d was published", got)
	}
}

func TestServiceInUseStays(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	p := b.post("/admin/sites/shop/services/stats/remove", url.Values{"revision": {"1"}})
	wantStatus(t, "removing a service with a tag", p, http.StatusConflict)
	wantText(t, p, `<a href="/admin/sites/shop/tags/pixel">pixel</a>`)
	wantStatus(t, "removing one without", b.post("/admin/sites/shop/services/ads/remove", url.Values{"revision": {"1"}}), http.StatusSeeOther)
	ids := []string{}
	for _, s := range w.edited().Services {
		ids = append(ids, s.ID)
	}
	if !slices.Equal(ids, []string{"stats"}) {
		t.Errorf("services are %v, want stats alone", ids)
	}
}

func TestNewSite(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := url.Values{"site": {"forum"}, "name": {"The Forum"}, "origin": {"https://forum.example/"}, "language": {"de"}, "controller": {"Forum e.V."}}
	wantStatus(t, "a new site", b.post("/admin/new-site", form), http.StatusSeeOther)
	r, ok := w.registry.Site("forum")
	if !ok || r.Number != 1 || r.Config.Origins[0] != "https://forum.example" || len(r.Config.Categories) != 4 || len(r.Config.Asked()) != 0 {
		t.Errorf("the site is %+v, want four categories of which nothing is asked, as none was ticked", r)
	}
	form.Set("site", "shop")
	p := b.post("/admin/new-site", form)
	wantStatus(t, "an id that is taken", p, http.StatusUnprocessableEntity)
	wantText(t, p, "Id is that of another site")
	form.Set("site", "club")
	w.admin.Sites = &racing{w.registry, 1, func() {
		club := shop()
		club.Site, club.Origins = "club", []string{"https://club.example"}
		w.publish(club)
	}}
	p = b.post("/admin/new-site", form)
	wantStatus(t, "an id that is taken meanwhile", p, http.StatusUnprocessableEntity)
	wantText(t, p, "Id is that of another site")
	p = b.post("/admin/new-site", url.Values{"site": {"../x"}, "origin": {"https://a.example/path"}, "language": {"tlh"}})
	wantStatus(t, "a bad one", p, http.StatusUnprocessableEntity)
	for _, field := range []string{"site", "name", "origin", "language", "controller"} {
		wantText(t, p, `id="f-`+field+`-fault"`)
	}
	if n := len(w.registry.Sites()); n != 3 {
		t.Errorf("there are %d sites, want 3", n)
	}
}

func TestServiceFromTheCatalogue(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	const path = "/admin/sites/shop/new-service"
	wantStatus(t, "what the catalogue has not", b.get(path+"?from=nothing"), http.StatusNotFound)
	p := b.get(path + "?from=matomo")
	wantText(t, p, "Filled in from the catalogue")
	form := formOf(t, p)
	wantStatus(t, "saving it as it is", b.post(path, form), http.StatusSeeOther)
	config := w.edited()
	got := config.Services[len(config.Services)-1]
	known, _ := catalogue.Find("matomo")
	if want := known.Entry([]string{"en", "de"}); got.ID != want.ID || got.Provider != want.Provider || len(got.Cookies) != len(want.Cookies) || got.Purpose["de"] != want.Purpose["de"] {
		t.Errorf("the draft has %+v, want %+v", got, want)
	}
	wantText(t, b.get("/admin/sites/shop/services/matomo"), "data-gate=&#34;analytics&#34;")
}

// formOf returns what a browser would send with the page's largest form.
func formOf(t *testing.T, p page) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || !slices.Contains([]string{"input", "textarea", "select"}, n.Data) {
			continue
		}
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
		}
		value := attributes["value"]
		for c := range n.Descendants() {
			if n.Data == "textarea" && c.Type == html.TextNode {
				value = strings.TrimPrefix(c.Data, "\n")
			}
			if c.Type == html.ElementNode && c.Data == "option" && slices.ContainsFunc(c.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
				for _, a := range c.Attr {
					if a.Key == "value" {
						value = a.Val
					}
				}
			}
		}
		form.Set(attributes["name"], value)
	}
	return form
}
