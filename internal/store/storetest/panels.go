package storetest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var panelTests = map[string]func(*testing.T, Backend){
	"Panels":              testPanels,
	"PutPanelRepeated":    testPutPanelRepeated,
	"PutPanelsManyAtOnce": testPutPanelsManyAtOnce,
}

// newPanel returns a panel whose content is that text.
func newPanel(site optgate.SiteID, revision int, language, content string) optgate.Panel {
	return optgate.Panel{Site: site, Revision: revision, Language: language, Content: []byte(content)}
}

// checkPanels checks that a revision has these panels and no others.
func checkPanels(t *testing.T, s optgate.PanelStore, site optgate.SiteID, revision int, want ...optgate.Panel) {
	t.Helper()
	var names []optgate.PanelName
	for _, p := range want {
		names = append(names, p.Name())
		if got, err := s.Panel(t.Context(), p.Name().Hash); err != nil || !bytes.Equal(got, p.Content) {
			t.Errorf("Panel(%s) = %.40q, %v; want %.40q", p.Name().Hash, got, err, p.Content)
		}
	}
	slices.SortFunc(names, func(a, b optgate.PanelName) int {
		return strings.Compare(a.Language+" "+a.Hash, b.Language+" "+b.Hash)
	})
	if got, err := s.Panels(t.Context(), site, revision); err != nil || !slices.Equal(got, names) {
		t.Errorf("Panels(%s, %d) = %v, %v; want %v", site, revision, got, err, names)
	}
}

func testPanels(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	long := strings.Repeat("<p>Größe 2 \x00</p>", 10_000)
	en, de, again := newPanel("shop", 1, "en", "<p>yes or no</p>"), newPanel("shop", 1, "de", long), newPanel("shop", 1, "en", "drawn anew")
	next, blog, region := newPanel("shop", 2, "en", "<p>yes or no</p>"), newPanel("blog", 1, "en", ""), newPanel("shop", 1, "pt-BR", "sim ou não")
	for _, p := range []optgate.Panel{en, de, again, next, blog, region} {
		if err := s.PutPanel(t.Context(), p); err != nil {
			t.Fatalf("PutPanel(%s, %d, %s) = %v", p.Site, p.Revision, p.Language, err)
		}
	}
	for _, s := range []optgate.Store{s, other} {
		checkPanels(t, s, "shop", 1, en, de, again, region)
		checkPanels(t, s, "shop", 2, next)
		checkPanels(t, s, "blog", 1, blog)
		checkPanels(t, s, "shop", 12)
		checkPanels(t, s, "forum", 1)
	}
	for _, unknown := range []string{"", optgate.PanelHash([]byte("never shown")), strings.ToUpper(en.Name().Hash), "*"} {
		if _, err := s.Panel(t.Context(), unknown); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("Panel(%q) = %v, want ErrNotFound", unknown, err)
		}
	}
}

func testPutPanelRepeated(t *testing.T, b Backend) {
	s := b.open(t)
	p := newPanel("shop", 1, "en", "an answer that got lost")
	for range 2 {
		if err := s.PutPanel(t.Context(), p); err != nil {
			t.Fatalf("PutPanel of the very same = %v", err)
		}
	}
	checkPanels(t, s, "shop", 1, p)
}

// testPutPanelsManyAtOnce stores as replicas do that start with the same
// revision: all of them everything.
func testPutPanelsManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	var panels []optgate.Panel
	for _, language := range []string{"de", "en", "fr", "sv"} {
		panels = append(panels, newPanel("shop", 3, language, "shown in "+language))
	}
	for _, err := range concurrently(4*len(panels), func(i int) error {
		return stores[i%2].PutPanel(t.Context(), panels[i/4])
	}) {
		if err != nil {
			t.Errorf("PutPanel = %v", err)
		}
	}
	checkPanels(t, stores[0], "shop", 3, panels...)
}
