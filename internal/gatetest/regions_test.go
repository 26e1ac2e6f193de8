package gatetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// The gate and the server know the same rule in each region.
func TestRegionVectors(t *testing.T) {
	var all []struct {
		Name    string                                `json:"name"`
		Regions map[optgate.Region]optgate.RegionRule `json:"regions"`
		Region  string                                `json:"region"`
		Rule    optgate.RegionRule                    `json:"rule"`
		Table   map[optgate.Region]int
		Want    int
	}
	if err := json.Unmarshal([]byte(vectors(t, "regions.json")), &all); err != nil || len(all) == 0 {
		t.Fatalf("got %d vectors, %v", len(all), err)
	}
	for i := range all {
		c := optgate.Config{Regions: all[i].Regions}
		if all[i].Table = c.RegionTable(); all[i].Table == nil {
			all[i].Table = map[optgate.Region]int{}
		}
		for n, rule := range optgate.RegionRules {
			if rule == all[i].Rule {
				all[i].Want = n
			}
		}
	}
	doc, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(bundle(t), nil)
	var faults []fault
	p.Eval(`(`+string(doc)+`).map((v) => ({Name: v.name, Got: rules.ruleIn(v.Table, v.region) - v.Want + ""})).filter(({Got}) => Got !== "0")`, &faults)
	for _, f := range faults {
		t.Errorf("%s: the gate's rule is off by %s", f.Name, f.Got)
	}
	// What is no text is no region, though it may read as one.
	var odd []int
	p.Eval(`[["US"], {toString: () => "US"}, 7, true, null, undefined].map((region) => rules.ruleIn({US: 1}, region))`, &odd)
	for i, rule := range odd {
		if rule != 0 {
			t.Errorf("what is no text, number %d, has the rule %d", i, rule)
		}
	}
}

// says makes the server say a region, as JSON of any form.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	}
}

// elsewhere returns a stand that is opt-out in California and the rest of the
// United States has no banner, with more attributes of the gate's script and more
// in the head before it.
func elsewhere(t *testing.T, attributes, head string) *stand {
	s := newStand(t, "")
	s.set("y", map[string]int{"US": 1, "US-": 2, "US-CA": 1})
	s.set("g", map[string]int{"marketing": 1})
	s.region = says(`{"region":"US-CA"}`)
	s.page("/", `<!doctype html><html lang="en"><head>`+head+`<script src="/og/gate.js" `+attributes+`></script><title>t</title></head><body>`+probes+
		`<script type="text/plain" data-gate="marketing" data-src="{third}/marketing.js"></script>`+
		`<script>window.heard = []; optgate.on("ready", (c) => heard.push(["ready", c])); optgate.on("change", (c) => heard.push(["change", c]))</script></body></html>`)
	return s
}

const objecting1 = `<script>Object.defineProperty(Navigator.prototype, "globalPrivacyControl", {get: () => true, configurable: true})</script>`

var everything = []string{"/both.gif", "/essential.gif", "/functional.gif", "/marketing.gif", "/marketing.js"}

