package gatetest_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// publishedGate returns the gate of a site as the server serves it.
func publishedGate(t *testing.T, c *optgate.Config) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r, err := publish.Open(t.Context(), publish.Options{Store: store, Version: "test", Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Publish(t.Context(), c, 0, "test", ""); err != nil {
		t.Fatal(err)
	}
	site, _ := r.Published(c.Site)
	return string(site.Gate.Body())
}

// Each of the two parts of the script works though the other throws.
func TestHoldAndGateDoNotDependOnEachOther(t *testing.T) {
	whole := publishedGate(t, &optgate.Config{
		Site: "shop", Name: "Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en"}, Hold: optgate.HoldKnown,
		Controller: optgate.Controller{Name: "Shop Ltd."},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Marketing}},
	})
	for _, tt := range []struct{ name, arguments, want string }{
		{"both work", "", "window.optgate.version"},
		{"what holds throws", `)({"r":`, "window.optgate.version"},
		{"the gate throws", `)({"s":`, "!window.optgate?.version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := whole
			if tt.arguments != "" {
				broken = strings.Replace(whole, tt.arguments, strings.Replace(tt.arguments, "(", "(null&&", 1), 1)
				if broken == whole {
					t.Fatalf("found no %s in the script", tt.arguments)
				}
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, kind := `<!doctype html><script src="/gate.js"></script>`, "text/html"
				switch r.URL.Path {
				case "/":
				case "/gate.js":
					body, kind = broken, "text/javascript"
				default:
					body = ""
				}
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(server.Close)
			p := browser.New(t, browser.Options{})
			p.Goto(server.URL)
			p.WaitFor(tt.want)
			begins := func(with string) bool {
				return slices.ContainsFunc(p.Console(), func(line string) bool { return strings.HasPrefix(line, with) })
			}
			if begins("warning: optgate:") != (tt.arguments != "") || begins("uncaught") {
				t.Errorf("got console %q, want a warning of what throws and nothing uncaught", p.Console())
			}
		})
	}
}
