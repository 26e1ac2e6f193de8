package gatetest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// refuse answers the first n decisions with a status, then stores.
func refuse(n, status int, retryAfter string) func(http.ResponseWriter, *http.Request, string) {
	var mu sync.Mutex
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		mu.Lock()
		defer mu.Unlock()
		if n--; n >= 0 {
			if retryAfter != "" {
				w.Header().Set("Retry-After", retryAfter)
			}
			w.WriteHeader(status)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}
}

// What fails for now is sent again with the same id; what is refused for good is
// not.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		sent   int
	}{
		{"store down", 503, 2}, {"gateway", 502, 2}, {"timeout", 408, 2}, {"too early", 425, 2}, {"too many", 429, 2},
		{"wrong", 422, 1}, {"foreign", 403, 1}, {"conflict", 409, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.answer(refuse(1, c.status, ""))
			p := s.visit()
			p.Eval("optgate.acceptAll()", nil)
			p.WaitFor("localStorage.length === 0 && document.cookie")
			got := s.wantPosts(c.sent)
			for _, again := range got[1:] {
				if again.ID != got[0].ID || again.Visitor != got[0].Visitor {
					t.Errorf("got %+v, want the ids of %+v", again, got[0])
				}
			}
		})
	}
}

// The wait between two tries grows, and is what the server asks for.
func TestBackoff(t *testing.T) {
	for _, c := range []struct{ name, retryAfter, want string }{
		{"doubling", "", "1000,2000,4000,8000,16000,32000,60000,60000"},
		{"Retry-After", "7", "7000,7000,7000,7000,7000,7000,7000,7000"},
		{"Retry-After beyond reason", "99999999", "3600000,3600000,3600000,3600000,3600000,3600000,3600000,3600000"},
		{"Retry-After that is no number", "soon", "1000,2000,4000,8000,16000,32000,60000,60000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			// Timers that are long enough to be ours are noted and run at once.
			s.page("/", `<!doctype html><html lang="en"><head><script>
				window.waits = [];
				const real = window.setTimeout;
				window.setTimeout = (f, ms, ...more) => ms >= 1000 ? (waits.push(ms), waits.length < 8 ? real(f, 0, ...more) : 0) : real(f, ms, ...more);
			</script><script src="/og/gate.js"></script></head><body></body></html>`)
			s.answer(refuse(100, 503, c.retryAfter))
			p := s.visit()
			p.Eval("optgate.rejectAll()", nil)
			p.WaitFor("waits.length === 8")
			var got string
			p.Eval("waits.join()", &got)
			if got != c.want {
				t.Errorf("waited %s, want %s", got, c.want)
			}
		})
	}
}

// Decisions made while the server cannot be reached hold in the browser, stay
// in order, and are all recorded by a later page, each once.
func TestTheQueue(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	s.answer(refuse(1000, 503, "3600"))
	p := s.visit()
	for _, call := range []string{"acceptAll()", "set({marketing: false})", "rejectAll()"} {
		p.Eval("optgate."+call, nil)
	}
	s.wantPosts(1)
	first := s.posts()[0]
	s.answer(refuse(0, 0, ""))
	p.Goto(s.site.URL + "/")
	got := s.wantPosts(4)[1:]
	for i, want := range []string{"accept_all", "save", "reject_all"} {
		if got[i].Action != want || got[i].Visitor != first.Visitor {
			t.Errorf("decision %d: got %+v, want %s by %s", i, got[i], want, first.Visitor)
		}
	}
	if got[0].ID != first.ID || got[0].ID == got[1].ID || got[1].ID == got[2].ID {
		t.Errorf("got ids %s, %s, %s; want %s first, then two new ones", got[0].ID, got[1].ID, got[2].ID, first.ID)
	}
	p.WaitFor("localStorage.length === 0")
	p.WaitFor("optgate.choices.marketing === false && optgate.choices.functional === false")
}