// In doubt she is asked first, and nothing loads: whatever is said of the region,
// and whoever says it.
func TestInDoubtSheIsAsked(t *testing.T) {
	for _, tt := range []struct {
		name, attributes string
		region           http.HandlerFunc
	}{
		{"another country", "", says(`{"region":"DE"}`)},
		{"not known", "", says(`{"region":""}`)},
		{"nothing", "", says(`{}`)},
		{"null", "", says(`null`)},
		{"a list", "", says(`{"region":["US-CA"]}`)},
		{"a number", "", says(`{"region":1}`)},
		{"small letters", "", says(`{"region":"us-ca"}`)},
		{"two regions", "", says(`{"region":"US-CA,DE"}`)},
		{"markup", "", says(`{"region":"US-CA<script>"}`)},
		{"a property of every object", "", says(`{"region":"__proto__"}`)},
		{"no JSON", "", says(`US-CA`)},
		{"a page", "", says(`<!doctype html><p>US-CA`)},
		{"cut short", "", says(`{"region":"US-CA"`)},
		{"an error that has a region", "", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `{"region":"US-CA"}`)
		}},
		{"not there", "", http.NotFound},
		{"a connection that breaks", "", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"the page says nothing", `data-region=""`, says(`{"region":"US-CA"}`)},
		{"the page says garbage", `data-region="California"`, says(`{"region":"US-CA"}`)},
		{"the page says another country", `data-region="DE"`, says(`{"region":"US-CA"}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, tt.attributes, "")
			s.region = tt.region
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel #og-accept')")
			settle(p)
			s.wantCalls("/essential.gif")
			var state struct {
				Choices any
				Allows  bool
				Cookie  string
				Stored  int
			}
			p.Eval(`({choices: optgate.choices, allows: optgate.allows("marketing"), cookie: document.cookie, stored: localStorage.length + sessionStorage.length})`, &state)
			if state.Choices != nil || state.Allows || state.Cookie != "" || state.Stored > 0 {
				t.Errorf("got %+v, want nothing chosen, allowed or stored", state)
			}
			if asked := s.asked("GET /og/region"); asked > 0 && tt.attributes != "" {
				t.Error("the server was asked though the page said it")
			}
			s.wantPosts(0)
		})
	}
}

// A region that comes late finds her asked, and changes nothing on that page. Until
// then neither the banner nor anything that waits is there.
func TestALateRegionChangesNothing(t *testing.T) {
	s := elsewhere(t, "", "")
	release, came := make(chan struct{}), make(chan struct{})
	s.region = func(w http.ResponseWriter, r *http.Request) {
		close(came)
		select {
		case <-release:
		case <-r.Context().Done():
		}
		says(`{"region":"US-CA"}`)(w, r)
	}
	p := s.visit()
	<-came
	p.WaitFor("document.querySelector('#og-panel #og-accept')")
	s.wantCalls("/essential.gif")
	close(release)
	p.WaitFor(`performance.getEntriesByType("resource").some((e) => e.name.endsWith("/region") && e.responseEnd)`)
	settle(p)
	s.wantCalls("/essential.gif")
	p.Click("#og-accept")
	if got := s.wantPosts(1)[0]; got.Action != "accept_all" {
		t.Errorf("got %+v", got)
	}
}

// While the region is on its way nothing is shown that it may take back.
func TestWhileTheRegionIsOnItsWay(t *testing.T) {
	s := elsewhere(t, "", `<script>
		window.seen = [];
		new MutationObserver(() => { for (const id of ["og-panel", "og-open"]) if (document.getElementById(id)) seen.push(id) }).observe(document, {childList: true, subtree: true});
	</script>`)
	release := make(chan struct{})
	s.region = func(w http.ResponseWriter, r *http.Request) {
		<-release
		says(`{"region":"DE"}`)(w, r)
	}
	p := s.visit()
	p.WaitFor("document.readyState === 'complete'")
	s.until("the region is asked for", func() bool { return s.asked("GET /og/region") == 1 })
	var seen []string
	p.Eval("seen", &seen)
	if len(seen) > 0 {
		t.Errorf("got %q", seen)
	}
	close(release)
	p.WaitFor("document.querySelector('#og-panel #og-accept')")
	s.wantCalls("/essential.gif")
}

// Where all loads until she objects, it does at once, and she is told; one click
// objects to all of it.
func TestOptOut(t *testing.T) {
	for _, tt := range []struct{ name, attributes string }{
		{"the server knows", ""},
		{"the page knows", `data-region="US-CA"`},
		{"only the country is known, and a part of it is stricter", `data-region="US"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, tt.attributes, "")
			p := s.visit()
			s.wantCalls(everything...)
			p.WaitFor("document.querySelector('#og-panel [data-og-reject]')")
			var state struct {
				Choices map[string]bool
				Accept  bool
				Cookie  string
				Stored  int
				Control string
			}
			p.Eval(`({choices: optgate.choices, accept: !!document.querySelector("#og-accept"), cookie: document.cookie,
				stored: localStorage.length + sessionStorage.length, control: getComputedStyle(document.querySelector("#og-open")).display})`, &state)
			if want := map[string]bool{"functional": true, "marketing": true}; !maps.Equal(state.Choices, want) || state.Accept || state.Cookie != "" || state.Stored > 0 || state.Control != "none" {
				t.Errorf("got %+v, want all allowed, nothing stored, and the notice in place of banner and control", state)
			}
			s.wantPosts(0)
			s.forget()
			p.Eval("window.same = 1", nil)
			p.Click("#og-reject")
			got := s.wantPosts(1)[0]
			if want := map[string]bool{"functional": false, "marketing": false}; got.Action != "reject_all" || got.Source != "banner" || got.Panel == "" || !maps.Equal(got.Choices, want) {
				t.Errorf("got %+v, want all refused in the notice", got)
			}
			// A script of theirs ran, which nothing but a fresh page stops.
			p.WaitFor("!window.same && document.readyState === 'complete'")
			settle(p)
			s.wantCalls("/essential.gif")
			p.WaitFor("!document.querySelector('#og-panel') && getComputedStyle(document.querySelector('#og-open')).display !== 'none'")
			before := s.asked("GET /og/region")
			p.Reload()
			settle(p)
			if s.asked("GET /og/region") != before {
				t.Error("the region is asked for though there is a decision")
			}
			s.wantPosts(1)
		})
	}
}

