package gatetest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// kept are the services of a shop: digits are kinds, as in internal/publish.
var kept = []service{
	{Category: "essential", Stored: []string{"0_ga_shop", "1cart", "0__Host-cart"}},
	{Category: "functional", Stored: []string{"0look", "1look", "0_ga_common"}},
	{Category: "marketing", Stored: []string{"0_ga_*", "0_fbp", "0__Host-ad", "0og*", "1ad.*", "1*", "2ad.*", "3ads"}},
}

// names returns the names of the page's cookies, sorted.
func names(p *browser.Page) []string {
	var cookie string
	p.Eval("document.cookie", &cookie)
	var all []string
	for pair := range strings.SplitSeq(cookie, "; ") {
		if name, _, ok := strings.Cut(pair, "="); ok && name != "og" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// What services of a refused category keep goes, wherever on the page's domain
// and path it lies; what others keep stays.
func TestARefusalClears(t *testing.T) {
	const write = `(() => {
		const cookies = [
			"_fbp=1;path=/", "_fbp=2;path=/deep", "_fbp=3;path=/deep/", "_fbp=4;path=/deep/er",
			"_fbp=5;path=/;domain=www.shop.localhost", "_fbp=6;path=/deep;domain=shop.localhost",
			"_ga_1=1;path=/;secure;partitioned;samesite=none", "_ga_2=1;path=/;domain=shop.localhost;secure", "_ga_common=1", "_ga_shop=1", "__Host-ad=1;path=/;secure",
			"__Host-cart=1;path=/;secure", "look=1", "other=1", "xog=1", "og_id=1",
		];
		for (const cookie of cookies) document.cookie = cookie;
		for (const storage of [localStorage, sessionStorage]) for (const key of ["ad.1", "look", "cart", "og.mine"]) storage[key] = 1;
		const open = (name) => new Promise((done) => { indexedDB.open(name).onsuccess = (e) => { e.target.result.close(); done() } });
		return Promise.all(["ads", "shop"].map(open));
	})()`
	s := newStand(t, "")
	s.known = kept
	s.put("/deep/er/page", "")
	p := browser.New(t, browser.Options{})
	p.Goto(s.host("www.shop.localhost") + "/deep/er/page")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval(write, nil)
	before := names(p)
	if n := len(before); n != 16 {
		t.Fatalf("got %d cookies %q at first, want 16", n, before)
	}
	settle(p)
	if got := names(p); !slices.Equal(got, before) {
		t.Errorf("before a decision: got cookies %q, want %q", got, before)
	}
	p.Eval("optgate.set({functional: true})", nil)
	s.wantPosts(1)
	p.WaitFor("!document.cookie.includes('_fbp')")
	if got, want := names(p), []string{"__Host-cart", "_ga_common", "_ga_shop", "look", "og_id", "other", "xog"}; !slices.Equal(got, want) {
		t.Errorf("got cookies %q, want %q", got, want)
	}
	p.WaitFor("Object.keys(localStorage).sort().join() === 'cart,look,og.mine'")
	p.WaitFor("Object.keys(sessionStorage).sort().join() === 'cart,look,og.mine'")
	p.WaitFor("document.querySelector('[role=status]').textContent === 'Saved. Cleared.'")
	p.Eval("indexedDB.databases().then((all) => { window.databases = all.map((d) => d.name).join() })", nil)
	p.WaitFor("databases === 'shop'")

	p.Click("#og-open")
	p.WaitFor("!document.querySelector('[data-og-cleared]').hidden")
	p.Eval("optgate.acceptAll()", nil)
	s.wantPosts(2)
	p.WaitFor("document.querySelector('[role=status]').textContent === 'Saved.'")
	p.Click("#og-open")
	p.WaitFor("document.querySelector('[data-og-cleared]').hidden")
}

// A page starts anew only if a script of it lost its permission.
func TestAWithdrawalStopsWhatRuns(t *testing.T) {
	const script = `<script type="text/plain" data-gate="marketing">window.ran = 1; setInterval(() => document.cookie = "_fbp=1;path=/", 1); addEventListener("pagehide", () => document.cookie = "_fbp=2;path=/")</script>`
	const tall = `<p style="height:5000px">tall</p>`
	for _, c := range []struct {
		name, html   string
		first, after string
		reloads      bool
	}{
		{"a script that ran", script + tall, "acceptAll()", "withdraw()", true},
		{"one of two categories", strings.Replace(script, "marketing", "functional, marketing", 1), "acceptAll()", "set({marketing: false})", true},
		{"another category", script, "acceptAll()", "set({functional: false})", false},
		{"nothing ran", `<script type="text/plain" data-gate="essential">window.ran = 1</script>`, "rejectAll()", "withdraw()", false},
		{"an image", `<script>window.ran = 1</script><img data-gate="marketing" data-src="{third}/i.gif">`, "acceptAll()", "withdraw()", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.html)
			s.known = kept
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			p.Eval("optgate."+c.first, nil)
			s.wantPosts(1)
			p.WaitFor("window.ran && localStorage.length === 0")
			p.Eval("window.same = 1; scrollTo(0, 900)", nil)
			p.Eval("optgate."+c.after, nil)
			s.wantPosts(2)
			if !c.reloads {
				p.WaitFor("document.querySelector('[role=status]').textContent")
				settle(p)
				p.WaitFor("window.same")
				return
			}
			p.WaitFor("!window.same && document.readyState === 'complete' && document.querySelector('#og-open')")
			settle(p)
			p.WaitFor("!window.ran && !document.cookie.includes('_fbp')")
			if c.html == script+tall {
				p.WaitFor("scrollY === 900")
			}
			if n := s.asked("GET /"); n != 2 {
				t.Errorf("the page was loaded %d times, want 2", n)
			}
		})
	}
}

// A tab that hears of a withdrawal in another does the same, also if it has
// never shown the panel.
func TestAWithdrawalInAnotherTab(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="marketing">window.ran = 1; document.cookie = "_fbp=1"</script>`)
	s.known = kept
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	p.Reload()
	// What is still to be sent would come before the cookie.
	p.WaitFor("window.ran && document.querySelector('#og-open') && localStorage.length === 0")
	p.Eval(`window.same = 1; document.cookie = document.cookie.match(/og=[^;]*/)[0].replace("marketing:1", "marketing:0") + ";path=/"; document.dispatchEvent(new Event("visibilitychange"))`, nil)
	p.WaitFor("!window.same && document.readyState === 'complete' && document.querySelector('#og-open')")
	settle(p)
	p.WaitFor("!window.ran && !document.cookie.includes('_fbp')")
}
