package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

func TestMain(m *testing.M) { browser.Main(m) }

// serve serves one page at every address and sets the cookie seen.
func serve(t *testing.T, html string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Set-Cookie", "seen="+r.Header.Get("Accept-Language")+"; Path=/; HttpOnly")
		fmt.Fprint(w, "<!doctype html>"+html)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAPageIsUsedAsByAVisitor(t *testing.T) {
	url := serve(t, `<button id=b onclick="document.title += 'x'; console.log('pressed', 1)">b</button><input>`)
	p := browser.New(t, browser.Options{Width: 320, Height: 500, Scale: 2, Language: "de-DE"})
	p.Goto(url + "/one")
	p.Click("#b")
	p.WaitFor("document.title === 'x'")
	p.Click("input")
	p.Press("abc")

	var got struct {
		Text, Language string
		Width, Scale   int
	}
	p.Eval(`Promise.resolve({Text: document.querySelector("input").value, Language: navigator.language, Width: innerWidth, Scale: devicePixelRatio})`, &got)
	if got.Text != "abc" || got.Language != "de-DE" || got.Width != 320 || got.Scale != 2 {
		t.Errorf("got %+v, want abc, de-DE, 320 wide at scale 2", got)
	}
	if got, want := p.Console(), "log: pressed 1"; !slices.Contains(got, want) {
		t.Errorf("got console %q, want %q in it", got, want)
	}
	if !slices.ContainsFunc(p.Requests(), func(r browser.Request) bool { return r.URL == url+"/one" && r.Type == "Document" }) {
		t.Errorf("got requests %v, want one for the page", p.Requests())
	}
	p.Goto(url + "/two")
	p.Back()
	p.WaitFor("location.pathname === '/one'")
}

func TestProfilesAreApartAndTabsShare(t *testing.T) {
	url := serve(t, "")
	one, other := browser.New(t, browser.Options{}), browser.New(t, browser.Options{})
	one.Goto(url)
	one.Eval("localStorage.setItem('k', 'v')", nil)
	tab := one.Tab()
	tab.Goto(url)
	other.Goto(url)
	for _, c := range []struct {
		name string
		page *browser.Page
		want string
	}{{"tab", tab, "v"}, {"other profile", other, ""}} {
		var got string
		c.page.Eval("localStorage.getItem('k') || ''", &got)
		if got != c.want {
			t.Errorf("%s: got %q from storage, want %q", c.name, got, c.want)
		}
	}
	if cookies := one.Cookies(); len(cookies) != 1 || cookies[0].Name != "seen" || !cookies[0].HTTPOnly {
		t.Errorf("got cookies %+v, want the one that scripts do not see", cookies)
	}
}

func TestASystemIsEmulated(t *testing.T) {
	p := browser.New(t, browser.Options{})
	p.Goto(serve(t, ""))
	p.Media(browser.Media{Dark: true, ForcedColors: true, ReducedMotion: true})
	p.WaitFor(`["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-reduced-motion: reduce)"].every((q) => matchMedia(q).matches)`)
	p.Media(browser.Media{Print: true})
	p.WaitFor(`matchMedia("print").matches && !matchMedia("(prefers-color-scheme: dark)").matches`)
	p.Offline()
	p.WaitFor("!navigator.onLine")
	p.Eval("fetch('/').then(() => { throw 'reached' }, () => 0)", nil)
	p.Online()
	p.Eval("fetch('/').then((r) => r.text())", nil)
}

func TestScriptsCanBeOff(t *testing.T) {
	p := browser.New(t, browser.Options{NoScript: true})
	p.Goto(serve(t, `<noscript><a href="/plain" id=a>plain</a></noscript><script>document.title = "ran"</script>`))
	p.Click("#a")
	p.WaitFor("location.pathname === '/plain' && document.title === ''")
}
