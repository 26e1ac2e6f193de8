package webdriver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/optgate/optgate/internal/testkit/webdriver"
)

func TestMain(m *testing.M) { webdriver.Main(m) }

func TestAPageIsUsedAsByAVisitor(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Set-Cookie", "seen=1; Path=/; HttpOnly")
		fmt.Fprint(w, `<!doctype html><button id=b onclick="document.title += 'x'">b</button><input><div style="height:3000px"></div><a href="#" id=low onclick="document.title += 'y'">low</a>`)
	}))
	defer s.Close()
	for _, engine := range []webdriver.Engine{webdriver.Firefox, webdriver.WebKit} {
		t.Run(string(engine), func(t *testing.T) {
			p := webdriver.New(t, engine)
			p.Goto(s.URL)
			p.Click("#b")
			p.WaitFor("document.title === 'x'")
			p.Press(webdriver.Tab + "abc")
			p.Click("#low")
			p.WaitFor("document.title === 'xy'")
			var got struct{ Text, Storage string }
			p.Eval(`Promise.resolve({Text: document.querySelector("input").value, Storage: localStorage.k || ""})`, &got)
			if got.Text != "abc" || got.Storage != "" {
				t.Errorf("got %+v, want the text abc and nothing stored", got)
			}
			p.Eval("localStorage.k = 'v'", nil)
			if cookies := p.Cookies(); len(cookies) != 1 || cookies[0].Name != "seen" || !cookies[0].HTTPOnly {
				t.Errorf("got cookies %+v, want the one that scripts do not see", cookies)
			}
			p.Reload()
			p.WaitFor("document.title === ''")
		})
		t.Run(string(engine)+" anew", func(t *testing.T) {
			p := webdriver.New(t, engine)
			p.Goto(s.URL)
			var kept string
			if p.Eval("localStorage.k || ''", &kept); kept != "" {
				t.Errorf("got %q from another page's storage, want none", kept)
			}
		})
	}
}
