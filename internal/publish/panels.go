package publish

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/static"
)

// keepTimeout bounds how long a new revision waits for its panels to be stored,
// and keepAtOnce how many are on their way at the same time.
const (
	keepTimeout = 2 * time.Second
	keepAtOnce  = 16
)

// Shown names what a site shows in one language, by [optgate.PanelHash].
type Shown struct {
	Panel string // the banner and the preferences in a page of the site
	Page  string // the preferences as a page of their own, before an answer
	// Notice is Panel where all loads until the visitor objects, with the notice in
	// place of the banner; empty if that is nowhere.
	Notice string
}

// noticeContent returns what c shows where all loads until the visitor objects.
func noticeContent(c *optgate.Config, lang string) ([]byte, error) {
	var b bytes.Buffer
	if err := panel.OptOutFragment(c, lang).Render(context.Background(), &b); err != nil {
		return nil, fmt.Errorf("publish: render notice of %s in %s: %w", c.Site, lang, err)
	}
	return b.Bytes(), nil
}

// pageContent returns the preferences as a page of their own, with its styles.
func pageContent(c *optgate.Config, lang string) ([]byte, error) {
	const styles = "panel/page.css"
	var b bytes.Buffer
	page := panel.PreferencesPage{Config: c, Lang: lang, StyleURL: styles, Action: "preferences", DeclarationURL: "declaration"}
	if err := page.Render(context.Background(), &b); err != nil {
		return nil, fmt.Errorf("publish: render preferences of %s in %s: %w", c.Site, lang, err)
	}
	css, err := static.FS.ReadFile(styles)
	if err != nil {
		return nil, fmt.Errorf("publish: read styles: %w", err)
	}
	return []byte(strings.Replace(b.String(), `<link rel="stylesheet" href="`+styles+`">`, "<style>"+string(css)+"</style>", 1)), nil
}

// keeper stores what sites show, so that a record can say what was shown, and
// knows what was.
type keeper struct {
	store optgate.PanelStore // nil: nothing is kept

	mu    sync.Mutex
	due   []optgate.Panel // to be stored yet
	fault error           // why the last try to do so failed
	known map[revisionKey][]optgate.PanelName
}

// add notes what a site shows, to be stored.
func (k *keeper) add(panels []optgate.Panel) {
	if k.store == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.due = append(k.due, panels...)
}

// keep stores all that is due. What could not be stored stays due.
func (k *keeper) keep(ctx context.Context) error {
	k.mu.Lock()
	due := k.due
	k.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	left, err := k.put(ctx, due)
	k.mu.Lock()
	defer k.mu.Unlock()
	// What was added meanwhile is behind what was due.
	k.due, k.fault = append(left, k.due[len(due):]...), err
	if err != nil {
		return fmt.Errorf("publish: keep what is shown: %w", err)
	}
	return nil
}

// put stores panels that are not stored yet and returns those that it could not.
func (k *keeper) put(ctx context.Context, panels []optgate.Panel) ([]optgate.Panel, error) {
	stored := map[revisionKey][]optgate.PanelName{}
	outcomes := make([]error, len(panels))
	var group errgroup.Group
	group.SetLimit(keepAtOnce)
	for i, p := range panels {
		key := revisionKey{p.Site, p.Revision}
		if _, asked := stored[key]; !asked {
			names, err := k.store.Panels(ctx, p.Site, p.Revision)
			if err != nil {
				_ = group.Wait() // each outcome is in its place
				return panels, err
			}
			stored[key] = names
		}
		if slices.Contains(stored[key], p.Name()) {
			continue
		}
		group.Go(func() error {
			outcomes[i] = k.store.PutPanel(ctx, p)
			return outcomes[i]
		})
	}
	err := group.Wait()
	var left []optgate.Panel
	for i, p := range panels {
		if outcomes[i] != nil {
			left = append(left, p)
		}
	}
	return left, err
}

// showed reports whether a revision showed the panel of that name. What the
// store said is remembered; what it did not say is asked again, because another
// process may show it by now.
func (k *keeper) showed(ctx context.Context, key revisionKey, name optgate.PanelName) (bool, error) {
	k.mu.Lock()
	known := slices.Contains(k.known[key], name)
	for _, p := range k.due {
		known = known || p.Site == key.site && p.Revision == key.number && p.Name() == name
	}
	k.mu.Unlock()
	if known || k.store == nil {
		return known, nil
	}
	names, err := k.store.Panels(ctx, key.site, key.number)
	if err != nil {
		return false, fmt.Errorf("publish: panels of %s revision %d: %w", key.site, key.number, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxPastRevisions {
		k.known = map[revisionKey][]optgate.PanelName{}
	}
	k.known[key] = names
	return slices.Contains(names, name), nil
}

// Showed reports whether a revision of a site showed the panel of that hash in
// that language: as this process draws it, or as another Optgate did.
func (r *Registry) Showed(ctx context.Context, id optgate.SiteID, revision int, lang, hash string) (bool, error) {
	if s, ok := r.Published(id); ok && s.Revision.Number == revision {
		if shown := s.Shown[lang]; hash == shown.Panel || hash == shown.Page || hash == shown.Notice {
			return true, nil
		}
	}
	return r.panels.showed(ctx, revisionKey{id, revision}, optgate.PanelName{Language: lang, Hash: hash})
}

// Warnings says in an operator's words what is wrong with how this process
// keeps what it shows. Nil is well.
func (r *Registry) Warnings() []string {
	r.panels.mu.Lock()
	defer r.panels.mu.Unlock()
	if r.panels.fault == nil || len(r.panels.due) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("what visitors are shown could not be stored (%d panels are due): records that name them cannot be shown until it is, "+
		"which is tried every %v; look whether the store can be written to", len(r.panels.due), pollEvery)}
}

// keep stores what is due. A failure stops nothing: the next poll tries again.
func (r *Registry) keep(ctx context.Context) {
	if err := r.panels.keep(ctx); err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "keeping what visitors are shown failed, it is tried again", slog.Any("err", err))
	}
}
