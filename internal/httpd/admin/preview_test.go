package admin_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	parser "golang.org/x/net/html"

	"github.com/optgate/optgate/internal/optgate"
)

// escaped returns words as they stand in a page.
func escaped(s string) string { return html.EscapeString(s) }

// wantNoScripts checks that a document, as a browser reads it, has nothing that
// could run, and loads nothing but what the site allows.
func wantNoScripts(t *testing.T, p page) {
	t.Helper()
	doc, err := parser.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == parser.ElementNode && (n.Data == "script" || n.Data == "iframe" || n.Data == "form" || n.Data == "object") {
			t.Errorf("the document has a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
}

func TestPreviewShowsTheDraft(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	wantStatus(t, "an edit", b.post("/admin/sites/shop/texts?lang=de", w.seen(url.Values{"title": {"Kekse?"}})), http.StatusSeeOther)
	frame := func(query string) page {
		t.Helper()
		p := b.get("/admin/sites/shop/preview/frame?" + query)
		wantStatus(t, query, p, http.StatusOK)
		wantFramedByUsAlone(t, p)
		wantNoScripts(t, p)
		return p
	}
	for _, test := range []struct{ query, has, lacks string }{
		{"preview-language=de", "Kekse?", "og-preferences"},
		{"preview-language=en", "Your choice about cookies", "Kekse?"},
		{"preview-language=xx", "Your choice about cookies", "Kekse?"},
		{"preview-language=de&preview-view=preferences", `<dialog open id="og-preferences"`, `id="og-panel"`},
		{"preview-view=placeholder", "This content comes from", "{host}"},
		{"preview-view=return", `<button id="og-open"`, `id="og-panel"`},
		{"preview-view=return", `<style>#og-open{position:fixed`, "og-preferences"},
		{"preview-language=de&preview-view=notice", "Meine Daten nicht verkaufen oder weitergeben", "data-og-accept"},
		{"preview-view=notice", `id="og-panel"`, `id="og-accept"`},
		{"preview-colours=dark", `data-og-theme="dark"`, `data-og-theme="light"`},
		{"preview-view=%3Cscript%3E", `id="og-panel"`, "<script"},
	} {
		p := frame(test.query)
		wantText(t, p, test.has)
		if strings.Contains(p.body, test.lacks) {
			t.Errorf("%s: the frame has %q", test.query, test.lacks)
		}
	}
	wantText(t, b.get("/admin/sites/shop/preview"), `src="/admin/sites/shop/preview/frame?`)
}

// Who answered before is asked about what is new alone, in the words of that part.
func TestPreviewOfAReturn(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := w.seen(url.Values{"id": {"chat"}, "name": {"Chat"}, "category": {"functional"}, "provider": {"Chat Inc"}, "hosts": {"chat.example"}})
	wantStatus(t, "a new service", b.post("/admin/sites/shop/new-service", form), http.StatusSeeOther)
	p := b.get("/admin/sites/shop/preview/frame?preview-view=return")
	wantText(t, p, `<span data-og-part="functional">`)
	wantText(t, p, `<span hidden>Shop Ltd asks for: Functional, Analytics, Marketing.`)
	wantText(t, b.get("/admin/sites/shop/preview/frame?preview-view=placeholder"), "comes from Chat and needs “Functional”")
}

func TestPreviewLoadsTheLogo(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Theme.Logo = "https://shop.example/logo.svg"
	w.publish(c)
	p := w.signedIn().get("/admin/sites/shop/preview/frame")
	wantText(t, p, `<img src="https://shop.example/logo.svg"`)
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "; img-src https://shop.example; ") {
		t.Errorf("the policy is %s", policy)
	}
}

// What is typed is shown and nothing of it is saved.
func TestPreviewOfWhatIsTyped(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	p := b.post("/admin/sites/shop/look/preview", url.Values{"accent": {"#1a56db"}, "position": {"corner"}, "radius": {"3"}})
	wantText(t, p, ":where(:root){--og-accent:#1a56db;--og-ink:#fff;--og-radius:3px}")
	p = b.post("/admin/sites/shop/texts/preview?lang=de", url.Values{"title": {"<img src=x onerror=alert(1)>"}, "preview-language": {"de"}})
	wantText(t, p, "&lt;img src=x onerror=alert(1)&gt;")
	wantNoScripts(t, p)
	if w.draft().IsOpen() || w.draft().Version != 0 {
		t.Error("a draft was made")
	}
	if entries, _, err := w.store.Scan(t.Context(), "shop", "", 10); err != nil || len(entries) > 0 {
		t.Errorf("something was recorded: %v, %v", entries, err)
	}
	if got := w.latest(); got.Number != 1 || got.Config.Theme.Position == optgate.Corner {
		t.Error("something was published")
	}
}
