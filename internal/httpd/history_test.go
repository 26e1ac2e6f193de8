package httpd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func TestHistory(t *testing.T) {
	k := newKit(t)
	c := shop()
	c.Policy.Effective = "2026-06-01"
	c.Services[0].Country = "US"
	c.Services = append(c.Services, optgate.Service{ID: "ads", Name: "<b>Ads</b>", Category: "marketing", Provider: "Ads Inc."})
	k.publish(c)
	for path, want := range map[string][]string{
		"/s/shop/history": {
			"Revision 2", "Revision 1", "First revision", "Published: <time datetime=\"2026-05-04T03:02:01Z\">4 May 2026",
			"Privacy policy effective from 1 June 2026", "<b>Added:</b> Service <bdi>&lt;b&gt;Ads&lt;/b&gt;</bdi>",
			"Country <ins><bdi>United States</bdi></ins> <em>(Earlier visitors are asked again)</em>",
			`href="declaration?lang=en"`, `"static/panel/page.`,
		},
		"/s/shop/history?lang=de": {"Fassung 2", "<b>Hinzugefügt:</b> Dienst", "Vereinigte Staaten", "Frühere Besucher werden erneut gefragt"},
	} {
		r := k.do(request{method: "GET", path: path})
		text := strings.Join(strings.Fields(read(t, r)), " ")
		if r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "max-age=") {
			t.Errorf("%s: got %s, %q", path, r.Status, r.Header.Get("Cache-Control"))
		}
		for _, w := range append(want, mustLatest(t, k).Hash) {
			if !strings.Contains(text, w) {
				t.Errorf("%s: got no %q in\n%s", path, w, text)
			}
		}
	}
	if text := read(t, k.do(request{method: "GET", path: "/s/shop/declaration?lang=de"})); !strings.Contains(text, `href="history?lang=de"`) {
		t.Errorf("the declaration does not link the history")
	}
}

func mustLatest(t *testing.T, k *kit) optgate.Revision {
	t.Helper()
	r, ok := k.reg.Site("shop")
	if !ok {
		t.Fatal("the shop is gone")
	}
	return r
}

func TestHistoryJSON(t *testing.T) {
	k := newKit(t)
	const revisions = publish.HistoryPage + 2
	for n := 2; n <= revisions; n++ {
		c := shop()
		c.Name = fmt.Sprint("Shop ", n)
		k.publish(c)
	}
	path, next := "/s/shop/history.json", revisions
	for path != "" {
		r := k.do(request{method: "GET", path: path})
		text := read(t, r)
		var got struct {
			Site      string
			Older     string
			Revisions []struct {
				Revision int
				Hash     string `json:"revision_sha256"`
				Changes  []struct {
					Text     string
					Material *bool
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Site != "shop" || strings.Contains(text, "author") {
			t.Fatalf("%s: got %s (%v), want the shop's revisions without who published them", path, text, err)
		}
		for _, e := range got.Revisions {
			if e.Revision != next || len(e.Hash) != 64 {
				t.Fatalf("got %+v, want revision %d", e, next)
			}
			if e.Revision > 1 && (len(e.Changes) != 1 || !strings.HasPrefix(e.Changes[0].Text, "site: name changed from") || *e.Changes[0].Material) {
				t.Errorf("revision %d: got %+v", e.Revision, e.Changes)
			}
			next--
		}
		if path = ""; got.Older != "" {
			path = "/s/shop/" + got.Older
		}
	}
	if next != 0 {
		t.Errorf("the pages end with revision %d, want the first", next+1)
	}
}

func TestHistoryRefuses(t *testing.T) {
	k := newKit(t)
	k.publish(func() *optgate.Config { c := shop(); c.Name = "Store"; return c }())
	for path, want := range map[string]int{
		"/s/nosuch/history": http.StatusNotFound, "/s/shop/history?before=x": http.StatusBadRequest,
		"/s/shop/history.json?before=0": http.StatusBadRequest, "/s/shop/history.json?before=1": http.StatusOK,
		"/s/shop/history.json?before=99999999999999999999": http.StatusBadRequest,
	} {
		if r := k.do(request{method: "GET", path: path}); r.StatusCode != want {
			t.Errorf("%s: got %s, want %d", path, r.Status, want)
		}
	}
	k.store.Fault = func(string) (bool, error) { return false, errors.New("down") }
	if r := k.do(request{method: "GET", path: "/s/shop/history"}); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("store down: got %s, Retry-After %q; want 503", r.Status, r.Header.Get("Retry-After"))
	}
}

// A yes from before a material change counts neither in the gate nor in the
// form; what was answered about other categories does.
func TestAsksAgain(t *testing.T) {
	k := newKit(t)
	first := k.decide(encode(t, answer(newID(), newID())), "Sec-Fetch-Site", "same-origin")
	if first.StatusCode != http.StatusCreated || len(first.Cookies()) != 2 {
		t.Fatalf("got %s with %d cookies", first.Status, len(first.Cookies()))
	}
	gate := func() string { return read(t, k.do(request{method: "GET", path: "/s/shop/gate.js"})) }
	form := func() string {
		return read(t, k.do(request{method: "GET", path: "/s/shop/preferences", cookies: first.Cookies()}))
	}
	checked := func(page, category string) bool {
		_, rest, _ := strings.Cut(page, `name="og-`+category+`"`)
		input, _, _ := strings.Cut(rest, ">")
		return strings.Contains(input, " checked")
	}
	if text := gate(); strings.Contains(text, `"e":{`) {
		t.Error("the gate of a first revision speaks of changes")
	}
	if page := form(); !checked(page, "marketing") || !checked(page, "functional") {
		t.Error("the form lacks the visitor's answers")
	}
	c := shop()
	c.Services = append(c.Services, optgate.Service{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc."})
	k.publish(c)
	if text := gate(); !strings.Contains(text, `"e":{"marketing":2}`) {
		t.Errorf("the gate does not know what changed: … %s", text[max(0, len(text)-300):])
	}
	if page := form(); checked(page, "marketing") || !checked(page, "functional") {
		t.Errorf("marketing is on: %t, functional: %t; want only functional", checked(page, "marketing"), checked(page, "functional"))
	}
}

// The public history says from when on a scheduled revision is asked about.
func TestHistoryOfScheduled(t *testing.T) {
	k := newKit(t)
	changed := shop()
	changed.Services[0].Provider = "Other Inc."
	from := k.clock().AddDate(0, 1, 0)
	if _, err := k.reg.Publish(t.Context(), changed, 1, "test", "", publish.Effective(from)); err != nil {
		t.Fatal(err)
	}
	doc := read(t, k.do(request{method: "GET", path: "/s/shop/history.json"}))
	if want := `"earlier_visitors":"2026-06-04T03:02:01Z"`; !strings.Contains(doc, want) {
		t.Errorf("got %s, want %s", doc, want)
	}
	if page := read(t, k.do(request{method: "GET", path: "/s/shop/history"})); !strings.Contains(page, "4 June 2026") {
		t.Errorf("got %s, want the day", page)
	}
}
