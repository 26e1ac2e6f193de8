package httpd_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// outside publishes the shop with regions that are not asked first.
func outside(t *testing.T) *kit {
	k := newKit(t)
	c := shop()
	c.Regions = map[optgate.Region]optgate.RegionRule{"US": "none", "US-CA": "opt-out"}
	k.publish(c)
	return k
}

// The region is told to pages of the site alone, kept nowhere, and on sites that
// ask first everywhere to nobody.
func TestGetRegion(t *testing.T) {
	from := []string{"CF-IPCountry", "US", "CF-Region-Code", "CA"}
	for _, tt := range []struct {
		name    string
		site    func(*testing.T) *kit
		headers []string
		status  int
		body    string
	}{
		{"a program", outside, from, 200, `{"region":"US-CA"}`},
		{"a page behind the site's own address", outside, append(from, "Sec-Fetch-Site", "same-origin"), 200, `{"region":"US-CA"}`},
		{"a page of the site", outside, append(from, "Origin", origin, "Sec-Fetch-Site", "cross-site"), 200, `{"region":"US-CA"}`},
		{"not known", outside, []string{"CF-IPCountry", "XX"}, 200, `{"region":""}`},
		{"nothing said", outside, nil, 200, `{"region":""}`},
		{"a page of another site", outside, append(from, "Origin", "https://evil.example"), 403, ""},
		{"a page that does not say whose it is", outside, append(from, "Sec-Fetch-Site", "cross-site"), 403, ""},
		{"all are asked first", newKit, from, 200, `{"region":""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.site(t).do(request{method: "GET", path: "/s/shop/region", headers: tt.headers})
			body := read(t, r)
			if r.StatusCode != tt.status || tt.body != "" && strings.TrimSpace(body) != tt.body {
				t.Errorf("got %s: %s, want %d: %s", r.Status, body, tt.status, tt.body)
			}
			vary := strings.Join(r.Header.Values("Vary"), ", ")
			if tt.status == 200 && (r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(vary, "CF-IPCountry, CF-Region-Code") || !strings.Contains(vary, "Origin")) {
				t.Errorf("got Cache-Control %q and Vary %q", r.Header.Get("Cache-Control"), vary)
			}
		})
	}
	if r := newKit(t).do(request{method: "GET", path: "/s/other/region"}); r.StatusCode != http.StatusNotFound {
		t.Errorf("got %s for an unknown site", r.Status)
	}
}

// What lies in shared caches is the same for everybody, wherever she is.
func TestTheGateIsTheSameEverywhere(t *testing.T) {
	k := outside(t)
	for _, path := range []string{"/s/shop/gate.js", "/s/shop/notice.js?lang=en", "/s/shop/panel.js?lang=en", "/s/shop/panel?lang=en"} {
		var first *http.Response
		var body string
		for _, country := range []string{"US", "DE", "XX", ""} {
			r := k.do(request{method: "GET", path: path, headers: []string{"CF-IPCountry", country}})
			got := read(t, r)
			if first == nil {
				first, body = r, got
			}
			if r.StatusCode != http.StatusOK || got != body || r.Header.Get("Etag") != first.Header.Get("Etag") ||
				strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "CF-") {
				t.Errorf("%s, %s: got %s with other bytes, or that vary", path, country, r.Status)
			}
		}
	}
}

// A site without such regions has neither the notice nor the code for it.
func TestRegionsAreShippedWhereTheyAreWanted(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rules map[optgate.Region]optgate.RegionRule
		code  bool
		piece int
	}{
		{"none", nil, false, 404},
		{"all are asked first", map[optgate.Region]optgate.RegionRule{"US": "opt-in"}, false, 404},
		{"no banner", map[optgate.Region]optgate.RegionRule{"US": "none"}, true, 404},
		{"opt-out", map[optgate.Region]optgate.RegionRule{"US": "opt-out"}, true, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			c := shop()
			c.Regions = tt.rules
			k.publish(c)
			gate := read(t, k.do(request{method: "GET", path: "/s/shop/gate.js"}))
			if got := strings.Contains(gate, "dataset.region"); got != tt.code {
				t.Errorf("got the code for regions: %t, want %t", got, tt.code)
			}
			if r := k.do(request{method: "GET", path: "/s/shop/notice.js?lang=en"}); r.StatusCode != tt.piece {
				t.Errorf("got %s for the notice, want %d", r.Status, tt.piece)
			}
		})
	}
}

// What was shown where all loads until she objects is a panel of its own, by which
// a record proves it; and her browser's objection says nothing of the rest.
func TestObjectionsAreRecorded(t *testing.T) {
	k := outside(t)
	site, _ := k.reg.Published("shop")
	objection := answer(newID(), newID())
	objection["revision"], objection["source"], objection["action"], objection["panel"] = 2, "banner", "reject_all", site.Shown["en"].Notice
	objection["choices"] = map[string]any{"functional": false, "analytics": false, "marketing": false}
	signal := answer(newID(), newID())
	signal["revision"], signal["source"], signal["choices"] = 2, "gpc", map[string]any{"marketing": false}
	for name, body := range map[string]map[string]any{"by a click": objection, "by the signal": signal} {
		if r := k.decide(encode(t, body)); r.StatusCode != http.StatusCreated {
			t.Errorf("%s: got %s: %s", name, r.Status, read(t, r))
		}
	}
	if site.Shown["en"].Notice == site.Shown["en"].Panel || site.Shown["en"].Notice == "" {
		t.Errorf("the notice is %q, the banner %q", site.Shown["en"].Notice, site.Shown["en"].Panel)
	}
	sources := []string{}
	for _, r := range k.records() {
		sources = append(sources, r.Source)
		if r.Source == "gpc" && len(r.Choices) != 1 {
			t.Errorf("got %v, want nothing said of the rest", r.Choices)
		}
	}
	if slices.Sort(sources); !slices.Equal(sources, []string{"banner", "gpc"}) {
		t.Errorf("got records by %q", sources)
	}
	signal["id"], signal["revision"] = newID(), 1
	if r := k.decide(encode(t, signal)); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a revision that asks first everywhere: got %s, want each category answered", r.Status)
	}
}

// A cookie that also a service keeps of which nothing was said stays: that may load.
func TestWhatNobodySaidKeepsItsCookies(t *testing.T) {
	k := newKit(t)
	c := shop()
	c.Regions = map[optgate.Region]optgate.RegionRule{"US": "opt-out"}
	c.Services = []optgate.Service{
		{ID: "stats", Name: "Stats", Category: "analytics", Provider: "Stats Inc.", Cookies: []optgate.StoredCookie{{Name: "both"}}},
		{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc.", Cookies: []optgate.StoredCookie{{Name: "both"}, {Name: "ad"}}},
	}
	c.Tags = nil
	k.publish(c)
	body := answer(newID(), newID())
	body["revision"], body["source"], body["choices"] = 2, "gpc", map[string]any{"marketing": false}
	r := k.do(request{
		method: "POST", path: origin + "/s/shop/choices", body: encode(t, body),
		headers: []string{"Content-Type", "application/json", "X-Forwarded-Proto", "https", "Origin", origin},
		cookies: []*http.Cookie{{Name: "both", Value: "1"}, {Name: "ad", Value: "1"}},
	})
	gone := strings.Join(r.Header.Values("Set-Cookie"), "\n")
	if r.StatusCode != http.StatusCreated || !strings.Contains(gone, "ad=; ") || strings.Contains(gone, "both=") {
		t.Errorf("got %s with\n%s\nwant the cookie gone that only what was refused keeps", r.Status, gone)
	}
}