// What the page is told: nothing that loads by itself is news without a word.
func TestOptOutTellsThePage(t *testing.T) {
	for _, tt := range []struct{ name, attributes, want string }{
		{"the server knows", "", `[["ready",null],["change",{"functional":true,"marketing":true}]]`},
		{"the page knows", `data-region="US-CA"`, `[["ready",{"functional":true,"marketing":true}]]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, tt.attributes, "")
			release := make(chan struct{})
			s.region = func(w http.ResponseWriter, r *http.Request) {
				<-release
				says(`{"region":"US-CA"}`)(w, r)
			}
			p := s.visit()
			p.WaitFor("window.heard")
			close(release)
			s.wantCalls(everything...)
			var got string
			p.Eval("JSON.stringify(heard)", &got)
			if got != tt.want {
				t.Errorf("the page is told %s, want %s", got, tt.want)
			}
		})
	}
}

// With no banner the control remains, by which she objects all the same.
func TestNoBanner(t *testing.T) {
	s := elsewhere(t, `data-region="US-TX"`, "")
	p := s.visit()
	s.wantCalls(everything...)
	settle(p)
	p.WaitFor("document.querySelector('#og-open')")
	var shown bool
	if p.Eval("!!document.querySelector('#og-panel')", &shown); shown || loads(p, "notice") > 0 || loads(p, "panel") > 0 {
		t.Error("something was shown")
	}
	p.Click("#og-open")
	p.WaitFor("document.querySelector('#og-preferences')?.open && document.querySelector('[name=og-functional]').checked && document.querySelector('[name=og-marketing]').checked")
	p.Click("[name=og-marketing]")
	p.Eval("window.same = 1", nil)
	p.Click("#og-save")
	got := s.wantPosts(1)[0]
	if want := map[string]bool{"marketing": false}; got.Action != "save" || got.Source != "preferences" || !maps.Equal(got.Choices, want) {
		t.Errorf("got %+v, want a no to marketing, and no yes that she did not say", got)
	}
	// Where she is asked first, what she did not say is asked.
	p.WaitFor("document.cookie.includes('marketing:0')")
	// A script of marketing's ran, which nothing but a fresh page stops.
	p.WaitFor("!window.same && document.readyState === 'complete'")
	settle(p)
	s.forget()
	s.set("y", map[string]int{"JP": 1})
	p.Goto(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-panel #og-accept')")
	settle(p)
	s.wantCalls("/essential.gif")
}

// The signal is an objection, before the first request; it says nothing of the rest,
// and its absence later is no yes.
func TestGlobalPrivacyControlObjects(t *testing.T) {
	for _, tt := range []struct {
		name, attributes string
		notice           bool
	}{
		{"opt-out, the server knows", "", true},
		{"opt-out, the page knows", `data-region="US-CA"`, true},
		{"no banner", `data-region="US-TX"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, tt.attributes, objecting1)
			p := s.visit()
			got := s.wantPosts(1)[0]
			if want := map[string]bool{"marketing": false}; got.Action != "save" || got.Source != "gpc" || got.Panel != "" || !maps.Equal(got.Choices, want) {
				t.Errorf("got %+v, want a no to marketing by the signal", got)
			}
			settle(p)
			s.wantCalls("/essential.gif", "/functional.gif")
			if tt.notice {
				p.WaitFor("document.querySelector('#og-panel [data-og-gpc]:not([hidden])')")
			}
			s.page("/later", `<!doctype html><html lang="en"><head><script src="/og/gate.js" `+tt.attributes+`></script><title>t</title></head><body>`+probes+`</body></html>`)
			s.forget()
			p.Goto(s.site.URL + "/later")
			settle(p)
			s.wantCalls("/essential.gif", "/functional.gif")
			s.wantPosts(1)
			p.Eval("optgate.open()", nil)
			p.WaitFor("document.querySelector('#og-preferences')?.open && document.querySelector('[name=og-functional]').checked && !document.querySelector('[name=og-marketing]').checked")
			// Her own yes is stronger than the signal.
			p.Click("[name=og-marketing]")
			p.Click("#og-save")
			if own := s.wantPosts(2)[1]; !maps.Equal(own.Choices, map[string]bool{"marketing": true}) {
				t.Errorf("got %+v, want a yes to marketing", own)
			}
			s.wantCalls("/both.gif", "/essential.gif", "/functional.gif", "/marketing.gif")
			s.forget()
			p.Goto(s.site.URL + "/")
			s.wantCalls(everything...)
			s.wantPosts(2)
		})
	}
}

// Where she is asked first, the signal is no answer, as ever.
func TestGlobalPrivacyControlWhereSheIsAsked(t *testing.T) {
	s := elsewhere(t, `data-region="DE"`, objecting1)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel #og-accept')")
	settle(p)
	s.wantCalls("/essential.gif")
	s.wantPosts(0)
}

