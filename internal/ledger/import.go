package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/optgate/optgate/internal/optgate"
)

// Import restores entries that were exported, or that lie in another store, into
// a ledger. It returns how many were new there. Entries that are there already
// are passed over, so that an import that was cut off can be repeated. The error
// is an [optgate.InvalidError] for an entry that contradicts itself or those
// before it, or [optgate.ErrConflict] if the ledger there is another one.
func Import(ctx context.Context, to optgate.Ledger, site optgate.SiteID, entries iter.Seq2[*optgate.Entry, error]) (int, error) {
	restored := 0
	var waiting []optgate.Entry
	flush := func() error {
		n, err := to.Restore(ctx, site, waiting)
		restored += n
		waiting = waiting[:0]
		if errors.Is(err, optgate.ErrConflict) {
			return fmt.Errorf("ledger: import into %s: what is there is not the beginning of what is imported: %w", site, err)
		} else if err != nil {
			return fmt.Errorf("ledger: import into %s: %w", site, err)
		}
		return nil
	}
	for e, err := range entries {
		if err != nil {
			return restored, err
		}
		if waiting = append(waiting, *e); len(waiting) == batch {
			if err := flush(); err != nil {
				return restored, err
			}
		}
	}
	if len(waiting) > 0 {
		return restored, flush()
	}
	return restored, nil
}

// OfSite returns the entries of lines, all of which must be of one site.
func OfSite(site optgate.SiteID, lines iter.Seq2[Line, error]) iter.Seq2[*optgate.Entry, error] {
	return func(yield func(*optgate.Entry, error) bool) {
		for l, err := range lines {
			if err == nil && l.Site != site {
				err = fmt.Errorf("ledger: line %d: %w", l.Number, &optgate.InvalidError{Field: "site", Msg: fmt.Sprintf("is %.70q, want %s", l.Site, site)})
			}
			if !yield(l.Entry, err) || err != nil {
				return
			}
		}
	}
}
