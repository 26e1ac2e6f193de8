package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
)

// Migration says what a migration brought over.
type Migration struct {
	Sites, Revisions, Entries, Users, AuditEntries int
}

// Migrate copies a whole store into another, which has nothing else: keys,
// revisions, what is paused, panels, drafts, ledgers with their checkpoints, groups
// of sites, users and the audit log. It can be repeated after a failure, and later to bring over what came since.
// One-time links and lists of unmarked tags are left behind. Both ledgers of each
// site end alike when it returns nil.
func Migrate(ctx context.Context, from, to optgate.Store) (Migration, error) {
	var m Migration
	if err := copyKeys(ctx, from, to); err != nil {
		return m, err
	}
	latest, err := from.Latest(ctx)
	if err != nil {
		return m, fmt.Errorf("ledger: list sites: %w", err)
	}
	for _, r := range latest {
		m.Sites++
		n, err := copyRevisions(ctx, from, to, r)
		if m.Revisions += n; err != nil {
			return m, err
		}
		if err := copyPaused(ctx, from, to, r.Site); err != nil {
			return m, err
		}
		if err := copyDraft(ctx, from, to, r.Site); err != nil {
			return m, err
		}
		n, err = Import(ctx, to, r.Site, Entries(ctx, from, r.Site, ""))
		if m.Entries += n; err != nil {
			return m, err
		}
		if err := copyCheckpoints(ctx, from, to, r.Site); err != nil {
			return m, err
		}
		if err := checkAlike(ctx, from, to, r.Site); err != nil {
			return m, err
		}
	}
	if err := copyGroups(ctx, from, to); err != nil {
		return m, err
	}
	if m.Users, err = copyUsers(ctx, from, to); err != nil {
		return m, err
	}
	m.AuditEntries, err = copyAudit(ctx, from, to)
	return m, err
}

func copyKeys(ctx context.Context, from, to optgate.Store) error {
	ring, err := from.Keys(ctx)
	if errors.Is(err, optgate.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = to.SwapKeys(ctx, nil, ring)
	}
	if errors.Is(err, optgate.ErrConflict) {
		return fmt.Errorf("ledger: the store to fill has keys of its own: begin with an empty one: %w", err)
	} else if err != nil {
		return fmt.Errorf("ledger: copy keys: %w", err)
	}
	return nil
}

// copyRevisions copies those of a site that are not there yet.
func copyRevisions(ctx context.Context, from, to optgate.Store, latest optgate.Revision) (int, error) {
	copied := 0
	for number := 1; number <= latest.Number; number++ {
		r, err := from.Revision(ctx, latest.Site, number)
		if err != nil {
			return copied, fmt.Errorf("ledger: read revision %d of %s: %w", number, latest.Site, err)
		}
		there, err := to.Revision(ctx, latest.Site, number)
		switch {
		case err == nil && there.Hash == r.Hash:
		case errors.Is(err, optgate.ErrNotFound):
			if err := to.Publish(ctx, r); err != nil {
				return copied, fmt.Errorf("ledger: copy revision %d of %s: %w", number, latest.Site, err)
			}
			copied++
		case err == nil:
			return copied, fmt.Errorf("ledger: revision %d of %s is another one there: %w", number, latest.Site, optgate.ErrConflict)
		default:
			return copied, fmt.Errorf("ledger: look for revision %d of %s: %w", number, latest.Site, err)
		}
		if err := copyPanels(ctx, from, to, r); err != nil {
			return copied, err
		}
	}
	return copied, nil
}

// copyPaused makes a site pause there what it pauses here.
func copyPaused(ctx context.Context, from, to optgate.Store, site optgate.SiteID) error {
	next, err := pausedOf(ctx, from, site)
	if err != nil {
		return err
	}
	there, err := pausedOf(ctx, to, site)
	if err != nil {
		return err
	}
	if slices.Equal(next.Pauses, there.Pauses) {
		return nil
	}
	next.Version = there.Version
	if err := to.SetPaused(ctx, next); err != nil {
		return fmt.Errorf("ledger: copy what is paused on %s: %w", site, err)
	}
	return nil
}

func pausedOf(ctx context.Context, s optgate.Store, site optgate.SiteID) (optgate.Paused, error) {
	all, err := s.Paused(ctx)
	if err != nil {
		return optgate.Paused{}, fmt.Errorf("ledger: read what is paused on %s: %w", site, err)
	}
	for _, p := range all {
		if p.Site == site {
			return p, nil
		}
	}
	return optgate.Paused{Site: site}, nil
}

func copyPanels(ctx context.Context, from, to optgate.Store, r optgate.Revision) error {
	names, err := from.Panels(ctx, r.Site, r.Number)
	if err != nil {
		return fmt.Errorf("ledger: panels of %s revision %d: %w", r.Site, r.Number, err)
	}
	for _, name := range names {
		content, err := from.Panel(ctx, name.Hash)
		if err == nil {
			err = to.PutPanel(ctx, optgate.Panel{Site: r.Site, Revision: r.Number, Language: name.Language, Content: content})
		}
		if err != nil {
			return fmt.Errorf("ledger: copy panel of %s revision %d in %s: %w", r.Site, r.Number, name.Language, err)
		}
	}
	return nil
}

