package gatetest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

func TestTheAPI(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script>
		window.log = [];
		window.optgate = window.optgate || [];
		optgate.push(() => { throw new Error("of the page") });
		optgate.push(() => {
			for (const e of ["ready", "change", "open", "close"]) optgate.on(e, (c) => log.push(e + ":" + JSON.stringify(c)));
			optgate.when("marketing").then(() => log.push("when"));
		});
		document.addEventListener("optgate:change", (e) => log.push("event:" + JSON.stringify(e.detail)));
	</script><script src="/og/gate.js"></script></head><body></body></html>`)
	s.answer(func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method == http.MethodGet {
			io.WriteString(w, `{"records":[{"id":"one","receipt":"r"}]}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	p := s.visit()
	is := func(expression, want string) {
		t.Helper()
		var got string
		p.Eval("(async () => JSON.stringify(await ("+expression+")) + '')()", &got)
		if got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
	is("log", `["ready:null"]`)
	is("[optgate.version, optgate.revision, optgate.choices]", `["1.2.3",7,null]`)
	is("['essential', 'marketing', 'nonsense', 'constructor'].map(optgate.allows)", "[true,false,false,false]")
	is("optgate.record()", "null")
	is("(() => { try { optgate.set({marketing: true, nonsense: true}) } catch (e) { return [e instanceof TypeError, e.message.includes('nonsense')] } })()", "[true,true]")
	is("optgate.choices", "null")
	is("(optgate.set({functional: true, marketing: 'yes'}), optgate.choices)", `{"functional":true,"marketing":false}`)
	is("(optgate.set({marketing: true}), optgate.choices)", `{"functional":true,"marketing":true}`)
	is("(optgate.choices.functional = false, optgate.choices.functional)", "true")
	is("optgate.when('marketing').then(() => 1)", "1")
	is("optgate.record()", `{"id":"one","receipt":"r"}`)
	is("new Promise((done) => optgate.push(() => done('pushed')))", `"pushed"`)
	is("new Promise((done) => optgate.on('ready', done))", `{"functional":true,"marketing":true}`)
	p.Eval("optgate.open()", nil)
	p.WaitFor("document.querySelector('#og-preferences').open")
	p.Click("[data-og-close]")
	p.WaitFor("log.at(-1).startsWith('close')")
	is("log", `["ready:null","event:{\"functional\":true,\"marketing\":false}","change:{\"functional\":true,\"marketing\":false}",`+
		`"event:{\"functional\":true,\"marketing\":true}","change:{\"functional\":true,\"marketing\":true}","when",`+
		`"open:{\"functional\":true,\"marketing\":true}","close:{\"functional\":true,\"marketing\":true}"]`)
	posts := s.wantPosts(2)
	if posts[0].Action != "save" || posts[0].Source != "api" {
		t.Errorf("got %+v, want save by the API", posts[0])
	}
}

func TestASecondCopyOnlyWarns(t *testing.T) {
	s := newStand(t, `<script src="/og/gate.js"></script><img data-gate="essential" data-src="{third}/once.gif">`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	settle(p)
	s.wantCalls("/once.gif")
	warned := 0
	for _, m := range p.Console() {
		if strings.HasPrefix(m, "warning: optgate") {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("got console %q, want one warning", p.Console())
	}
}

// A gate that does not know its own address stays shut, quietly.
func TestAsAModuleTheGateStaysShut(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script type="module" src="/og/gate.js"></script></head><body><img data-gate="essential" data-src="{third}/e.gif"></body></html>`)
	p := s.visit()
	settle(p)
	s.wantCalls()
	for _, m := range p.Console() {
		if !strings.HasPrefix(m, "warning: optgate") {
			t.Errorf("got %q", m)
		}
	}
}

func TestThePanelIsMissing(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	s.set("h", "x")
	broken := true
	s.site.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken && r.URL.Path == "/og/panel.js" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		s.serveSite(w, r)
	})
	p := s.visit()
	settle(p)
	s.wantCalls()
	p.WaitFor("!document.querySelector('#og-panel')")
	for _, m := range p.Console() {
		if strings.HasPrefix(m, "uncaught") {
			t.Errorf("got %q", m)
		}
	}
	broken = false
	p.Eval("optgate.open()", nil)
	p.WaitFor("document.querySelector('#og-preferences').open")
}

func TestTheLanguage(t *testing.T) {
	for _, c := range []struct{ name, page, browser, want string }{
		{"of the page", "de", "fr", "de"},
		{"of the page, another region", "de-AT", "fr", "de"},
		{"of the page, the exact region first", "pt-PT", "fr", "pt-PT"},
		{"of the page, any region", "pt", "fr", "pt-BR"},
		{"of the browser", "xx", "de-CH", "de"},
		{"of a page that says none", "", "pt-PT", "pt-PT"},
		{"the site's first", "xx", "yy", "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/", fmt.Sprintf(`<!doctype html><html lang="%s"><head><script src="/og/gate.js"></script></head><body></body></html>`, c.page))
			s.set("l", orderedLabels{})
			p := browser.New(t, browser.Options{Language: c.browser})
			p.Goto(s.site.URL + "/")
			p.WaitFor("document.querySelector('#og-panel')")
			p.Click("#og-reject")
			if got := s.wantPosts(1)[0].Language; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			p.WaitFor("document.querySelector('#og-open').textContent === 'in " + c.want + "'")
		})
	}
}

// orderedLabels are labels in an order that Go's maps would lose.
type orderedLabels struct{}

func (orderedLabels) MarshalJSON() ([]byte, error) {
	return []byte(`{"en":"in en","de":"in de","pt-BR":"in pt-BR","pt-PT":"in pt-PT"}`), nil
}

// A page that comes back from the browser's memory, and a tab that is looked at
// again, follow what was decided elsewhere.
func TestBackAndOtherTabs(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif"><a href="/two" id="two">two</a>`)
	s.put("/two", "two")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	tab := p.Tab()
	tab.Goto(s.site.URL + "/")
	tab.WaitFor("document.querySelector('#og-panel')")
	p.Goto(s.site.URL + "/two")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	p.Back()
	p.WaitFor("location.pathname === '/' && !document.querySelector('#og-panel') && optgate.allows('marketing')")
	tab.Eval("document.dispatchEvent(new Event('visibilitychange'))", nil)
	tab.WaitFor("!document.querySelector('#og-panel') && optgate.allows('marketing')")
	s.wantCalls("/m.gif", "/m.gif")
}

// A page that is rendered ahead does nothing until it is seen.
func TestPrerendering(t *testing.T) {
	for name, brought := range map[string]string{"gate alone": "", "gate that brings the first layer": "en"} {
		t.Run(name, func(t *testing.T) { prerendering(t, brought) })
	}
}

func prerendering(t *testing.T, brought string) {
	s := newStand(t, "")
	s.bring(brought)
	s.page("/", `<!doctype html><html lang="en"><head><script>
		let ahead = true;
		Object.defineProperty(document, "prerendering", { get: () => ahead });
		window.seen = () => { ahead = false; document.dispatchEvent(new Event("prerenderingchange")) };
		window.log = [];
		window.optgate = [() => optgate.on("ready", () => log.push("ready")), () => optgate.rejectAll()];
	</script><script src="/og/gate.js"></script></head><body><img data-gate="essential" data-src="{third}/e.gif"></body></html>`)
	p := s.visit()
	settle(p)
	s.wantCalls()
	if len(s.posts()) != 0 || s.asked("GET /og/panel.js") != 0 {
		t.Errorf("got decisions %+v and %d panels before the page was seen", s.posts(), s.asked("GET /og/panel.js"))
	}
	p.WaitFor("log.length === 0 && !document.cookie && !document.querySelector('#og-panel')")
	p.Eval("seen()", nil)
	s.wantCalls("/e.gif")
	s.wantPosts(1)
	p.WaitFor("log.join() === 'ready'")
}

// What libraries of the page do to the language's own functions, the gate does
// not mind.
func TestOverrides(t *testing.T) {
	s := newStand(t, `<script>
		Array.prototype.includes = () => true; Array.prototype.some = () => true; Array.prototype.toJSON = () => "x";
		Object.prototype.marketing = true; Object.prototype.extra = function () {};
		window.fetch = () => { throw "replaced" };
	</script><img data-gate="marketing" data-src="{third}/m.gif"><img data-gate="nonsense" data-src="{third}/n.gif">`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.WaitFor("document.readyState === 'complete' && !optgate.allows('marketing') && !optgate.allows('nonsense')")
	p.Click("#og-reject")
	if got := s.wantPosts(1)[0]; got.Choices["marketing"] || got.Choices["functional"] || got.Action != "reject_all" {
		t.Errorf("got %+v, want a no to both", got)
	}
	s.wantCalls()
}

// A handler of the page that stops clicks does not stop the answer.
func TestClicksThatThePageStops(t *testing.T) {
	s := newStand(t, `<script>document.addEventListener("click", (e) => { e.stopImmediatePropagation(); e.preventDefault() }, true)</script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-reject")
	s.wantPosts(1)
}

// The control shows at once for who comes again, follows the site's look, stays
// off paper, and goes where the site says so.
func TestTheControl(t *testing.T) {
	s := newStand(t, `<style>:root{--og-bg:rgb(1, 2, 3);--og-text:rgb(4, 5, 6)}</style>`)
	s.put("/rtl", "")
	s.page("/none", `<!doctype html><html lang="en"><head><script src="/og/gate.js" data-og-control="none"></script></head><body><a href="#top" data-og-open id="own">Cookies</a></body></html>`)
	p := browser.New(t, browser.Options{})
	p.Goto(s.site.URL + "/none")
	p.Eval(fmt.Sprintf("document.cookie = 'og=1.7.%d.functional:0,marketing:0;path=/'", time.Now().Unix()), nil)
	p.Goto(s.site.URL + "/")
	var got struct {
		Position, Background, Type, Display string
		Width, Height, Left, Bottom         float64
		Panels                              bool
	}
	read := `(() => {
		const e = document.querySelector("#og-open"), c = getComputedStyle(e), r = e.getBoundingClientRect();
		return {Position: c.position, Background: c.backgroundColor, Type: e.type, Display: c.display, Width: r.width, Height: r.height,
			Left: r.left, Bottom: innerHeight - r.bottom, Panels: !!document.querySelector("#og-preferences")};
	})()`
	p.WaitFor("document.querySelector('#og-open:popover-open')")
	p.Eval(read, &got)
	if got.Position != "fixed" || got.Background != "rgb(1, 2, 3)" || got.Type != "button" || got.Width < 24 || got.Height < 24 || got.Left > 30 || got.Bottom > 30 || got.Panels {
		t.Errorf("got %+v, want a themed button in the corner, without the panel", got)
	}
	p.Eval("document.querySelector('#og-open').focus({focusVisible: true})", nil)
	p.WaitFor("getComputedStyle(document.querySelector('#og-open')).outline.includes('rgb(4, 5, 6)') && parseFloat(getComputedStyle(document.querySelector('#og-open')).outlineOffset) < -2")
	p.Media(browser.Media{Print: true})
	p.WaitFor("getComputedStyle(document.querySelector('#og-open')).display === 'none'")
	p.Media(browser.Media{})

	p.Goto(s.site.URL + "/rtl")
	p.WaitFor("document.querySelector('#og-open:popover-open')")
	p.Media(browser.Media{Dark: true})
	p.WaitFor("getComputedStyle(document.querySelector('#og-open')).backgroundColor !== 'rgb(255, 255, 255)'")
	p.Eval("document.documentElement.dir = 'rtl'", nil)
	p.Eval(read, &got)
	if got.Left < 1000 {
		t.Errorf("got %v from the left in a page from right to left, want the right corner", got.Left)
	}

	p.Goto(s.site.URL + "/none")
	settle(p)
	p.WaitFor("!document.querySelector('#og-open')?.offsetWidth")
	p.Click("#own")
	p.WaitFor("document.querySelector('#og-preferences').open && location.hash === ''")
}