func TestTheQueueIsShort(t *testing.T) {
	s := newStand(t, "")
	s.answer(refuse(1000, 503, "3600"))
	p := s.visit()
	p.Eval("(() => { for (let i = 0; i < 12; i++) optgate.set({marketing: i % 2 > 0}); optgate.withdraw() })()", nil)
	var lines int
	p.Eval("localStorage['og.shop'].split('\\n').length - 1", &lines)
	if lines != 10 {
		t.Errorf("got %d decisions in the queue, want 10", lines)
	}
	s.wantPosts(1)
	s.answer(refuse(0, 0, ""))
	p.Reload()
	got := s.wantPosts(11)
	if last := got[10]; last.Action != "withdraw" {
		t.Errorf("the last is %+v, want the withdrawal", last)
	}
}

// The reply to an earlier decision sets its cookie; the later one is still the
// one in force, also on the next page.
func TestAReplyDoesNotReviveAnEarlierYes(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	hold := make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release)
	s.answer(func(w http.ResponseWriter, r *http.Request, body string) {
		if strings.Contains(body, "accept_all") {
			<-hold
			w.Header().Set("Set-Cookie", "og=1.7.4000000000.functional:1,marketing:1; Path=/")
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	p := s.visit()
	p.Eval("optgate.acceptAll(), optgate.withdraw()", nil)
	s.wantPosts(1)
	// For a moment it was allowed.
	s.wantCalls("/m.gif")
	release()
	s.wantPosts(2)
	p.WaitFor("document.cookie.includes('marketing:0')")
	p.Reload()
	settle(p)
	s.wantCalls("/m.gif")
	p.WaitFor("optgate.choices.marketing === false")
}

func TestOfflineThenOnline(t *testing.T) {
	s := newStand(t, "")
	// No timer brings the retry, only the event does.
	s.page("/", `<!doctype html><html lang="en"><head><script>
		const real = window.setTimeout;
		window.setTimeout = (f, ms, ...more) => ms >= 1000 ? 0 : real(f, ms, ...more);
	</script><script src="/og/gate.js"></script></head><body></body></html>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Offline()
	p.Click("#og-reject")
	p.WaitFor("!document.querySelector('#og-panel') && document.cookie && localStorage.length === 1")
	p.Online()
	s.wantPosts(1)
	p.WaitFor("localStorage.length === 0")
}

// Where storage throws, and where it is full, the gate does its work for the page.
func TestWithoutStorage(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"blocked", `Object.defineProperty(window, "localStorage", { get() { throw new Error("blocked") } })`},
		{"full", `Storage.prototype.setItem = () => { throw new Error("full") }; const real = localStorage; Object.defineProperty(window, "localStorage", { value: new Proxy(real, { set() { throw new Error("full") } }) })`},
		{"cookies off", `Object.defineProperty(document, "cookie", { get: () => "", set() {} }); Object.defineProperty(navigator, "cookieEnabled", { value: false })`},
		{"no cookies", `Object.defineProperty(document, "cookie", { get() { throw new Error("sandboxed") }, set() { throw new Error("sandboxed") } })`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/", `<!doctype html><html lang="en"><head><script>`+c.script+`</script><script src="/og/gate.js"></script></head><body><img data-gate="marketing" data-src="{third}/m.gif"></body></html>`)
			s.answer(refuse(1, 503, ""))
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			p.Click("#og-accept")
			s.wantCalls("/m.gif")
			got := s.wantPosts(2)
			if got[0].ID != got[1].ID {
				t.Errorf("got ids %s and %s, want the same", got[0].ID, got[1].ID)
			}
			// Looking away and back does not ask again.
			p.Eval("document.dispatchEvent(new Event('visibilitychange'))", nil)
			settle(p)
			p.WaitFor("!document.querySelector('#og-panel') && optgate.allows('marketing')")
			for _, m := range p.Console() {
				if strings.HasPrefix(m, "uncaught") {
					t.Errorf("got %q", m)
				}
			}
		})
	}
}

// Where the server is on another site, the gate keeps the visitor's id and
// names her by it.
func TestTheServerOnAnotherSite(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script src="`+s.host("localhost")+`/og/gate.js"></script></head><body></body></html>`)
	var named string
	s.answer(func(w http.ResponseWriter, r *http.Request, _ string) {
		w.Header().Set("Set-Cookie", "foreign=1; Path=/")
		if r.Method == http.MethodGet {
			named = r.Header.Get("Optgate-Visitor")
			io.WriteString(w, `{"records":[{"id":"old"},{"id":"new","receipt":"r"}]}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	p := browser.New(t, browser.Options{})
	p.Goto(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	first := s.wantPosts(1)[0]
	p.WaitFor("localStorage['og.shop'].length === 26")
	if !strings.HasPrefix(first.contentType, "text/plain") || first.cookies != "" {
		t.Errorf("got %+v, want plain text without cookies", first)
	}
	if s.asked("OPTIONS /og/choices") != 0 {
		t.Error("the decision needed a preflight")
	}
	p.Reload()
	p.WaitFor("document.querySelector('#og-open')")
	p.Eval("optgate.withdraw()", nil)
	if got := s.wantPosts(2)[1]; got.Visitor != first.Visitor || got.ID == first.ID {
		t.Errorf("got %+v, want a new decision of visitor %s", got, first.Visitor)
	}
	var record struct{ ID, Receipt string }
	p.Eval("optgate.record()", &record)
	if record.ID != "new" || record.Receipt != "r" || named != first.Visitor {
		t.Errorf("got record %+v for %q, want the newest one of %s", record, named, first.Visitor)
	}
	for _, c := range p.Cookies() {
		if c.Name != "og" {
			t.Errorf("got cookie %+v", c)
		}
	}
}

// Sub-domains of one domain share the choice by the site's cookie domain.
func TestTheCookieDomain(t *testing.T) {
	s := newStand(t, "")
	s.set("d", "shop.localhost")
	s.page("/", `<!doctype html><html lang="en"><head><script src="`+s.host("og.shop.localhost")+`/og/gate.js"></script></head><body></body></html>`)
	s.answer(func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Set-Cookie", "og_id=sealed; Path=/; Domain=shop.localhost; HttpOnly")
		w.WriteHeader(http.StatusCreated)
	})
	p := browser.New(t, browser.Options{})
	p.Goto(s.host("www.shop.localhost") + "/")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("document.cookie = 'og=1.7.1.functional:1;path=/'", nil)
	p.Click("#og-accept")
	if got := s.wantPosts(1)[0]; got.contentType != "application/json" {
		t.Errorf("got %+v, want JSON", got)
	}
	p.WaitFor("localStorage.length === 0 && document.cookie.split('og=').length === 2") // the stray of this host is gone
	if got := p.Cookies(); len(got) != 2 {
		t.Errorf("got cookies %+v, want og and og_id", got)
	}
	p.Goto(s.host("forum.shop.localhost") + "/")
	p.WaitFor("document.querySelector('#og-open') && optgate.allows('marketing')")
	p.Eval("optgate.withdraw()", nil)
	if got := s.wantPosts(2)[1]; !strings.Contains(got.cookies, "og_id=sealed") {
		t.Errorf("got cookies %q with the decision, want og_id", got.cookies)
	}
	if got := p.Cookies(); len(got) != 2 {
		t.Errorf("got cookies %+v, want og and og_id, both of the domain", got)
	}
}

// What is kept in the browser can be damaged, by other scripts or by an older
// version: it must not keep later decisions from the server.
func TestADamagedQueue(t *testing.T) {
	for _, line := range []string{"nonsense", "og=1.7.1. en save api 1,2", "og=1.7.1767322800.functional:1", "og=2.7.1767322800.functional:1 en save api 1,2"} {
		s := newStand(t, "")
		p := s.visit()
		p.WaitFor("document.querySelector('#og-panel')")
		p.Eval(fmt.Sprintf("localStorage['og.shop'] = '\\n' + %q", line), nil)
		p.Reload()
		p.WaitFor("window.optgate && optgate.rejectAll")
		p.Eval("optgate.rejectAll()", nil)
		s.until("the decision after the damage", func() bool {
			posts := s.posts()
			return len(posts) > 0 && posts[len(posts)-1].Action == "reject_all"
		})
		p.WaitFor("localStorage.length === 0")
	}
}
