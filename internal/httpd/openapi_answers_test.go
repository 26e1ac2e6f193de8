package httpd_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// apiCase is a call and how it is to be answered.
type apiCase struct {
	route, query, body string
	headers            []string
	want               int
}

// TestOpenAPIAnswers makes each operation give each answer that openapi.yaml
// says it has, and holds them against it. An answer that no case here brings
// about fails.
func TestOpenAPIAnswers(t *testing.T) {
	k := newKit(t)
	all := k.apiToken("ann", optgate.Owner, optgate.Permissions...)
	none := k.apiToken("bob", optgate.Viewer, optgate.ManageUsers)
	k.publishEverything()
	k.putShops()
	file, etag := k.readConfig(all, inYAML)
	_, etagJSON := k.readConfig(all, inJSON)
	changed := strings.Replace(file, "name: Everything", "name: All", 1)
	const (
		sites, config, revisions = "GET /api/v1/sites", "GET /api/v1/sites/:site/config", "GET /api/v1/sites/:site/revisions"
		revision, diff, counts   = "GET /api/v1/sites/:site/revisions/:number", "GET /api/v1/sites/:site/diff", "GET /api/v1/sites/:site/counts"
		unmarked, records        = "GET /api/v1/sites/:site/unmarked", "GET /api/v1/sites/:site/records"
		catalogue, audit         = "GET /api/v1/catalogue", "GET /api/v1/audit"
		put, back                = "PUT /api/v1/sites/:site/config", "POST /api/v1/sites/:site/revisions/:number/roll-back"
		groups, group            = "GET /api/v1/groups", "GET /api/v1/groups/:group"
		putGroup, delGroup       = "PUT /api/v1/groups/:group", "DELETE /api/v1/groups/:group"
		ok, invalid              = http.StatusOK, http.StatusUnprocessableEntity
	)
	yamlBody := []string{"Content-Type", inYAML, "If-Match", etag}
	groupFile := k.call(all, "GET", groupPath, "", "Accept", inYAML)
	groupBody := []string{"Content-Type", inYAML, "If-Match", groupFile.Header.Get("Etag")}
	shops := read(t, groupFile)
	cases := []apiCase{
		{route: "GET /api/v1/openapi.yaml", want: ok},
		{route: "GET /api/v1/openapi.json", want: ok},
		{route: sites, want: ok},
		{route: config, want: ok},
		{route: config, headers: []string{"Accept", "text/*, application/yaml;q=0.5"}, want: ok},
		{route: config, headers: []string{"If-None-Match", etagJSON}, want: http.StatusNotModified},
		{route: config, headers: []string{"Accept", "application/xml"}, want: http.StatusNotAcceptable},
		{route: revisions, want: ok},
		{route: revisions, query: "before=2", want: ok},
		{route: revision, want: ok},
		{route: revision, headers: []string{"Accept", inYAML}, want: ok},
		{route: revision, headers: []string{"Accept", "application/xml"}, want: http.StatusNotAcceptable},
		{route: diff, want: ok},
		{route: diff, query: "from=2&to=1", want: ok},
		{route: counts, want: ok},
		{route: counts, query: "from=2024-12-01&to=2026-11-30", want: ok},
		{route: unmarked, want: ok},
		{route: catalogue, want: ok},
		{route: catalogue, query: "category=analytics", want: ok},
		{route: audit, query: "limit=1", want: ok},
		{route: records, want: ok},
		{route: records, query: "format=csv&limit=2", want: ok},
		{route: records, query: "format=iso27560", want: ok},
		{route: records, query: "from=yesterday", want: invalid},

		{route: groups, want: ok},
		{route: group, want: ok},
		{route: group, headers: []string{"Accept", inYAML, "If-None-Match", groupBody[3]}, want: http.StatusNotModified},
		{route: group, headers: []string{"Accept", "application/xml"}, want: http.StatusNotAcceptable},
		{route: putGroup, query: "dry-run", body: shops + "choice_days: 99\n", headers: groupBody, want: ok},
		{route: putGroup, body: shops, headers: []string{"Content-Type", inYAML, "If-None-Match", "*"}, want: http.StatusPreconditionFailed},
		{route: putGroup, body: "choice_days: [", headers: groupBody, want: invalid},
		{route: putGroup, body: shops, headers: groupBody[:2], want: http.StatusPreconditionRequired},
		{route: putGroup, body: strings.Repeat("#", 1<<20+1), headers: groupBody, want: http.StatusRequestEntityTooLarge},
		{route: putGroup, body: shops, headers: groupBody[2:], want: http.StatusUnsupportedMediaType},
		{route: delGroup, want: http.StatusPreconditionRequired},
		{route: delGroup, headers: []string{"If-Match", `"x"`}, want: http.StatusPreconditionFailed},

		{route: put, query: "dry-run", body: changed, headers: yamlBody, want: ok},
		{route: put, query: "dry-run&effective=2026-12-01", body: file, headers: []string{"Content-Type", inYAML, "If-None-Match", "*"}, want: http.StatusPreconditionFailed},
		{route: put, body: "name: [", headers: yamlBody, want: invalid},
		{route: put, body: changed, headers: yamlBody[:2], want: http.StatusPreconditionRequired},
		{route: put, body: strings.Repeat("#", 1<<20+1), headers: yamlBody, want: http.StatusRequestEntityTooLarge},
		{route: put, body: file, headers: yamlBody[2:], want: http.StatusUnsupportedMediaType},
		{route: back, query: "dry-run", headers: yamlBody[2:], want: ok},
		{route: back, query: "effective=2020-01-01", headers: yamlBody[2:], want: invalid},
		{route: back, want: http.StatusPreconditionRequired},
		{route: back, headers: []string{"If-Match", `"1"`}, want: http.StatusPreconditionFailed},
	}
	seen := map[string]map[int]bool{}
	try := func(c apiCase, path, token string) {
		t.Helper()
		method, _, _ := strings.Cut(c.route, " ")
		if c.query != "" {
			path += "?" + c.query
		}
		r := k.call(token, method, path, c.body, c.headers...)
		if r.StatusCode != c.want {
			t.Errorf("%s %s?%s was answered %d, want %d: %s", method, path, c.query, r.StatusCode, c.want, read(t, r))
		}
		if seen[c.route] == nil {
			seen[c.route] = map[int]bool{}
		}
		seen[c.route][c.want] = true
	}
	for _, c := range cases {
		_, route, _ := strings.Cut(c.route, " ")
		try(c, apiPathOf(route), all)
	}
	// What every operation with a token has in common.
	for name, needs := range apiRules {
		if needs == everybody {
			continue
		}
		_, route, _ := strings.Cut(name, " ")
		path := apiPathOf(route)
		try(apiCase{route: name, want: http.StatusUnauthorized}, path, "")
		try(apiCase{route: name, want: http.StatusForbidden}, path, none)
		try(apiCase{route: name, query: "nosuch=1", want: http.StatusBadRequest}, path, all)
		if strings.Contains(route, ":site") {
			try(apiCase{route: name, want: http.StatusNotFound, headers: yamlBody[2:]}, strings.Replace(path, "shop", "nosuch", 1), all)
		}
		if strings.Contains(route, ":group") {
			try(apiCase{route: name, want: http.StatusNotFound, headers: groupBody}, strings.Replace(path, "shops", "nosuch", 1), all)
		}
		k.store.Fault = func(op string) (bool, error) { return false, errors.New("down") }
		try(apiCase{route: name, want: http.StatusServiceUnavailable}, path, all)
		k.store.Fault = nil
		for range 2 * 5 { // the burst that one address is granted
			k.do(request{method: "GET", path: "/api/v1/sites", headers: []string{"X-Forwarded-For", "192.0.2.7", "Authorization", "Bearer " + all}})
		}
		try(apiCase{route: name, want: http.StatusTooManyRequests, headers: []string{"X-Forwarded-For", "192.0.2.7"}}, path, all)
	}
	// These two change what the others began with.
	try(apiCase{route: put, body: changed, headers: yamlBody, want: ok}, apiPathOf("/api/v1/sites/:site/config"), all)
	made := strings.NewReplacer("site: shop", "site: blog", "name: og_x", "name: og_blog").Replace(file)
	try(apiCase{route: put, body: made, headers: []string{"Content-Type", inYAML, "If-None-Match", "*"}, want: http.StatusCreated}, "/api/v1/sites/blog/config", all)
	try(apiCase{route: putGroup, body: strings.Replace(shops, "shops", "news", 1), headers: []string{"Content-Type", inYAML, "If-None-Match", "*"}, want: http.StatusCreated}, "/api/v1/groups/news", all)
	const member = "site: daily\ngroup: news\nname: Daily\norigins: [https://daily.example]\n"
	try(apiCase{route: put, body: member, headers: []string{"Content-Type", inYAML, "If-None-Match", "*"}, want: http.StatusCreated}, "/api/v1/sites/daily/config", all)
	try(apiCase{route: delGroup, headers: []string{"If-Match", "*"}, want: http.StatusConflict}, "/api/v1/groups/news", all)
	try(apiCase{route: delGroup, query: "detach", headers: []string{"If-Match", "*"}, want: http.StatusNoContent}, "/api/v1/groups/news", all)

	for name, o := range described(t).operations() {
		for _, status := range statuses(t, o) {
			if !seen[name][status] {
				t.Errorf("openapi.yaml says that %s may answer %d: no case here makes it", name, status)
			}
		}
	}
}

