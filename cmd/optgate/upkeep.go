package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// upkeepEvery is how often ledgers are seen to. A checkpoint takes the place of
// trust from then on, so an hour is what a thief of the store could rewrite.
const upkeepEvery = time.Hour

// countsBack is how far back the admin shows counts.
const countsBack = 2 * 366 * 24 * time.Hour

// upkeep takes checkpoints and lets old records go, now and then until ctx ends.
// Of several servers on one store each does it: what one has done the others
// find done.
func (w *world) upkeep(ctx context.Context) {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	for {
		for _, r := range w.registry.Sites() {
			w.keepLedger(ctx, &r.Config)
		}
		if err := w.registry.LeaveGone(ctx); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "taking sites out of groups that are gone failed, will be tried again", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keepLedger expires a site's old records, then signs how far its ledger came. Then
// it reads the site's counts, for a store that sums days once they are over: so
// nobody has to wait for that.
func (w *world) keepLedger(ctx context.Context, c *optgate.Config) {
	now := time.Now()
	if c.RecordDays > 0 {
		n, err := ledger.Expire(ctx, w.store, c.Site, now.AddDate(0, 0, -c.RecordDays), now)
		if n > 0 {
			w.log.InfoContext(ctx, "old records erased", slog.String("site", string(c.Site)), slog.Int("records", n), slog.Int("older_than_days", c.RecordDays))
		}
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "erasing old records failed, will be tried again", slog.String("site", string(c.Site)), slog.Any("err", err))
		}
	}
	if _, err := ledger.TakeCheckpoint(ctx, w.store, w.keys, c.Site, now); err != nil && ctx.Err() == nil {
		w.log.WarnContext(ctx, "taking a checkpoint failed, will be tried again", slog.String("site", string(c.Site)), slog.Any("err", err))
	}
	if _, err := w.store.Counts(ctx, c.Site, now.Add(-countsBack), now); err != nil && ctx.Err() == nil {
		w.log.WarnContext(ctx, "reading counts failed, will be tried again", slog.String("site", string(c.Site)), slog.Any("err", err))
	}
}
