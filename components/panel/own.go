package panel

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// OwnURLs are where a visitor gets at her records.
type OwnURLs struct {
	History  string // with a query, to which more is added
	JSON     string // her records for programs
	Page     string // her records to print
	Erase    string // asks whether to erase them
	Receipts string // says what a receipt says
}

// revision returns where the history tells of a revision. The history comes in
// pages, so it is told to begin there.
func (u OwnURLs) revision(number int) string {
	if u.History == "" {
		return ""
	}
	return u.History + "&before=" + strconv.Itoa(number+1) + "#og-r-" + strconv.Itoa(number)
}

// ErasePage asks a visitor whether she means it.
type ErasePage struct {
	Config   *optgate.Config
	Lang     string // one of Config's languages
	Fault    int    // HTTP status for which erasing failed; 0: it was not tried
	StyleURL string // of page.css
	Action   string // where the form goes
	BackURL  string // of the preferences
}

// Render writes the page. It implements templ.Component.
func (p ErasePage) Render(ctx context.Context, w io.Writer) error {
	return erasePage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// RecordsPage is a visitor's records with their receipts, to be kept or printed.
type RecordsPage struct {
	Config   *optgate.Config
	Lang     string // one of Config's languages
	Records  []SignedRecord
	At       time.Time // when it was made
	StyleURL string    // of page.css; a data URL, if the page is to stand by itself
}

// SignedRecord is a record with its receipt.
type SignedRecord struct {
	optgate.Record
	Receipt string // compact JWS
}

// Render writes the page. It implements templ.Component.
func (p RecordsPage) Render(ctx context.Context, w io.Writer) error {
	return recordsPage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// ReceiptPage says in words what a receipt says.
type ReceiptPage struct {
	Config   *optgate.Config
	Lang     string // one of Config's languages
	Text     string // what was pasted; may be empty
	Finding  Finding
	Says     *optgate.Record // what a genuine receipt says, whichever its site is; nil of others
	URLs     OwnURLs         // only History is needed
	StyleURL string          // of page.css
	Action   string          // where the form goes
	BackURL  string          // of the preferences
}

// Finding is what was found out about a receipt.
type Finding int

// The findings. From [ReceiptHeld] on, the receipt is genuine and the site's own.
const (
	NoReceipt       Finding = iota // none was pasted yet
	ReceiptForged                  // nobody of ours signed it, or it was altered
	ReceiptForeign                 // it is genuine, but of another site
	ReceiptHeld                    // the ledger holds the record
	ReceiptErased                  // the ledger holds the tombstone of the record
	ReceiptMissing                 // the ledger holds something else, or nothing
	ReceiptUnproven                // the ledger cannot be read now
)

// Render writes the page. It implements templ.Component.
func (p ReceiptPage) Render(ctx context.Context, w io.Writer) error {
	return receiptPage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// moment is a time as people write it, to the minute.
func (v view) moment(t time.Time) string { return v.Date(t) + ", " + t.UTC().Format("15:04 UTC") }

// action names what the visitor did by the button that does it.
func (v view) action(a optgate.Action) string {
	switch a {
	case optgate.AcceptAll:
		return v.Buttons.AcceptAll
	case optgate.RejectAll:
		return v.Buttons.RejectAll
	case optgate.Withdraw:
		return v.Buttons.Withdraw
	}
	return v.Buttons.Save
}

// answers says what a record allows and what it refuses, as one or two
// sentences. Categories come in the order of the site, then those it has no more.
func (v view) answers(r *optgate.Record) []string {
	var allowed, refused []string
	add := func(id optgate.CategoryID) {
		if r.Choices[id] {
			allowed = append(allowed, v.categoryTitle(id))
		} else {
			refused = append(refused, v.categoryTitle(id))
		}
	}
	known := map[optgate.CategoryID]bool{}
	for _, k := range v.Categories {
		if _, answered := r.Choices[k.ID]; answered {
			known[k.ID] = true
			add(k.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Choices)) {
		if !known[id] {
			add(id)
		}
	}
	var said []string
	if len(allowed) > 0 {
		said = append(said, v.Allowed(allowed))
	}
	if len(refused) > 0 {
		said = append(said, v.Refused(refused))
	}
	return said
}
