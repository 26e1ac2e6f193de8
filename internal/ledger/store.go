package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
)

// batch is how many entries are in memory at once.
const batch = 1000

// Entries goes through a site's entries from after a cursor on ("": from the
// start). After an error it ends.
func Entries(ctx context.Context, ledger optgate.Ledger, site optgate.SiteID, cursor string) iter.Seq2[*optgate.Entry, error] {
	return func(yield func(*optgate.Entry, error) bool) {
		for {
			entries, next, err := ledger.Scan(ctx, site, cursor, batch)
			if err != nil {
				yield(nil, fmt.Errorf("ledger: scan %s: %w", site, err))
				return
			}
			for i := range entries {
				if !yield(&entries[i], nil) {
					return
				}
			}
			if len(entries) < batch {
				return
			}
			cursor = next
		}
	}
}

// Checkpoints goes through a site's stored checkpoints, the oldest first.
func Checkpoints(ctx context.Context, store optgate.CheckpointStore, site optgate.SiteID) iter.Seq2[string, error] {
	const page = 100
	return func(yield func(string, error) bool) {
		for after := 0; ; after += page {
			texts, err := store.Checkpoints(ctx, site, after, page)
			if err != nil {
				yield("", fmt.Errorf("ledger: checkpoints of %s: %w", site, err))
				return
			}
			for _, text := range texts {
				if !yield(text, nil) {
					return
				}
			}
			if len(texts) < page {
				return
			}
		}
	}
}

// Store is what a ledger lies in.
type Store interface {
	optgate.Ledger
	optgate.CheckpointStore
}

// Verify checks a site's ledger in a store from end to end, against every
// checkpoint there, against those handed in (of checkpoints and receipts), and
// against what the store takes for its end, and returns the check. The error
// is a [*Fault], [keys.ErrNotOurs] for a checkpoint that was tampered with, or
// the store's. What is recorded meanwhile may be left out.
func Verify(ctx context.Context, store Store, site optgate.SiteID, v keys.Verifier, outside ...keys.Checkpoint) (*Check, error) {
	c := NewCheck(site)
	for _, k := range outside {
		if err := c.ExpectCheckpoint("the checkpoint or receipt", k); err != nil {
			return c, err
		}
	}
	n := 0
	for text, err := range Checkpoints(ctx, store, site) {
		if err != nil {
			return c, err
		}
		n++
		k, err := v.Checkpoint(text)
		if err != nil {
			return c, fmt.Errorf("ledger: stored checkpoint %d of %s was altered: %w", n, site, err)
		}
		if err := c.ExpectCheckpoint("the checkpoint", k); err != nil {
			return c, err
		}
	}
	heads, err := store.Heads(ctx, site)
	if err != nil {
		return c, fmt.Errorf("ledger: heads of %s: %w", site, err)
	}
	for _, head := range heads {
		if err := c.Expect(head, "what the store takes for the end"); err != nil {
			return c, err
		}
	}
	for e, err := range Entries(ctx, store, site, "") {
		if err != nil {
			return c, err
		}
		if err := c.Next(e); err != nil {
			return c, err
		}
	}
	if err := c.End(); err != nil {
		return c, err
	}
	if heads, err = store.Heads(ctx, site); err != nil {
		return c, fmt.Errorf("ledger: heads of %s: %w", site, err)
	}
	return c, c.notBeyond(heads)
}

// TakeCheckpoint signs the heads of a site's ledger, stores and returns that. It
// returns "" and stores nothing if nothing was recorded since the last one.
func TakeCheckpoint(ctx context.Context, store Store, k *keys.Keys, site optgate.SiteID, now time.Time) (string, error) {
	heads, err := store.Heads(ctx, site)
	if err != nil {
		return "", fmt.Errorf("ledger: heads of %s: %w", site, err)
	}
	newest, err := store.Checkpoints(ctx, site, -1, 1)
	if err != nil {
		return "", fmt.Errorf("ledger: newest checkpoint of %s: %w", site, err)
	}
	if len(newest) > 0 {
		v, err := k.Verifier()
		if err != nil {
			return "", err
		}
		if last, err := v.Checkpoint(newest[0]); err == nil && slices.Equal(last.Heads, heads) {
			return "", nil
		}
	}
	if len(heads) == 0 {
		return "", nil
	}
	text, err := k.SignCheckpoint(keys.Checkpoint{Site: site, At: now.UTC().Truncate(time.Millisecond), Heads: heads})
	if err != nil {
		return "", err
	}
	if err := store.PutCheckpoint(ctx, site, text); err != nil {
		return "", fmt.Errorf("ledger: store checkpoint of %s: %w", site, err)
	}
	return text, nil
}
