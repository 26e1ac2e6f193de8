package webbed_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/webbed"
)

func TestMain(m *testing.M) { webbed.Main(m) }

// page asks real names in many ways.
const page = `<!doctype html><html lang="en"><head>
<link rel="preconnect" href="https://fonts.gstatic.com">
<script src="https://www.google-analytics.com/analytics.js?x=1"></script>
<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=A">
</head><body>
<img src="https://www.facebook.com/tr?id=1"><iframe src="https://www.youtube.com/embed/x"></iframe>
<img src="http://plain.example/p.gif">
<script>
new Worker(URL.createObjectURL(new Blob(["importScripts('https://cdn.segment.com/w.js')"])));
fetch("https://api.segment.io/v1/t", {method: "POST", body: "b", headers: {"content-type": "application/json"}});
navigator.sendBeacon("https://px.ads.linkedin.com/collect", "c");
new WebSocket("wss://ws.hotjar.com/s");
setTimeout(() => { new Image().src = "https://bat.bing.com/late" }, 100);
</script></body></html>`

func TestRealNamesAreHeard(t *testing.T) {
	bed := webbed.New(t)
	bed.Page("https://shop.test/", page)
	p := browser.New(t, browser.Options{Regular: true})
	p.Goto("https://shop.test/?q")
	bed.Idle(p)
	var ran []string
	p.Eval("window.ran", &ran)
	if want := []string{"https://www.google-analytics.com/analytics.js"}; !slices.Equal(ran, want) {
		t.Errorf("got scripts %q run, want %q", ran, want)
	}
	var got []string
	for _, r := range bed.Requests() {
		got = append(got, r.String())
	}
	for _, want := range []string{
		"GET https://shop.test/?q", "GET https://www.google-analytics.com/analytics.js?x=1",
		"GET https://fonts.googleapis.com/css?family=A", "GET https://www.facebook.com/tr?id=1",
		"GET https://www.youtube.com/embed/x", "GET https://cdn.segment.com/w.js",
		"OPTIONS https://api.segment.io/v1/t", "POST https://api.segment.io/v1/t",
		"POST https://px.ads.linkedin.com/collect", "GET https://ws.hotjar.com/s", "GET https://bat.bing.com/late",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("got requests %q, want %q among them", got, want)
		}
	}
	if r := bed.Requests("linkedin.com"); len(r) != 1 || r[0].Body != "c" {
		t.Errorf("got %+v of the beacon, want its body", r)
	}
	if r := bed.Requests("edin.com"); len(r) != 0 {
		t.Errorf("got %v of another domain, want nothing", r)
	}
	if got := bed.Connections("gstatic.com"); !slices.Equal(got, []string{"fonts.gstatic.com"}) {
		t.Errorf("got connections %q, want that of preconnect", bed.Connections())
	}
}

// What one test's page asked is not counted in the next, and an empty page asks
// nobody.
func TestABedBeginsEmpty(t *testing.T) {
	for _, regular := range []bool{false, true} {
		t.Run(fmt.Sprintf("regular profile %v", regular), func(t *testing.T) {
			bed := webbed.New(t)
			bed.Page("https://shop.test/", `<!doctype html><link rel="icon" href="data:,"><title>t</title>`)
			p := browser.New(t, browser.Options{Regular: regular})
			p.Goto("https://shop.test/")
			bed.Idle(p)
			if got := bed.Requests(); len(got) != 1 {
				t.Errorf("got %v, want the page alone", got)
			}
			if got := bed.Connections(); !slices.Equal(slices.Compact(got), []string{"shop.test"}) {
				t.Errorf("got connections %q, want those to the page's host", got)
			}
		})
	}
}
