package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/optgate/optgate/internal/optgate"
)

// maxPauseTries bounds how often a pause is tried again while others pause and
// resume on the same site.
const maxPauseTries = 8

// Paused returns what is paused on a site, of what its latest revision has.
func (r *Registry) Paused(id optgate.SiteID) optgate.Paused {
	s, ok := r.Published(id)
	if !ok {
		return optgate.Paused{Site: id}
	}
	return s.Paused
}

// Pause stops something on a site at once, in every process on the store; what
// of it is paused already stays so, and done is false. Who and why are the
// caller's, the time is now. It returns [optgate.ErrNotFound] for an unknown site,
// and an [optgate.InvalidError] for what cannot be paused there.
func (r *Registry) Pause(ctx context.Context, id optgate.SiteID, p optgate.Pause) (done bool, err error) {
	if len(p.Reason) > optgate.MaxAuditReason {
		return false, &optgate.InvalidError{Field: "reason", Msg: fmt.Sprintf("has more than %d bytes", optgate.MaxAuditReason)}
	}
	p.Since = r.now()
	done, err = r.changePaused(ctx, id, func(c *optgate.Config, paused optgate.Paused) (optgate.Paused, error) {
		return paused.With(p), c.Pausable(p.Pausable)
	})
	if err != nil {
		return false, fmt.Errorf("publish: pause on %.64q: %w", id, err)
	}
	return done, nil
}

// Resume lets something load again that was paused, and returns the pause that
// ended; done is false if there was none. An unknown site is
// [optgate.ErrNotFound].
func (r *Registry) Resume(ctx context.Context, id optgate.SiteID, what optgate.Pausable) (ended optgate.Pause, done bool, err error) {
	done, err = r.changePaused(ctx, id, func(_ *optgate.Config, paused optgate.Paused) (optgate.Paused, error) {
		ended, _ = paused.Of(what)
		return paused.Without(what), nil
	})
	if err != nil {
		return optgate.Pause{}, false, fmt.Errorf("publish: resume on %.64q: %w", id, err)
	}
	return ended, done, nil
}

// changePaused stores what change makes of what is paused on a site, and serves
// it. If that changes nothing, nothing is written and done is false.
func (r *Registry) changePaused(ctx context.Context, id optgate.SiteID, change func(*optgate.Config, optgate.Paused) (optgate.Paused, error)) (done bool, err error) {
	for range maxPauseTries {
		site, ok := r.Published(id)
		if !ok {
			return false, optgate.ErrNotFound
		}
		all, err := r.paused(ctx)
		if err != nil {
			return false, err
		}
		there := all[id]
		next, err := change(&site.Revision.Config, there)
		if err != nil {
			return false, err
		}
		if len(next.Pauses) == len(there.Pauses) {
			if site.Paused.Version != there.Version {
				r.reload(ctx) // another process was faster
			}
			return false, nil
		}
		next.Site = id
		err = r.store.SetPaused(ctx, next)
		if errors.Is(err, optgate.ErrConflict) {
			continue
		}
		if err != nil {
			return false, err
		}
		r.reload(ctx)
		return true, nil
	}
	return false, optgate.ErrConflict
}

// paused returns what the store says is paused, by site.
func (r *Registry) paused(ctx context.Context) (map[optgate.SiteID]optgate.Paused, error) {
	all, err := r.store.Paused(ctx)
	if err != nil {
		return nil, fmt.Errorf("publish: load what is paused: %w", err)
	}
	by := make(map[optgate.SiteID]optgate.Paused, len(all))
	for _, p := range all {
		by[p.Site] = p
	}
	return by, nil
}

// forgetPauses ends the pauses of what c, which was just published, does not have:
// who adds something of that name later means something new. It is not served
// until then, so that a failure only leaves a line too many in the store.
func (r *Registry) forgetPauses(ctx context.Context, c *optgate.Config) {
	_, err := r.changePaused(context.WithoutCancel(ctx), c.Site, func(_ *optgate.Config, paused optgate.Paused) (optgate.Paused, error) {
		return paused.On(c), nil
	})
	if err != nil {
		r.log.WarnContext(ctx, "forgetting the pauses of what is gone failed", slog.String("site", string(c.Site)), slog.Any("err", err))
	}
}
