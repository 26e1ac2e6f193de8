package publish_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/faultstore"
)

// openKeeping opens a registry that keeps what it shows.
func openKeeping(t *testing.T, store optgate.Store) *publish.Registry {
	t.Helper()
	r, err := publish.Open(t.Context(), publish.Options{
		Store: store, Panels: store, Version: "test", Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bilingual is a site in two languages.
func bilingual() *optgate.Config {
	c := config("shop", "https://shop.example")
	c.Languages = []string{"en", "de"}
	return c
}

// checkShowed checks whether revision 1 of the shop showed a panel.
func checkShowed(t *testing.T, r *publish.Registry, lang, hash string, want bool) {
	t.Helper()
	if got, err := r.Showed(t.Context(), "shop", 1, lang, hash); err != nil || got != want {
		t.Errorf("Showed(%s, %s) = %t, %v; want %t", lang, hash, got, err, want)
	}
}

func TestWhatIsShownIsKept(t *testing.T) {
	store := openStore(t, t.TempDir())
	r := openKeeping(t, store)
	if _, err := r.Publish(t.Context(), bilingual(), 0, "ada", ""); err != nil {
		t.Fatal(err)
	}
	site, _ := r.Published("shop")
	for _, lang := range []string{"en", "de"} {
		shown := site.Shown[lang]
		if got, err := store.Panel(t.Context(), shown.Panel); err != nil || !bytes.Equal(got, site.Panels[lang].Body()) {
			t.Errorf("the panel that is kept in %s has %d bytes, %v; want the %d that are served", lang, len(got), err, len(site.Panels[lang].Body()))
		}
		page, err := store.Panel(t.Context(), shown.Page)
		if err != nil || !strings.HasPrefix(string(page), "<!doctype html>") || !strings.Contains(string(page), "</style>") || strings.Contains(string(page), "<link") {
			t.Errorf("got page %.60q, %v; want a document with its styles inside", page, err)
		}
		checkShowed(t, r, lang, shown.Panel, true)
		checkShowed(t, r, lang, shown.Page, true)
	}
	checkShowed(t, r, "en", site.Shown["de"].Panel, false)
	checkShowed(t, r, "en", optgate.PanelHash(nil), false)
	before, err := store.Panels(t.Context(), "shop", 1)
	if err != nil || len(before) != 4 {
		t.Fatalf("the revision has %d panels, %v; want two in each language", len(before), err)
	}

	again := openKeeping(t, store)
	if after, err := store.Panels(t.Context(), "shop", 1); err != nil || len(after) != len(before) {
		t.Errorf("after a restart the revision has %d panels, %v; want %d", len(after), err, len(before))
	}
	if _, err := again.Publish(t.Context(), config("shop", "https://shop.example"), 1, "ada", "English alone"); err != nil {
		t.Fatal(err)
	}
	checkShowed(t, again, "de", site.Shown["de"].Panel, true)
}

// Another Optgate draws the same revision in another way: both are known.
func TestPanelOfAnotherOptgate(t *testing.T) {
	store := openStore(t, t.TempDir())
	r := openKeeping(t, store)
	if _, err := r.Publish(t.Context(), bilingual(), 0, "ada", ""); err != nil {
		t.Fatal(err)
	}
	other := optgate.Panel{Site: "shop", Revision: 1, Language: "en", Content: []byte("<p>drawn by another version</p>")}
	checkShowed(t, r, "en", other.Name().Hash, false)
	if err := store.PutPanel(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	checkShowed(t, r, "en", other.Name().Hash, true)
	checkShowed(t, r, "de", other.Name().Hash, false)
}

// What cannot be kept is served all the same, told, and kept later.
func TestPanelsThatCannotBeKept(t *testing.T) {
	store := &faultstore.Store{Inner: openStore(t, t.TempDir())}
	for _, op := range []string{"PutPanel", "Panels"} {
		t.Run(op, func(t *testing.T) {
			store.Inner = openStore(t, t.TempDir())
			store.Fault = nil
			r := openKeeping(t, store)
			store.Fault = func(called string) (bool, error) {
				if called == op {
					return false, errors.New("disk full")
				}
				return false, nil
			}
			if _, err := r.Publish(t.Context(), bilingual(), 0, "ada", ""); err != nil {
				t.Fatal(err)
			}
			site, ok := r.Published("shop")
			if !ok {
				t.Fatal("the site is not served")
			}
			if w := r.Warnings(); len(w) != 1 || !strings.Contains(w[0], "4 panels are due") {
				t.Errorf("got warnings %q, want one of 4 panels", w)
			}
			checkShowed(t, r, "en", site.Shown["en"].Panel, true)

			store.Fault = nil
			if err := r.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			if w := r.Warnings(); len(w) != 0 {
				t.Errorf("got warnings %q after it was kept, want none", w)
			}
			if names, err := store.Panels(t.Context(), "shop", 1); err != nil || len(names) != 4 {
				t.Errorf("got %d panels, %v; want 4", len(names), err)
			}
		})
	}
}
