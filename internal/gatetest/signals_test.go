package gatetest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/static"
)

// signal returns the script of a vendor as the server puts it before the gate.
func signal(t *testing.T, vendor string, argument any) string {
	t.Helper()
	code, err := static.FS.ReadFile("signal/" + vendor + ".js")
	if err != nil {
		t.Fatal(err)
	}
	inlined, err := json.Marshal(argument)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("(function(__SIGNAL){%s})(%s);\n", code, inlined)
}

// told returns the calls that lie in a queue, each as a line of JSON.
func told(p *browser.Page, queue string) []string {
	var all []string
	p.Eval("("+queue+").map((call) => JSON.stringify(call.length === undefined ? call : [...call]))", &all)
	return all
}

// wantTold waits until a queue has as many calls as wanted, and compares.
func wantTold(t *testing.T, p *browser.Page, queue string, want ...string) {
	t.Helper()
	p.WaitFor(fmt.Sprintf("(%s).length >= %d", queue, len(want)))
	if got := told(p, queue); !slices.Equal(got, want) {
		t.Errorf("%s: got\n%q\nwant\n%q", queue, got, want)
	}
}

const (
	googleDefault = `["consent","default",{"ad_storage":"denied","functionality_storage":"denied","security_storage":"granted","wait_for_update":500}]`
	googleOwn     = `["config","G-1"]`
	googleAll     = `["consent","update",{"ad_storage":"granted","functionality_storage":"granted","security_storage":"granted"}]`
	googleNone    = `["consent","update",{"ad_storage":"denied","functionality_storage":"denied","security_storage":"granted"}]`
	googleTag     = `["ran"]`
)

// googlePage uses Google's queue as a page does, and holds a tag that notes when
// it runs.
const googlePage = `<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) } gtag("config", "G-1")</script>` +
	`<script type="text/plain" data-gate="marketing">gtag("ran")</script>`

func googleStand(t *testing.T) *stand {
	s := newStand(t, googlePage)
	s.precede(signal(t, "google", []any{
		map[string]string{"ad_storage": "marketing", "functionality_storage": "functional", "security_storage": "essential"},
		map[string]int{"wait_for_update": 500},
	}))
	return s
}

// The default stands before anything that the page says, a decision is one
// update, told before what it allows runs; on the next page it follows the
// default at once.
func TestGoogleIsToldInOrder(t *testing.T) {
	s := googleStand(t)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	settle(p)
	wantTold(t, p, "dataLayer", googleDefault, googleOwn)
	p.Click("#og-accept")
	s.wantPosts(1)
	wantTold(t, p, "dataLayer", googleDefault, googleOwn, googleAll, googleTag)
	p.Reload()
	settle(p)
	wantTold(t, p, "dataLayer", googleDefault, googleAll, googleOwn, googleTag)
	p.Eval("window.same = 1; optgate.withdraw()", nil)
	s.wantPosts(2)
	p.WaitFor("!window.same && document.readyState === 'complete'")
	settle(p)
	wantTold(t, p, "dataLayer", googleDefault, googleNone, googleOwn)
}

// What the server itself holds for the site runs as early as can be, and yet
// after the answer was told.
func TestServersTagsRunAfterTheSignal(t *testing.T) {
	s := googleStand(t)
	s.set("t", []map[string]any{{"c": "marketing", "k": 2, "b": "dataLayer.push(['ran'])"}})
	s.put("/", "")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	p.Reload()
	settle(p)
	wantTold(t, p, "dataLayer", googleDefault, googleAll, googleTag)
}

// A second copy of the gate says nothing again, and a page may choose its own
// names for categories that objects have anyway.
func TestSignalsAreSaidOnce(t *testing.T) {
	s := googleStand(t)
	s.put("/", `<script src="/og/gate.js"></script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	wantTold(t, p, "dataLayer", googleDefault)
	s.precede(signal(t, "google", []any{map[string]string{"ad_storage": "constructor"}}))
	p.Reload()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	wantTold(t, p, "dataLayer", `["consent","default",{"ad_storage":"denied"}]`, `["consent","update",{"ad_storage":"denied"}]`)
}

// A withdrawal is told first: what is being withdrawn is still there then.
func TestVendorsHearBeforeTheirCookiesGo(t *testing.T) {
	s := newStand(t, `<script>
		document.cookie = "_fbp=1";
		window.heard = [];
		const clear = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
		Object.defineProperty(document, "cookie", {
			get() { return clear.get.call(this) },
			set(v) { if (/^_fbp=;/.test(v)) heard.push(["cleared"]); clear.set.call(this, v) },
		});
		fbq = (...call) => heard.push(call);
		fbq.queue = [];
		fbq("init");
	</script>`)
	s.known = kept
	s.precede(signal(t, "meta", []any{"marketing"}))
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	wantTold(t, p, "heard", `["consent","revoke"]`, `["init"]`, `["consent","grant"]`)
	p.Eval("optgate.withdraw()", nil)
	s.wantPosts(2)
	p.WaitFor("!document.cookie.includes('_fbp')")
	if got := told(p, "heard.slice(0, 5)"); !slices.Equal(got[3:], []string{`["consent","revoke"]`, `["cleared"]`}) {
		t.Errorf("got %q, want the vendor told before anything was cleared", got)
	}
}