// copyDraft makes a site's draft what it is in the other store.
func copyDraft(ctx context.Context, from, to optgate.Store, site optgate.SiteID) error {
	d, err := from.Draft(ctx, site)
	if err != nil {
		return fmt.Errorf("ledger: read draft of %s: %w", site, err)
	}
	there, err := to.Draft(ctx, site)
	if err != nil {
		return fmt.Errorf("ledger: look for draft of %s: %w", site, err)
	}
	d.Version = there.Version
	if d.Base == there.Base && d.At.Equal(there.At) && d.Config.Hash() == there.Config.Hash() {
		return nil
	}
	if err := to.PutDraft(ctx, d); err != nil {
		return fmt.Errorf("ledger: copy draft of %s: %w", site, err)
	}
	return nil
}

// copyGroups makes each group what it is in the other store. They come after the
// sites: what these show is in their revisions.
func copyGroups(ctx context.Context, from, to optgate.Store) error {
	groups, err := from.Groups(ctx)
	if err != nil {
		return fmt.Errorf("ledger: list groups: %w", err)
	}
	for _, g := range groups {
		there, err := to.Group(ctx, g.ID)
		if err != nil && !errors.Is(err, optgate.ErrNotFound) {
			return fmt.Errorf("ledger: look for group %s: %w", g.ID, err)
		}
		if err == nil && g.At.Equal(there.At) && g.Settings.Hash() == there.Settings.Hash() {
			continue
		}
		g.Version = there.Version
		if err := to.PutGroup(ctx, g); err != nil {
			return fmt.Errorf("ledger: copy group %s: %w", g.ID, err)
		}
	}
	return nil
}

// copyCheckpoints copies those of a site that are not there yet.
func copyCheckpoints(ctx context.Context, from, to optgate.Store, site optgate.SiteID) error {
	there := 0
	for _, err := range Checkpoints(ctx, to, site) {
		if err != nil {
			return err
		}
		there++
	}
	n := 0
	for text, err := range Checkpoints(ctx, from, site) {
		if err != nil {
			return err
		}
		if n++; n <= there {
			continue
		}
		if err := to.PutCheckpoint(ctx, site, text); err != nil {
			return fmt.Errorf("ledger: copy checkpoint of %s: %w", site, err)
		}
	}
	return nil
}

// checkAlike checks that both ledgers of a site end with the same links, by which
// all before them is the same, too.
func checkAlike(ctx context.Context, from, to optgate.Store, site optgate.SiteID) error {
	a, err := from.Heads(ctx, site)
	if err != nil {
		return fmt.Errorf("ledger: heads of %s: %w", site, err)
	}
	b, err := to.Heads(ctx, site)
	if err != nil {
		return fmt.Errorf("ledger: heads of %s: %w", site, err)
	}
	if !slices.Equal(a, b) {
		return fmt.Errorf("ledger: %s was recorded to meanwhile: stop the server and repeat this: %w", site, optgate.ErrConflict)
	}
	return nil
}

func copyUsers(ctx context.Context, from, to optgate.Store) (int, error) {
	users, err := from.Users(ctx)
	if err != nil {
		return 0, fmt.Errorf("ledger: list users: %w", err)
	}
	copied := 0
	for _, u := range users {
		_, err := to.User(ctx, u.Name)
		if err == nil {
			continue
		}
		if errors.Is(err, optgate.ErrNotFound) {
			err = to.CreateUser(ctx, u)
		}
		if err != nil {
			return copied, fmt.Errorf("ledger: copy user %s: %w", u.Name, err)
		}
		copied++
	}
	return copied, nil
}

// copyAudit copies the audit log's entries that are not there yet, the oldest
// first.
func copyAudit(ctx context.Context, from, to optgate.Store) (int, error) {
	newest, err := to.Audit(ctx, 0, 1)
	if err != nil {
		return 0, fmt.Errorf("ledger: audit log: %w", err)
	}
	var seq uint64
	if len(newest) > 0 {
		seq = newest[0].Seq
	}
	copied := 0
	for {
		// The batch of entries that follow seq, newest first.
		page, err := from.Audit(ctx, seq+batch+1, batch)
		if err != nil {
			return copied, fmt.Errorf("ledger: audit log: %w", err)
		}
		found := false
		for _, e := range slices.Backward(page) {
			if e.Seq <= seq {
				continue
			}
			if err := to.AppendAudit(ctx, e); err != nil {
				return copied, fmt.Errorf("ledger: copy audit entry %d: %w", e.Seq, err)
			}
			seq, found = e.Seq, true
			copied++
		}
		if !found {
			return copied, nil
		}
	}
}
