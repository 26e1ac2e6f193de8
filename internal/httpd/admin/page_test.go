package admin_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

func (w *world) decide(action optgate.Action, yes ...optgate.CategoryID) {
	w.t.Helper()
	choices := optgate.Choices{optgate.Functional: false, optgate.Analytics: false, optgate.Marketing: false}
	for _, id := range yes {
		choices[id] = true
	}
	_, _, err := w.store.Append(w.t.Context(), optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 1, Language: "en",
		Action: action, Source: "banner", Choices: choices, At: w.clock(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestSitesTellCounts(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	wantText(t, b.get("/admin/sites/shop"), "Nobody has answered in the last 14 days.")
	w.decide(optgate.AcceptAll, optgate.Functional, optgate.Analytics, optgate.Marketing)
	w.decide(optgate.Save, optgate.Functional)
	w.pass(10 * 24 * time.Hour)
	b = w.signedIn()
	p := b.get("/admin/sites/shop")
	wantText(t, p, "2 decisions in the last 14 days")
	wantText(t, p, "1 of them “accept all”, 0 “reject all”. Opt-in: 67 %.")
	wantText(t, b.get("/admin/"), "<dd>0</dd>") // ten days ago is not within seven
	w.decide(optgate.RejectAll)
	p = b.get("/admin/")
	wantText(t, p, "<dd>1</dd>")
	wantText(t, p, "<dd>0 %</dd>")
}

func TestSitePageTellsHowToEmbed(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	p := w.signedIn().get("/admin/sites/shop")
	wantText(t, p, "&lt;script src=&#34;https://optgate.example/s/shop/gate.js&#34;&gt;&lt;/script&gt;")
	wantText(t, p, `href="https://optgate.example/s/shop/declaration"`)
	wantText(t, p, `href="https://optgate.example/s/shop/preferences"`)
}

// broken is a ledger whose counts cannot be read.
type broken struct{ optgate.Ledger }

func (broken) Counts(context.Context, optgate.SiteID, time.Time, time.Time) ([]optgate.DayCount, error) {
	return nil, errors.New("disk on fire at 10.0.0.7")
}

func TestPagesWithoutCounts(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.admin.Ledger = broken{w.store}
	w.admin.Warnings = func(context.Context) ([]string, error) { return []string{"It would forget <all>."}, nil }
	b := w.signedIn()
	for _, path := range []string{"/admin/", "/admin/sites/shop"} {
		p := b.get(path)
		wantStatus(t, path, p, http.StatusOK)
		wantText(t, p, "The numbers cannot be read right now.")
		wantText(t, p, "It would forget &lt;all&gt;.")
		if strings.Contains(p.body, "on fire") {
			t.Errorf("%s shows an internal text", path)
		}
	}
}

// TestHostileWords stores markup wherever the configuration takes words, and
// looks at every page that shows them.
func TestHostileWords(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)> ' onmouseover='alert(3)`
	text := optgate.Text{"en": evil, "de": evil}
	w := newWorld(t)
	w.user()
	c := shop()
	c.Name, c.Controller.Name = evil, evil
	for i := range c.Categories {
		c.Categories[i].Title, c.Categories[i].Description = text, text
	}
	for i := range c.Services {
		s := &c.Services[i]
		s.Name, s.Provider, s.Purpose, s.Reason = evil, evil, text, text
		s.Cookies = []optgate.StoredCookie{{Name: evil, Duration: evil, Purpose: text}}
	}
	c.Tags = []optgate.Tag{
		{ID: "pixel", Service: "stats", Kind: optgate.TagIframe, Src: "https://x.example/?a=%22%3E'onload='", Target: evil, Title: evil},
		{ID: "inline", Category: optgate.Marketing, Kind: optgate.TagInline, Code: "</textarea></script>" + evil},
	}
	if _, err := w.registry.Publish(t.Context(), c, 0, evil, evil); err != nil {
		t.Fatal(err)
	}
	b := w.signedIn()
	for _, path := range []string{
		"/admin/", "/admin/sites/shop", "/admin/sites/shop/overview", "/admin/sites/shop/check", "/admin/sites/shop/tags/pixel", "/admin/sites/shop/tags/inline", "/admin/sites/shop/tags/pixel/remove",
		"/admin/sites/shop/services/stats", "/admin/sites/shop/services/stats/remove", "/admin/sites/shop/services/ads/remove",
		"/admin/sites/shop/new-tag", "/admin/sites/shop/new-service?category=%22%3E%3Cscript%3E",
	} {
		t.Run(path, func(t *testing.T) {
			p := b.get(path)
			wantStatus(t, path, p, http.StatusOK)
			wantText(t, p, "&lt;script&gt;alert(1)&lt;/script&gt;")
			wantOwnScriptsOnly(t, p)
		})
	}
}
