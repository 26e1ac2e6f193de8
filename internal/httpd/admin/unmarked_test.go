package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestHoldIsChosen(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	wantText(t, b.get("/admin/sites/shop"), `value="off" checked`)
	for _, tt := range []struct {
		value string
		want  optgate.Hold
		told  string
	}{
		{"third-party", optgate.HoldThirdParty, "Held without a mark: everything of others. It is not published yet."},
		{"third-party", optgate.HoldThirdParty, "Nothing changed."},
		{"off", optgate.HoldOff, "Held without a mark: nothing. It is not published yet."},
		{"known", optgate.HoldKnown, "Held without a mark: known services. It is not published yet."},
	} {
		b.post("/admin/sites/shop/hold", url.Values{"hold": {tt.value}})
		if d := w.draft(); d.IsOpen() != (tt.want != optgate.HoldOff) || d.Config.Hold != tt.want || w.latest().Number != 1 {
			t.Errorf("%s: got %q in revision %d, want %q in the draft alone", tt.value, d.Config.Hold, w.latest().Number, tt.want)
		}
		wantText(t, b.get("/admin/sites/shop"), tt.told)
	}
	wantStatus(t, "another word", b.post("/admin/sites/shop/hold", url.Values{"hold": {"all"}}), http.StatusUnprocessableEntity)
}

func TestUnmarkedTagsAreListed(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Hold = optgate.HoldKnown
	w.publish(c)
	b := w.signedIn()
	wantText(t, b.get("/admin/sites/shop"), "Found on your pages and not marked")
	wantText(t, b.get("/admin/sites/shop"), "Nothing. If a visitor’s browser meets a tag")

	script := optgate.Unmarked{Kind: "script", Host: "static.hotjar.com", Path: "/c/hotjar-1.js"}
	see := func(day string, tags ...optgate.Unmarked) {
		if err := w.store.SawUnmarked(t.Context(), "shop", day, tags); err != nil {
			t.Fatal(err)
		}
	}
	see("2026-11-21", script)
	see("2026-11-23", script, optgate.Unmarked{Kind: "x-map", Host: "maps.googleapis.com", Path: `/"><script>`},
		optgate.Unmarked{Kind: "img", Host: "harmless.example", Path: "/listed-as-essential-since"})
	p := b.get("/admin/sites/shop")
	wantText(t, p, "https://static.hotjar.com/c/hotjar-1.js")
	wantText(t, p, "Seen from 21 November 2026 to 23 November 2026")
	wantText(t, p, `&lt;script type=&#34;text/plain&#34; data-gate=&#34;analytics&#34; data-src=&#34;https://static.hotjar.com/c/hotjar-1.js&#34;&gt;&lt;/script&gt;`)
	wantText(t, p, `&lt;template data-gate=&#34;functional&#34;&gt;&lt;x-map …&gt;&lt;/x-map&gt;&lt;/template&gt;`)
	wantNoText(t, p, "harmless.example")
	wantNoText(t, p, `/"><script>`)

	b.post("/admin/sites/shop/unmarked/forget", url.Values{"kind": {script.Kind}, "host": {script.Host}, "path": {script.Path}})
	p = b.get("/admin/sites/shop")
	wantText(t, p, "It is off the list.")
	wantNoText(t, p, "hotjar-1.js")
	wantText(t, p, "maps.googleapis.com")
}

// wantNoText checks that a page does not say something.
func wantNoText(t *testing.T, p page, text string) {
	t.Helper()
	if strings.Contains(p.body, text) {
		t.Errorf("the page (status %d) has %q", p.status, text)
	}
}
