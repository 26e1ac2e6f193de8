package pagecheck_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
)

const (
	gateURL    = "https://consent.example/s/shop/gate.js"
	gateScript = `(function(__OG){})({"s":"shop","r":2});`
	gateTag    = `<script src="` + gateURL + `"></script>`
)

func shop() *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "The Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional, Off: true}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
		Services:   []optgate.Service{{ID: "stats", Name: "Counter", Category: optgate.Analytics, Hosts: []string{"stats.example"}}},
	}
}

// fetched answers for scripts that may be the gate.
func fetched(_ context.Context, address string) (*pagecheck.Answer, error) {
	bodies := map[string]string{
		"https://shop.example/og/gate.js": gateScript, "https://shop.example/old/gate.js": `(function(__OG){})({"s":"shop","r":1});`,
		"https://shop.example/other/gate.js": `(function(__OG){})({"s":"blog","r":1});`, "https://shop.example/js/gate.js": "alert(1)",
	}
	body, ok := bodies[address]
	if !ok {
		return nil, &pagecheck.Error{Msg: "took too long to answer", Err: errors.New("timeout")}
	}
	return &pagecheck.Answer{Address: address, Status: 200, Body: []byte(body)}, nil
}

// told writes findings as "kind subject [needs]".
func told(found []pagecheck.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, strings.Join(strings.Fields(fmt.Sprint(f.Kind, " ", f.Subject, " ", strings.Trim(fmt.Sprint(f.Needs), "[]"))), " "))
	}
	return all
}

