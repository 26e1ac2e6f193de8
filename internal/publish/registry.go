// Package publish turns revisions into what is served. Each process holds the
// latest revision of every site as ready, compressed bytes, which are swapped
// at once when somebody publishes; serving them never touches the store.
package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// pollEvery heals a lost message from the store: a replica that missed one is
// behind for at most this long.
const pollEvery = 5 * time.Second

// Registry is this process's view of all sites. It is safe for concurrent use.
type Registry struct {
	store   Store
	version string
	now     func() time.Time
	log     *slog.Logger

	sites atomic.Pointer[map[optgate.SiteID]*Site]
	load  sync.Mutex // only one load at a time, so that an older answer never replaces a newer one
	old   pastRevisions

	panels keeper
}

// Store is what a [Registry] keeps its sites in.
type Store interface {
	optgate.RevisionStore
	optgate.GroupStore
}

// Options are what a [Registry] needs.
type Options struct {
	Store   Store
	Panels  optgate.PanelStore // keeps what visitors are shown; nil: this process shows nothing
	Version string             // of Optgate, as the gate tells it
	Now     func() time.Time
	Log     *slog.Logger
}

// Open returns a registry that holds what the store has now.
func Open(ctx context.Context, o Options) (*Registry, error) {
	r := &Registry{store: o.Store, version: o.Version, now: o.Now, log: o.Log, panels: keeper{store: o.Panels}}
	r.sites.Store(&map[optgate.SiteID]*Site{})
	return r, r.Load(ctx)
}

// Load takes the latest revisions from the store. If it fails, what was held
// before stays.
func (r *Registry) Load(ctx context.Context) error {
	r.load.Lock()
	defer r.load.Unlock()
	latest, err := r.store.Latest(ctx)
	if err != nil {
		return fmt.Errorf("publish: load revisions: %w", err)
	}
	paused, err := r.paused(ctx)
	if err != nil {
		return err
	}
	held, next := *r.sites.Load(), make(map[optgate.SiteID]*Site, len(latest))
	var failed []error
	for _, revision := range latest {
		site, err := r.renew(held[revision.Site], revision, paused[revision.Site])
		if err != nil {
			failed = append(failed, err)
			site = held[revision.Site]
		}
		if site != nil {
			next[revision.Site] = site
		}
	}
	// Before anybody sees them, so that no record names a panel that no process
	// has stored.
	r.keep(ctx)
	r.sites.Store(&next)
	return errors.Join(failed...)
}

// renew returns what a site serves now, as far as it can what it served before
// (nil: nothing). The rest is built.
func (r *Registry) renew(held *Site, revision optgate.Revision, paused optgate.Paused) (_ *Site, err error) {
	site, now := held, r.now()
	var shown []optgate.Panel
	if site == nil || !site.isOf(&revision) {
		if site, shown, err = build(revision); err != nil {
			return nil, err
		}
	}
	if !site.upToDate(paused, now) {
		if site, err = site.pausing(paused, r.version, now); err != nil {
			return nil, err
		}
	}
	r.panels.add(shown)
	return site, nil
}

// Run follows the store until ctx ends: it loads at each message that somebody
// published or paused something, and regularly.
func (r *Registry) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	changed := func() {
		select {
		case wake <- struct{}{}:
		default: // a load is due already
		}
	}
	go func() {
		for ctx.Err() == nil {
			if err := r.store.Watch(ctx, changed); err != nil && ctx.Err() == nil {
				r.log.WarnContext(ctx, "watching revisions failed, polling goes on", slog.Any("err", err))
			}
			pause(ctx, pollEvery)
		}
	}()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
		r.reload(ctx)
	}
}

// reload is Load for those who can do nothing about a failure: the next poll
// tries again.
func (r *Registry) reload(ctx context.Context) {
	if err := r.Load(ctx); err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "loading revisions failed, serving the ones from before", slog.Any("err", err))
	}
}

// pause returns after d, or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Published returns what a site serves now.
func (r *Registry) Published(id optgate.SiteID) (*Site, bool) {
	s, ok := (*r.sites.Load())[id]
	return s, ok
}

