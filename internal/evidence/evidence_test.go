package evidence_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	pages "github.com/optgate/optgate/components/evidence"
	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// world is a site with one revision on the embedded store.
type world struct {
	t       *testing.T
	store   optgate.Store
	shown   map[string]publish.Shown
	sources evidence.Sources
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	registry, err := publish.Open(t.Context(), publish.Options{
		Store: store, Panels: store, Version: "test", Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &optgate.Config{
		Site: "shop", Name: "Shop <&>", Origins: []string{"https://shop.example"}, Languages: []string{"en", "de"},
		Controller: optgate.Controller{Name: "Shop Ltd."}, Categories: []optgate.Category{{ID: "essential"}, {ID: "functional"}, {ID: "marketing"}},
		Texts: []optgate.Texts{{Language: "en", Title: "May we?", Body: "<script>alert(1)</script>"}},
	}
	if _, err := registry.Publish(t.Context(), c, 0, "ada", ""); err != nil {
		t.Fatal(err)
	}
	site, _ := registry.Published("shop")
	return &world{t, store, site.Shown, evidence.Sources{Ledger: store, Panels: store, Revision: registry.Revision}}
}

// decide records a decision of a visitor.
func (w *world) decide(visitor string, action optgate.Action, source string) optgate.Entry {
	w.t.Helper()
	r := optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: visitor, Revision: 1, Language: "en", Action: action, Source: source,
		Choices: optgate.Choices{"functional": action != optgate.RejectAll, "marketing": action == optgate.AcceptAll}, At: time.Now(),
	}
	switch source {
	case "api":
	case "form":
		r.Panel = w.shown["en"].Page
	default:
		r.Panel = w.shown["en"].Panel
	}
	e, _, err := w.store.Append(w.t.Context(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// receipt returns a text of the form of a receipt of e, from a site.
func receipt(site string, e optgate.Entry) string {
	payload := fmt.Sprintf(`{"id":%q,"site":%q,"partition":%d,"seq":%d,"chain":%q}`, e.Record.ID, site, e.Partition, e.Seq, e.Chain)
	return "eyJhbGciOiJFZERTQSJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
}

func TestFind(t *testing.T) {
	w := newWorld(t)
	anna, bert := ulid.Make().String(), ulid.Make().String()
	first, second, other := w.decide(anna, optgate.RejectAll, "banner"), w.decide(anna, optgate.AcceptAll, "preferences"), w.decide(bert, optgate.Save, "form")
	forged := second
	forged.Chain[0]++
	var invalid *optgate.InvalidError
	for _, tt := range []struct {
		name, named string
		want        []string // ids of records
		err         string
	}{
		{"a visitor", " " + anna + "\n", []string{second.Record.ID, first.Record.ID}, ""},
		{"a record", other.Record.ID, []string{other.Record.ID}, ""},
		{"a receipt", receipt("shop", first), []string{first.Record.ID}, ""},
		{"a receipt of another site", receipt("blog", first), nil, `is a receipt of the site "blog"`},
		{"a receipt of something else", receipt("shop", forged), nil, "is a receipt of something else"},
		{"a receipt cut short", receipt("shop", first)[:40], nil, "is neither the id"},
		{"nobody", ulid.Make().String(), nil, "not found"},
		{"small letters", strings.ToLower(anna), nil, "is neither the id"},
		{"nothing", "", nil, "is neither the id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := w.sources.Find(t.Context(), "shop", tt.named)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.As(err, &invalid) && !errors.Is(err, optgate.ErrNotFound) {
					t.Fatalf("got %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || len(found.Decisions) != len(tt.want) {
				t.Fatalf("got %d decisions, %v; want %d", len(found.Decisions), err, len(tt.want))
			}
			for i, id := range tt.want {
				if got := found.Decisions[i]; got.Entry.Record.ID != id || got.Revision.Number != 1 || got.Panel == nil {
					t.Errorf("decision %d is %+v, want that of %s with its revision and panel", i, got.Entry, id)
				}
			}
		})
	}
}

func TestErasedIsSaid(t *testing.T) {
	w := newWorld(t)
	e := w.decide(ulid.Make().String(), optgate.AcceptAll, "banner")
	named := receipt("shop", e)
	if _, err := w.store.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: e.Record.Visitor, Reason: optgate.ErasedByVisitor, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	found, err := w.sources.Find(t.Context(), "shop", named)
	if err != nil || len(found.Decisions) != 1 || !found.Decisions[0].Erased() {
		t.Fatalf("got %+v, %v; want the tombstone", found, err)
	}
	if text := page(t, found); !strings.Contains(text, "This record was erased") || strings.Contains(text, e.Record.Visitor) {
		t.Errorf("got %s, want that it was erased, and no visitor", text)
	}
}

func page(t *testing.T, found evidence.Found) string {
	t.Helper()
	var b strings.Builder
	if err := pages.Page(found).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each way to decide shows the layer in which it was made, with what was
// clicked and the switches as they were saved.
func TestFrames(t *testing.T) {
	w := newWorld(t)
	const marked = "outline:3px dashed"
	for _, tt := range []struct {
		action optgate.Action
		source string
		titles string
		want   []string // in the first frame
	}{
		{optgate.RejectAll, "banner", "First layer|Second layer", []string{"[data-og-reject]", marked, "May we?", "#og-preferences{display:none"}},
		{optgate.AcceptAll, "preferences", "Second layer|First layer", []string{"[data-og-accept]", marked, "<dialog open ", "#og-panel{display:none"}},
		{optgate.Save, "preferences", "Second layer|First layer", []string{"#og-save", `name="og-functional" checked`}},
		{optgate.Save, "placeholder", "In the place of what was held|First layer|Second layer", []string{"[data-og-always]", `id="og-hold"`}},
		{optgate.Save, "form", "The page", []string{"[value=save]", `name="og-functional" checked`, "</form>"}},
		{optgate.AcceptAll, "api", "", nil},
	} {
		t.Run(string(tt.action)+" "+tt.source, func(t *testing.T) {
			e := w.decide(ulid.Make().String(), tt.action, tt.source)
			found, err := w.sources.Find(t.Context(), "shop", e.Record.ID)
			if err != nil {
				t.Fatal(err)
			}
			frames := found.Decisions[0].Frames()
			var titles []string
			for _, f := range frames {
				titles = append(titles, f.Title)
			}
			if got := strings.Join(titles, "|"); got != tt.titles {
				t.Fatalf("got frames %s, want %s", got, tt.titles)
			}
			for _, want := range tt.want {
				if !strings.Contains(frames[0].Document, want) {
					t.Errorf("the first frame has no %s", want)
				}
			}
			if len(frames) > 0 && strings.Contains(frames[0].Document, `name="og-marketing" checked`) {
				t.Error("a switch that was off is shown as on")
			}
			if (found.Decisions[0].Missing(t.Context()) == "") != (len(frames) > 0) {
				t.Errorf("got %d frames and %q", len(frames), found.Decisions[0].Missing(t.Context()))
			}
		})
	}
}

// A browser's objection is no click.
func TestAnObjectionIsSaid(t *testing.T) {
	w := newWorld(t)
	e := w.decide(ulid.Make().String(), optgate.Save, "gpc")
	found, err := w.sources.Find(t.Context(), "shop", e.Record.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := found.Decisions[0].Headline(t.Context()), "Objection, by the browser's Global Privacy Control signal"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The page has all in itself and lets nothing run: of styles it names each.
func TestPageIsSafe(t *testing.T) {
	w := newWorld(t)
	e := w.decide(ulid.Make().String(), optgate.AcceptAll, "banner")
	found, err := w.sources.Find(t.Context(), "shop", e.Record.ID)
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, found)
	for _, want := range []string{`content="default-src &#39;none&#39;; img-src data:;`, `sandbox=""`, "“Accept all”, in the banner", "Shop &lt;&amp;&gt;", e.Record.ID, e.Chain.String()} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, bad := range []string{"<script", "unsafe-inline", "<link", `src="`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}