func findings(t *testing.T, a pagecheck.Answer, c *optgate.Config) []pagecheck.Finding {
	t.Helper()
	a.Address, a.Type = "https://shop.example/page", "text/html; charset=utf-8"
	if a.Status == 0 {
		a.Status = 200
	}
	p, err := pagecheck.Read(&a)
	if err != nil {
		t.Fatal(err)
	}
	s := pagecheck.Site{Config: c, Gate: gateURL, Script: []byte(gateScript)}
	return s.Findings(t.Context(), p, fetched)
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name, head, body string
		policies         []string
		status           int
		want             []string
	}{
		{name: "all is well", head: gateTag, want: []string{"gate-fine", "nothing-known"}},
		{name: "below a path of the site", head: `<script src="/og/gate.js"></script>`, want: []string{"gate-fine", "nothing-known"}},
		{name: "what goes before", head: `<meta charset=utf-8><title>x</title><link rel=stylesheet href=/a.css><script type="application/ld+json">{}</script>` + gateTag, want: []string{"gate-fine", "nothing-known"}},
		{name: "no gate", head: `<script src="/app.js"></script>`, want: []string{"gate-missing", "nothing-known"}},
		{name: "a script of that name", head: `<script src="/js/gate.js"></script>`, want: []string{"gate-missing", "nothing-known"}},
		{name: "another site's", head: `<script src="/other/gate.js"></script>`, want: []string{"gate-other blog", "nothing-known"}},
		{name: "an older one", head: `<script src="/old/gate.js"></script>`, want: []string{"gate-older", "gate-fine", "nothing-known"}},
		{name: "one that does not answer", head: `<script src="https://nowhere.example/gate.js"></script>`, want: []string{"gate-unreachable took too long to answer", "nothing-known"}},
		{name: "not first", head: `<script src="/app.js"></script>` + gateTag, want: []string{"gate-not-first https://shop.example/app.js", "nothing-known"}},
		{name: "behind code", head: `<script>go()</script>` + gateTag, want: []string{"gate-not-first an inline script", "nothing-known"}},
		{name: "behind what is marked", head: `<script type="text/plain" data-gate="analytics" data-src="https://x.example/a.js"></script>` + gateTag, want: []string{"gate-fine", "mark-fine analytics", "nothing-known"}},
		{name: "in the body", body: gateTag, want: []string{"gate-not-in-head", "nothing-known"}},
		{name: "late", head: `<script async defer src="` + gateURL + `"></script>`, want: []string{"gate-late async", "gate-late defer", "nothing-known"}},
		{name: "a module", head: `<script type=module src="` + gateURL + `"></script>`, want: []string{`gate-late type="module"`, "nothing-known"}},
		{name: "made inert", head: `<script type="text/rocketscript" src="` + gateURL + `"></script>`, want: []string{"gate-inert text/rocketscript", "nothing-known"}},
		{name: "under a hash", head: `<script integrity="sha256-x" src="` + gateURL + `"></script>`, want: []string{"gate-integrity", "nothing-known"}},
		{name: "twice", head: gateTag + gateTag, want: []string{"gate-twice", "nothing-known"}},

		{name: "a policy that blocks", head: gateTag, policies: []string{"script-src 'self'"}, want: []string{"policy-blocks script-src 'self'", "nothing-known"}},
		{name: "a policy in the page", head: `<meta http-equiv=Content-Security-Policy content="default-src 'none'">` + gateTag, want: []string{"policy-blocks default-src 'none'", "nothing-known"}},
		{name: "a policy without a way to record", head: gateTag, policies: []string{"default-src 'self'; script-src https:"}, want: []string{"policy-records https://consent.example", "nothing-known"}},
		{name: "a policy that fits", head: gateTag, policies: []string{"img-src 'none', default-src 'self' https://*.example"}, want: []string{"gate-fine", "nothing-known"}},
		{name: "a nonce", head: `<script nonce=abc src="` + gateURL + `"></script>`, policies: []string{"script-src 'strict-dynamic' 'nonce-abc'"}, want: []string{"gate-fine", "nothing-known"}},
		{name: "another nonce", head: `<script nonce=abd src="` + gateURL + `"></script>`, policies: []string{"script-src https: 'strict-dynamic' 'nonce-abc'"}, want: []string{"policy-blocks script-src https: 'strict-dynamic' 'nonce-abc'", "nothing-known"}},

		{name: "marks", head: gateTag, body: `<img data-gate="marketing, analytics" data-src="https://x.example/a.gif"><template data-gate="marketing"><img src="https://www.facebook.com/tr?id=1"></template>`,
			want: []string{"gate-fine", "mark-fine marketing analytics", "mark-fine marketing", "nothing-known"}},
		{name: "a mark of an unknown category", head: gateTag, body: `<iframe data-gate="adverts" data-src="https://x.example/"></iframe>`, want: []string{"mark-unknown adverts", "gate-fine", "nothing-known"}},
		{name: "an empty mark", head: gateTag, body: `<iframe data-gate="" data-src="https://x.example/"></iframe>`, want: []string{"mark-unknown", "gate-fine", "nothing-known"}},
		{name: "a mark of a category that is off", head: gateTag, body: `<iframe data-gate="functional" data-src="https://x.example/"></iframe>`, want: []string{"mark-off functional", "gate-fine", "nothing-known"}},
		{name: "a mark of an unknown service", head: gateTag, body: `<iframe data-gate="analytics" data-gate-service="counter" data-src="https://x.example/"></iframe>`, want: []string{"mark-service counter", "gate-fine", "nothing-known"}},
		{name: "a marked script that runs", head: gateTag, body: `<script data-gate="analytics" src="https://stats.example/a.js"></script>`, want: []string{"mark-useless type analytics", "gate-fine", "nothing-known"}},
		{name: "a marked picture that loads", head: gateTag, body: `<img data-gate="analytics" src="https://stats.example/a.gif">`, want: []string{"mark-useless src analytics", "gate-fine", "nothing-known"}},

		{name: "a service of the site", head: gateTag, body: `<img src="https://stats.example/p.gif?x=1">`, want: []string{"unmarked analytics", "gate-fine"}},
		{name: "a tracker of the table", head: gateTag, body: `<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>`, want: []string{"unmarked analytics", "gate-fine"}},
		{name: "twice the same", head: gateTag, body: strings.Repeat(`<img src="https://stats.example/p.gif">`, 3), want: []string{"unmarked analytics", "gate-fine"}},
		{name: "inline", head: gateTag, body: `<script>!function(f,b){n("https://connect.facebook.net/en_US/fbevents.js")}()</script>`, want: []string{"named-in-code https://connect.facebook.net/en_US/fbevents.js marketing", "gate-fine"}},
		{name: "without scripts", head: gateTag, body: `<noscript><img src="https://www.facebook.com/tr?id=1&noscript=1"></noscript>`, want: []string{"noscript marketing", "gate-fine"}},
		{name: "a container", head: gateTag, body: `<script type="text/plain" data-gate="analytics" data-src="https://www.googletagmanager.com/gtm.js?id=GTM-AB12CD"></script>`, want: []string{"container GTM-AB12CD", "gate-fine", "mark-fine analytics", "nothing-known"}},
		{name: "something essential", head: gateTag, body: `<script src="https://js.stripe.com/v3/"></script>`, want: []string{"gate-fine", "nothing-known"}},
		{name: "its base elsewhere", head: `<base href="https://stats.example/">` + gateTag, body: `<img src="p.gif">`, want: []string{"unmarked analytics", "gate-fine"}},
		{name: "a link that nobody fetches", head: gateTag + `<link rel=canonical href="https://www.facebook.com/tr">`, want: []string{"gate-fine", "nothing-known"}},
		{name: "a page that is missing", head: gateTag, status: 404, want: []string{"page-status", "gate-fine", "nothing-known"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := "<!doctype html><html lang=en><head>" + c.head + "</head><body>" + c.body + "</body></html>"
			got := told(findings(t, pagecheck.Answer{Body: []byte(body), Policies: c.policies, Status: c.status}, shop()))
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// A site that holds nothing is told of the same tags.
func TestFindingsWithoutHolding(t *testing.T) {
	c := shop()
	c.Hold = optgate.HoldOff
	body := `<head>` + gateTag + `</head><img src="https://stats.example/p.gif">`
	if got := told(findings(t, pagecheck.Answer{Body: []byte(body)}, c)); !slices.Contains(got, "unmarked analytics") {
		t.Errorf("got %q, want the tag of the site's service", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ name, kind, body string }{
		{"a picture", "image/png", "\x89PNG"}, {"data", "application/json", "{}"}, {"nonsense", "text/", "x"},
		{"what is nested too deep", "text/html", strings.Repeat("<div>", 5000)},
	} {
		if _, err := pagecheck.Read(&pagecheck.Answer{Address: "https://shop.example/", Type: c.kind, Body: []byte(c.body)}); err == nil {
			t.Errorf("%s was read as a page", c.name)
		}
	}
}

func TestReadOtherCharacters(t *testing.T) {
	p, err := pagecheck.Read(&pagecheck.Answer{
		Address: "https://shop.example/", Type: "text/html", Body: []byte("<html lang=\"fr-CA\"><meta charset=iso-8859-1><img src=\"/\xe9\">"),
	})
	if err != nil || p.Language != "fr-CA" || len(p.Elements) != 1 || p.Elements[0].Address != "https://shop.example/%C3%A9" {
		t.Errorf("got %+v, %v; want the picture é", p, err)
	}
}

// Whatever a page holds, reading it ends, and what is said of it is about the
// network.
func FuzzRead(f *testing.F) {
	f.Add([]byte("<head>"+gateTag+"</head><noscript><img src=//stats.example/a></noscript><base href=x:><script>//a.b/c</script>"), "text/html", "script-src 'self'; x")
	f.Add([]byte("<svg><script href=a /></svg><template data-gate><img srcset='a 1x,'></template>"), "", "default-src *:* a:// */")
	f.Add([]byte("\xff\xfe<\x00a\x00>"), "text/html; charset=utf-16", ",;,")
	s := pagecheck.Site{Config: shop(), Gate: gateURL, Script: []byte(gateScript)}
	f.Fuzz(func(t *testing.T, body []byte, kind, policy string) {
		p, err := pagecheck.Read(&pagecheck.Answer{Address: "https://shop.example/page", Status: 200, Type: kind, Body: body, Policies: []string{policy}})
		if err != nil {
			return
		}
		for _, e := range p.Elements {
			if e.Address != "" && !strings.HasPrefix(e.Address, "http://") && !strings.HasPrefix(e.Address, "https://") {
				t.Errorf("<%s> loads %q", e.Kind, e.Address)
			}
		}
		found := s.Findings(t.Context(), p, fetched)
		if len(found) == 0 {
			t.Error("there is nothing to say, not even whether the gate is there")
		}
		if !slices.IsSortedFunc(found, func(a, b pagecheck.Finding) int { return int(a.Level() - b.Level()) }) {
			t.Errorf("the order is not by importance: %q", told(found))
		}
	})
}