// publishEverything publishes a site that says everything that site files can
// say, and gives it records, unmarked tags and an audit log.
func (k *kit) publishEverything() {
	k.t.Helper()
	k.publish(everything())
	for range 3 {
		if r := k.decide(encode(k.t, answer(newID(), newID()))); r.StatusCode != http.StatusCreated {
			k.t.Fatal(read(k.t, r))
		}
	}
	k.do(request{method: "POST", path: "/s/shop/unmarked", body: `[["script","https://www.googletagmanager.com/gtag/js"]]`, headers: []string{"Origin", origin}})
	for range 2 {
		k.do(request{method: "GET", path: "/api/v1/audit", headers: []string{"Authorization", "Bearer optgate_YW5u.secret"}})
	}
}

// everything is a configuration that has every key.
func everything() *optgate.Config {
	radius, words := 8, optgate.Text{"en": "Words."}
	c := shop()
	c.Name, c.Hold = "Everything", optgate.HoldThirdParty
	c.Controller = optgate.Controller{Name: "Shop Ltd.", Address: "1 Street", Contact: "privacy@shop.example"}
	c.Policy = optgate.Policy{URL: optgate.Text{"en": "https://shop.example/privacy"}, Effective: "2026-01-01"}
	c.Cookie = optgate.Cookie{Name: "og_x", Path: "/"}
	c.ChoiceDays, c.RecordDays = 100, 1000
	c.Categories[3].Title, c.Categories[3].Description = words, words
	c.Categories = append(c.Categories, optgate.Category{ID: "maps", Off: true, Title: words, Description: words})
	c.Services[0] = optgate.Service{
		ID: "stats", Name: "Stats", Category: "analytics", Provider: "Stats Inc.", Country: "NO", Policy: "https://stats.example/privacy", Purpose: words,
		Hosts: []string{"stats.example"}, Cookies: []optgate.StoredCookie{{Name: "_s*", Kind: "local", Duration: "1 year", Purpose: words}},
	}
	c.Services = append(c.Services, optgate.Service{ID: "pay", Name: "Pay", Category: "essential", Provider: "Pay AG", Purpose: words, Reason: words})
	c.Tags = append(c.Tags, optgate.Tag{ID: "film", Category: "functional", Kind: optgate.TagIframe, Src: "https://film.example/1", Target: "#film", Title: "Film"})
	c.Texts = []optgate.Texts{{Language: "en", Title: "Your choice", Body: "We ask."}}
	c.Theme = optgate.Theme{Accent: "#1a56db", Radius: &radius, Position: optgate.Corner, Logo: origin + "/logo.svg"}
	c.Signals = optgate.Signals{
		Google: &optgate.GoogleSignal{Mode: optgate.GoogleAdvanced, Map: optgate.SignalMap{"marketing": {"ad_storage"}}, Regions: []string{"DE"},
			WaitForUpdate: 500, Redaction: true, URLPassthrough: true},
		Microsoft: &optgate.VendorSignal{Category: "marketing"}, Clarity: &optgate.WordsSignal{Map: optgate.SignalMap{"analytics": {"analytics_Storage"}}},
		Meta: &optgate.MetaSignal{Category: "marketing", LimitedDataUse: true}, TikTok: &optgate.VendorSignal{}, Pinterest: &optgate.VendorSignal{},
		Matomo: &optgate.MatomoSignal{Category: "analytics", Cookies: true, Remember: true}, WordPress: &optgate.WordsSignal{}, DataLayer: true,
	}
	c.GPC = optgate.GPC{Categories: []optgate.CategoryID{"marketing"}}
	return c
}

