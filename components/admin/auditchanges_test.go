package admin

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// What is kept of changes is read again as what was said, each alone and all in
// one line.
func TestChangesAreReadAgain(t *testing.T) {
	all := []optgate.Change{
		{Kind: optgate.SwitchedOff, Subject: "category", Name: "analytics", Category: "analytics"},
		{Kind: optgate.Added, Subject: "category", Name: "own_one", Category: "own_one", To: "switched off"},
		{Kind: optgate.Changed, Subject: "site", Field: "Global Privacy Control", From: "marketing", To: "off"},
		{Kind: optgate.Changed, Subject: "controller", Field: "name", From: "Shop Ltd.", To: "Bigger (Holding) Ltd. of: all"},
		{Kind: optgate.Changed, Subject: "privacy policy", Field: "address (pt-BR)", To: "https://p.example"},
		{Kind: optgate.Changed, Subject: "service", Name: "Ads", Category: "marketing", Field: "purpose (en)", From: "Shows ads."},
		{Kind: optgate.Removed, Subject: "cookie", Name: "_ga of Ads", Category: "marketing"},
		{Kind: optgate.Removed, Subject: "site", Field: "languages", From: "de"},
		{Kind: optgate.Changed, Subject: "order of languages"},
		{Kind: optgate.Changed, Subject: "records", Field: "days that they are kept", From: "no end", To: "400"},
	}
	for _, c := range all {
		got, ok := parseChanges(Changes([]optgate.Change{c}))
		if c.Subject == "category" {
			c.Category = "" // is its name, and not said twice
		}
		if !ok || len(got) != 1 || got[0] != c {
			t.Errorf("%q is read as %+v, %t; want %+v", Changes([]optgate.Change{c}), got, ok, c)
		}
	}
	if got, ok := parseChanges(Changes(all)); !ok || len(got) != len(all) {
		t.Errorf("all in one line are read as %d, %t; want %d", len(got), ok, len(all))
	}
	german := bilingual.With(t.Context(), "de")
	for _, kept := range []string{
		"Somebody wrote this.", "Category “analytics” switched o…", "category “analytics” switched off.", "Category “analytics” switched off",
		strings.Repeat("“", 3000), "Site: name changed from “a.", "Tag “x” removed to “y”, was empty.",
	} {
		if got := changesDetail(german, kept); got != kept {
			t.Errorf("%q is told as %q, want it as it is", kept, got)
		}
	}
	if got, want := changesDetail(german, Changes(all[:1])), "Kategorie „analytics“ ausgeschaltet."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