// Site returns the latest revision of a site.
func (r *Registry) Site(id optgate.SiteID) (optgate.Revision, bool) {
	s, ok := r.Published(id)
	if !ok {
		return optgate.Revision{}, false
	}
	return s.Revision, true
}

// Sites returns the latest revision of each site, ordered by site.
func (r *Registry) Sites() []optgate.Revision {
	sites := *r.sites.Load()
	all := make([]optgate.Revision, 0, len(sites))
	for _, s := range slices.SortedFunc(maps.Values(sites), func(a, b *Site) int { return cmp.Compare(a.Revision.Site, b.Revision.Site) }) {
		all = append(all, s.Revision)
	}
	return all
}

// Revision returns a revision, old ones too: a visitor may answer one that was
// replaced while she read it. An unknown one is [optgate.ErrNotFound].
func (r *Registry) Revision(ctx context.Context, id optgate.SiteID, number int) (*optgate.Revision, error) {
	if s, ok := r.Published(id); ok && s.Revision.Number == number {
		return &s.Revision, nil
	}
	return r.old.get(revisionKey{id, number}, func() (*optgate.Revision, error) {
		revision, err := r.store.Revision(ctx, id, number)
		if err != nil {
			return nil, fmt.Errorf("publish: revision %d of %s: %w", number, id, err)
		}
		return &revision, nil
	})
}

// Option is about how a revision is published.
type Option func(*optgate.Revision)

// Effective lets a revision ask earlier visitors about what is new only from a
// time on, which must be to come.
func Effective(from time.Time) Option {
	return func(r *optgate.Revision) { r.Effective = from.UTC().Truncate(time.Millisecond) }
}

// Next returns what [Registry.Publish] would publish, and what that changes. It
// writes nothing.
func (r *Registry) Next(ctx context.Context, c *optgate.Config, previous int, author, note string, how ...Option) (optgate.Revision, []optgate.Change, error) {
	c = r.ownCookie(c)
	if err := r.Validate(c); err != nil {
		return optgate.Revision{}, nil, err
	}
	next := optgate.NewRevision(c, previous, author, note, r.now())
	for _, option := range how {
		option(&next)
	}
	if err := next.ValidateSchedule(); err != nil {
		return optgate.Revision{}, nil, err
	}
	if previous == 0 {
		return next, nil, r.inherit(ctx, &next, new(optgate.Revision))
	}
	last, err := r.Revision(ctx, c.Site, previous)
	if errors.Is(err, optgate.ErrNotFound) {
		return optgate.Revision{}, nil, fmt.Errorf("publish: revision %d of %s: %w", next.Number, c.Site, optgate.ErrConflict)
	}
	if err != nil {
		return optgate.Revision{}, nil, err
	}
	if err := r.inherit(ctx, &next, last); err != nil {
		return optgate.Revision{}, nil, err
	}
	return next, next.Follow(last), nil
}

// Publish makes c the revision of its site that follows number previous (0: a
// new site). It returns [optgate.InvalidErrors] if c has faults, and
// [optgate.ErrConflict] if the site's latest revision is another one. A site that
// shares pages with another one gets a cookie name of its own. If its group was
// deleted at that moment, what is returned is one more revision, of no group.
func (r *Registry) Publish(ctx context.Context, c *optgate.Config, previous int, author, note string, how ...Option) (optgate.Revision, error) {
	revision, _, err := r.Next(ctx, c, previous, author, note, how...)
	if err != nil {
		return optgate.Revision{}, err
	}
	if err := r.store.Publish(ctx, revision); err != nil {
		if errors.Is(err, optgate.ErrConflict) {
			// This process is behind; whoever tries again should see what is there.
			r.reload(ctx)
		}
		return optgate.Revision{}, fmt.Errorf("publish: revision %d of %s: %w", revision.Number, c.Site, err)
	}
	r.log.InfoContext(ctx, "revision published", slog.String("site", string(c.Site)),
		slog.Int("revision", revision.Number), slog.String("author", author))
	r.reload(ctx)
	r.forgetPauses(ctx, c)
	return r.settled(ctx, revision), nil
}