// The feed of revisions and that of the audit log lead on to their ends.
func TestAPIPages(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Owner, optgate.SeeSites, optgate.SeeAudit)
	c := shop()
	for i := range 60 {
		c.Name = "Shop " + strings.Repeat("I", i)
		k.publish(c)
	}
	for path, want := range map[string]int{"/api/v1/sites/shop/revisions": 61, "/api/v1/audit?limit=3": 8} {
		if strings.HasPrefix(path, "/api/v1/audit") {
			for range 7 {
				k.wantCall(http.StatusOK, token, "GET", "/api/v1/audit", "")
			}
		}
		got := 0
		for next := path; next != ""; {
			r := k.call(token, "GET", next, "")
			for _, rows := range decoded[map[string][]any](t, read(t, r)) {
				got += len(rows)
			}
			next, _, _ = strings.Cut(strings.TrimPrefix(r.Header.Get("Link"), "<"), ">")
		}
		if got != want {
			t.Errorf("%s leads to %d, want %d", path, got, want)
		}
	}
}

// The helper that all these tests rely on must see what is not described.
func TestWantDescribedSees(t *testing.T) {
	for name, body := range map[string]string{
		"a key too many": `{"sites": [], "more": 1}`, "a key too few": `{}`, "another type": `{"sites": "none"}`, "no JSON": `<p>`,
	} {
		r := httptest.NewRecorder()
		r.Header().Set("Content-Type", inJSON)
		r.WriteString(body)
		if ok, _ := described(t).validator.ValidateHttpResponse(httptest.NewRequest("GET", "/api/v1/sites", nil), r.Result()); ok {
			t.Errorf("%s passes", name)
		}
	}
	r := httptest.NewRecorder()
	r.WriteHeader(http.StatusTeapot)
	if ok, _ := described(t).validator.ValidateHttpResponse(httptest.NewRequest("GET", "/api/v1/sites", nil), r.Result()); ok {
		t.Error("a status that is not described passes")
	}
}
