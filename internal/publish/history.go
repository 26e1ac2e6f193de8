package publish

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// HistoryPage is how many revisions [Registry.History] returns at most.
const HistoryPage = 50

// Entry is a revision in a site's history.
type Entry struct {
	Revision *optgate.Revision
	Changes  []optgate.Change // against the revision before it; none of the first
}

// History returns up to [HistoryPage] revisions of a site, newest first,
// beginning with the one before number before (0: the latest). An unknown site
// is [optgate.ErrNotFound]; a number beyond the history is no error.
func (r *Registry) History(ctx context.Context, id optgate.SiteID, before int) ([]Entry, error) {
	site, ok := r.Published(id)
	if !ok {
		return nil, optgate.ErrNotFound
	}
	number := site.Revision.Number
	if before > 0 && before <= number {
		number = before - 1
	}
	var entries []Entry
	if number == 0 {
		return entries, nil
	}
	newer, err := r.Revision(ctx, id, number)
	for err == nil {
		if newer.Number == 1 {
			return append(entries, Entry{Revision: newer}), nil
		}
		var older *optgate.Revision
		if older, err = r.Revision(ctx, id, newer.Number-1); err == nil {
			entries = append(entries, Entry{newer, optgate.Diff(&older.Config, &newer.Config)})
			newer = older
		}
		if len(entries) == HistoryPage {
			return entries, nil
		}
	}
	return nil, err
}