// What she says by a button that stands for all is said of all.
func TestDecisionsWhereAllLoads(t *testing.T) {
	for _, tt := range []struct {
		name, head, do string
		action         string
		want           map[string]bool
	}{
		{"accept all", "", `document.querySelector("dialog [data-og-accept]").click()`, "accept_all", map[string]bool{"functional": true, "marketing": true}},
		{"accept all, against her browser's objection", objecting1, `document.querySelector("dialog [data-og-accept]").click()`, "save", map[string]bool{"functional": true, "marketing": false}},
		{"save as it is", "", `document.querySelector("#og-save").click()`, "save", map[string]bool{}},
		{"by the page, by name", "", `optgate.set({functional: true})`, "save", map[string]bool{"functional": true, "marketing": false}},
		{"withdraw", "", `optgate.withdraw()`, "withdraw", map[string]bool{"functional": false, "marketing": false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, `data-region="US-TX"`, tt.head)
			p := s.visit()
			p.WaitFor("optgate.allows('functional')")
			first := 0
			if tt.head != "" {
				first = 1
				s.wantPosts(1)
			}
			p.Eval("optgate.open()", nil)
			p.WaitFor("document.querySelector('#og-preferences')?.open")
			p.Eval(tt.do, nil)
			got := s.wantPosts(first + 1)[first]
			if got.Action != tt.action || !maps.Equal(got.Choices, tt.want) {
				t.Errorf("got %s with %v, want %s with %v", got.Action, got.Choices, tt.action, tt.want)
			}
		})
	}
}

// Closed, the notice stays away until something changes materially.
func TestTheNoticeCanBeClosed(t *testing.T) {
	s := elsewhere(t, `data-region="US-CA"`, "")
	p := s.visit()
	p.Click("#og-panel [data-og-close]")
	p.WaitFor("!document.querySelector('#og-panel') && document.activeElement.id === 'og-open'")
	p.Reload()
	p.WaitFor(`performance.getEntriesByType("resource").some((e) => e.name.includes("/notice.js") && e.responseEnd)`)
	settle(p)
	var there bool
	if p.Eval("!!document.querySelector('#og-panel')", &there); there {
		t.Error("it came again")
	}
	s.wantPosts(0)
	s.set("r", 8)
	s.set("e", map[string]int{"marketing": 8})
	p.Reload()
	p.WaitFor("document.querySelector('#og-panel [data-og-reject]')")
}

// A no holds in every region, also once what it was about has changed.
func TestANoHoldsEverywhere(t *testing.T) {
	for _, region := range []string{"US-CA", "US-TX", "DE", ""} {
		t.Run("in "+region, func(t *testing.T) {
			s := elsewhere(t, fmt.Sprintf("data-region=%q", region), "")
			s.set("e", map[string]int{"marketing": 6})
			s.page("/other", "")
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/other")
			p.Eval(fmt.Sprintf(`document.cookie = "og=1.4.%d.functional:1,marketing:0"`, time.Now().Unix()), nil)
			p.Goto(s.site.URL + "/")
			settle(p)
			s.wantCalls("/essential.gif", "/functional.gif")
		})
	}
}

// Google hears by region what holds before an answer, and the gate has the last
// word: in doubt that all is denied.
func TestGoogleByRegion(t *testing.T) {
	const denied, granted = `{"ad_storage":"denied","security_storage":"granted"`, `{"ad_storage":"granted","security_storage":"granted"`
	for _, tt := range []struct {
		name, region, head string
		want               []string
	}{
		{"opt-out", "US-CA", "", []string{
			`["consent","default",` + denied + `}]`, `["consent","default",` + granted + `,"wait_for_update":1500,"region":["US"]}]`, `["consent","update",` + granted + `}]`}},
		{"asked first", "DE", "", []string{
			`["consent","default",` + denied + `}]`, `["consent","default",` + granted + `,"wait_for_update":1500,"region":["US"]}]`, `["consent","update",` + denied + `}]`}},
		{"not known", "", "", []string{
			`["consent","default",` + denied + `}]`, `["consent","default",` + granted + `,"wait_for_update":1500,"region":["US"]}]`, `["consent","update",` + denied + `}]`}},
		{"objected", "US-CA", objecting1, []string{
			`["consent","default",` + denied + `}]`, `["consent","default",` + denied + `,"wait_for_update":1500,"region":["US"]}]`, `["consent","update",` + denied + `}]`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, "", tt.head)
			s.region = says(fmt.Sprintf(`{"region":%q}`, tt.region))
			s.precede(signal(t, "google-regions", []any{
				map[string]string{"ad_storage": "marketing", "security_storage": "essential"}, false, []string{}, []string{"US"}, []string{"marketing"},
			}))
			p := s.visit()
			wantTold(t, p, "dataLayer", tt.want...)
		})
	}
}
