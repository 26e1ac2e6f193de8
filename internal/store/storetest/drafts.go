package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var draftTests = map[string]func(*testing.T, Backend){
	"Drafts":           testDrafts,
	"DraftsManyAtOnce": testDraftsManyAtOnce,
}

// newDraft returns a draft that follows a version.
func newDraft(site optgate.SiteID, name string, version int) optgate.Draft {
	c := optgate.Config{Site: site, Name: name, Services: []optgate.Service{{ID: "s", Purpose: optgate.Text{"de": "Zählt „alles“ <&>."}}}}
	return optgate.Draft{Site: site, Base: 3, Config: c, Author: "anna", At: start, Version: version}
}

// checkDraft checks a site's draft.
func checkDraft(t *testing.T, s optgate.DraftStore, want optgate.Draft) {
	t.Helper()
	if got, err := s.Draft(t.Context(), want.Site); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Draft(%s) = %+v, %v; want %+v", want.Site, got, err, want)
	}
}

func testDrafts(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	checkDraft(t, s, optgate.Draft{Site: "shop"})
	put := func(what string, d optgate.Draft, want error) {
		t.Helper()
		if err := other.PutDraft(t.Context(), d); !errors.Is(err, want) {
			t.Errorf("PutDraft, %s = %v, want %v", what, err, want)
		}
	}
	put("the first", newDraft("shop", "One", 0), nil)
	put("the very same again", newDraft("shop", "One", 0), nil)
	put("of another site", newDraft("blog", "Blog", 0), nil)
	put("as if there were none", newDraft("shop", "Other", 0), optgate.ErrConflict)
	put("the second", newDraft("shop", "Two", 1), nil)
	put("of a version that is gone", newDraft("shop", "Other", 1), optgate.ErrConflict)
	put("of a version that is to come", newDraft("shop", "Other", 3), optgate.ErrConflict)
	checkDraft(t, s, newDraft("shop", "Two", 2))
	checkDraft(t, s, newDraft("blog", "Blog", 1))

	// Versions go on after a draft is gone, so that it is not mistaken for the next.
	two := newDraft("shop", "Two", 2)
	put("closed", two.Closed(), nil)
	checkDraft(t, s, optgate.Draft{Site: "shop", Version: 3})
	put("after it was closed", newDraft("shop", "Other", 2), optgate.ErrConflict)
	put("as if it had never been", newDraft("shop", "Other", 0), optgate.ErrConflict)
	put("the next", newDraft("shop", "Three", 3), nil)
	checkDraft(t, s, newDraft("shop", "Three", 4))
}

func testDraftsManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	won := ""
	for i, err := range concurrently(16, func(i int) error {
		return stores[i%2].PutDraft(t.Context(), newDraft("shop", fmt.Sprint(i), 0))
	}) {
		switch {
		case err == nil && won == "":
			won = fmt.Sprint(i)
		case err == nil:
			t.Errorf("both %s and %d were told that their draft is stored", won, i)
		case !errors.Is(err, optgate.ErrConflict):
			t.Errorf("PutDraft = %v, want ErrConflict", err)
		}
	}
	checkDraft(t, stores[0], newDraft("shop", won, 1))
}
