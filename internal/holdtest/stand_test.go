package holdtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/webbed"
	"github.com/optgate/optgate/static"
)

func TestMain(m *testing.M) { webbed.Main(m) }

// shop is the site of all tests.
const shop = "https://www.shop.test/"

// siteOf returns a shop that knows a tracker by all its hosts.
func siteOf(hold optgate.Hold) *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "Shop", Origins: []string{strings.TrimSuffix(shop, "/")}, Languages: []string{"en"}, Hold: hold,
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
		Services: []optgate.Service{
			{ID: "tracker", Name: "Tracker", Category: optgate.Marketing, Hosts: []string{"tracker.test", "*.tracker.test"}},
			{ID: "payments", Name: "Payments", Category: optgate.Essential, Hosts: []string{"*.payments.test"}},
		},
	}
}

// stand is a bed with the site's gate.
type stand struct {
	*webbed.Bed
	t *testing.T
}

// newStand serves the gate of a site, with what holds unmarked tags before it if
// the site wants that.
func newStand(t *testing.T, c *optgate.Config) stand {
	t.Helper()
	s := stand{webbed.New(t), t}
	s.Answer(shop+"og/gate.js", "text/javascript; charset=utf-8", gateOf(t, c))
	for _, piece := range []string{"panel", "preferences", "placeholders"} {
		s.Answer(shop+"og/"+piece+".js", "text/javascript; charset=utf-8", "0")
	}
	s.Answer(shop+"favicon.ico", "image/gif", "")
	s.Answer(shop+"empty", "text/html", "")
	return s
}

// gateOf returns the script as the server composes it.
func gateOf(t *testing.T, c *optgate.Config) string {
	t.Helper()
	var script strings.Builder
	fmt.Fprintf(&script, "(function(__OG,__PANEL){%s})(%s);", read(t, "gate/gate.js"),
		`{"s":"shop","r":7,"c":["functional","analytics","marketing"],"l":{"en":"Privacy choices"},"h":"abc","x":1000000,"v":"1.2.3"}`)
	if c.Hold != optgate.HoldOff {
		rules, err := json.Marshal(policy.Compile(c))
		if err != nil {
			t.Fatal(err)
		}
		file := "gate/hold.js"
		if c.Hold == optgate.HoldThirdParty {
			file = "gate/strict.js"
		}
		fmt.Fprintf(&script, "(function(__HOLD){%s})(%s);", read(t, file), rules)
	}
	return script.String()
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := static.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testdata returns a file of the tests.
func testdata(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// page puts a page with the gate at an address of the shop.
func (s stand) page(path, body string) {
	s.Page(shop+path, `<!doctype html><html lang="en"><head><script src="/og/gate.js"></script><title>t</title></head><body>`+body+`</body></html>`)
}

// visit opens the shop for a new visitor, in the one profile in which browsers
// connect ahead.
func (s stand) visit() *browser.Page {
	s.t.Helper()
	p := browser.New(s.t, browser.Options{Regular: true})
	p.Goto(shop + "empty")
	p.Eval(`(async () => {
		document.cookie = "og=;max-age=0;path=/";
		localStorage.clear();
		sessionStorage.clear();
		for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
	})()`, nil)
	p.Goto(shop)
	s.Idle(p)
	return p
}

// until waits for ok, but no longer than patience: what is missing then is for the
// test to tell.
func (s stand) until(ok func() bool) {
	const patience = 20 * time.Second
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !ok() && time.Now().Before(deadline); {
		<-tick.C
	}
}

// heard returns how often each host below tracker.test was asked, and "+" for a
// connection without a request.
func (s stand) heard() map[string]int {
	all := map[string]int{}
	for _, r := range s.Requests("tracker.test") {
		host, _, _ := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/")
		all[host]++
	}
	for _, host := range s.Connections("tracker.test") {
		if all[host] == 0 {
			all[host+"+"]++
		}
	}
	return all
}

// script answers an address with code.
func (s stand) script(path string, code http.HandlerFunc) { s.Handle(shop+path, code) }
