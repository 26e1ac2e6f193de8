package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// publication is what a program wants to publish, or to see what would come of
// it.
type publication struct {
	config *optgate.Config
	latest *optgate.Revision // that it has seen; nil: there is no such site yet
	note   string
	dryRun bool
	how    []publish.Option
}

// outcome says what came of a publication.
type outcome struct {
	Result   string         `json:"result"` // published, preview or unchanged
	Site     optgate.SiteID `json:"site"`
	Revision int            `json:"revision"` // that there is, or would be
	Hash     string         `json:"hash"`
	ETag     string         `json:"etag"` // of the revision in JSON, for the next If-Match
	Cookie   string         `json:"cookie"`
	Changes  []change       `json:"changes"`
	Asks     asks           `json:"asks"`
}

// asks is whom a publication asks.
type asks struct {
	Again     []optgate.CategoryID `json:"again"` // about which earlier answers do not hold
	New       []optgate.CategoryID `json:"new"`   // about which there are no answers
	Visitors  int                  `json:"visitors"`
	Of        int                  `json:"of"`                 // visitors who have a record
	Effective time.Time            `json:"effective,omitzero"` // from which on; not there: at once
	Text      string               `json:"text"`
}

// putConfig publishes a site file if its author has seen the latest revision.
func (s *Server) putConfig(c echo.Context, who admin.Caller) error {
	p, err := s.publication(c)
	if err != nil {
		return err
	}
	if p.latest, err = s.precondition(c); err != nil {
		return err
	}
	config, how, err := s.readSiteFile(c)
	if err != nil {
		return err
	}
	p.config, p.how = config, append(p.how, how...)
	if got, want := string(p.config.Site), c.Param("site"); got != want {
		return refuseField(http.StatusUnprocessableEntity, "site", fmt.Sprintf("is %q here and %.64q in the address", got, want))
	}
	return s.publish(c, who, p)
}

// postRollBack publishes what an earlier revision said as the next one.
func (s *Server) postRollBack(c echo.Context, who admin.Caller) error {
	p, err := s.publication(c)
	if err != nil {
		return err
	}
	site, err := s.site(c)
	if err != nil {
		return err
	}
	old, err := s.pastOf(c, site)
	if err != nil {
		return err
	}
	if p.latest, err = s.precondition(c); err != nil {
		return err
	}
	if p.latest == nil {
		return refuseField(http.StatusBadRequest, "If-None-Match", "is for making a site")
	}
	p.config, p.note = old.Config.Clone(), optgate.Deed{Kind: optgate.DidGoBack, Number: old.Number, Why: p.note}.Note()
	return s.publish(c, who, p)
}

// maxNote is the most bytes of a note.
const maxNote = 500

// publication reads the parameters of what publishes.
func (s *Server) publication(c echo.Context) (publication, error) {
	p := publication{note: strings.TrimSpace(c.QueryParam("note"))}
	if len(p.note) > maxNote || strings.ContainsFunc(p.note, func(r rune) bool { return r < ' ' }) {
		return p, refuseField(http.StatusBadRequest, "note", fmt.Sprintf("is a line of at most %d bytes", maxNote))
	}
	var err error
	if p.dryRun, err = flagParam(c, "dry-run"); err != nil {
		return p, err
	}
	if c.QueryParams().Has("effective") {
		from, err := timeParam(c, "effective")
		if err != nil {
			return p, err
		}
		p.how = append(p.how, publish.Effective(from))
	}
	return p, nil
}

// precondition returns the latest revision, which the request must name as the
// one that its author has seen, or nil if it wants to make the site.
func (s *Server) precondition(c echo.Context) (*optgate.Revision, error) {
	h := c.Request().Header
	seen, fresh := h.Get("If-Match"), h.Get("If-None-Match")
	if seen == "" && fresh == "" {
		return nil, refuse(http.StatusPreconditionRequired, "name the revision that you have seen: If-Match with the ETag of config, or If-None-Match: * to make a site")
	}
	if fresh != "" && (fresh != "*" || seen != "") {
		return nil, refuseField(http.StatusBadRequest, "If-None-Match", "is *, and alone, to make a site")
	}
	id := optgate.SiteID(c.Param("site"))
	latest, exists := s.Registry.Site(id)
	if !exists || !wants(&latest, seen) {
		// This process may be a moment behind the one that the caller asked before.
		if err := s.Registry.Load(c.Request().Context()); err != nil {
			return nil, &unavailable{err}
		}
		latest, exists = s.Registry.Site(id)
	}
	switch {
	case fresh != "" && !exists:
		return nil, nil
	case !exists:
		return nil, refuse(http.StatusNotFound, "there is no such site; to make it, send If-None-Match: *")
	case !wants(&latest, seen):
		return nil, outdated(&latest)
	}
	return &latest, nil
}

// wants reports whether an If-Match header names a revision, in whatever form.
// It compares strongly (RFC 9110 §13.1.1).
func wants(r *optgate.Revision, header string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		switch strings.TrimSpace(tag) {
		case "*", configETag(r, typeJSON), configETag(r, typeYAML):
			return true
		}
	}
	return false
}

// outdated refuses a change of a revision that is not the latest.
func outdated(latest *optgate.Revision) *problem {
	p := refuse(http.StatusPreconditionFailed, fmt.Sprintf("revision %d, by %s, is the latest; nothing was published: look whether your change still fits", latest.Number, latest.Author))
	p.Latest = latest.Number
	return p
}

// publish publishes, or says what it would.
func (s *Server) publish(c echo.Context, who admin.Caller, p publication) error {
	ctx := c.Request().Context()
	previous := 0
	if p.latest != nil {
		if s.Registry.Same(p.config, p.latest, p.how...) {
			return sendJSON(c, http.StatusOK, s.outcome("unchanged", p.latest))
		}
		previous = p.latest.Number
	}
	answered, err := s.Ledger.Answered(ctx, p.config.Site)
	if err != nil {
		return &unavailable{err}
	}
	var next optgate.Revision
	result, status := "published", http.StatusOK
	if p.dryRun {
		result = "preview"
		next, _, err = s.Registry.Next(ctx, p.config, previous, who.Name(), p.note, p.how...)
	} else {
		next, err = s.Registry.Publish(ctx, p.config, previous, who.Name(), p.note, p.how...)
	}
	if err != nil {
		return s.notPublished(p, err)
	}
	if !p.dryRun {
		s.admin().NotePublish(ctx, who, p.latest, &next)
		if p.latest == nil {
			status = http.StatusCreated
		}
	}
	o := s.outcome(result, &next)
	if p.latest != nil {
		if err := s.tellChanges(ctx, &o, p.latest, &next, answered); err != nil {
			return err
		}
	}
	return sendJSON(c, status, o)
}

// notPublished returns what a failure to publish tells the outside.
func (s *Server) notPublished(p publication, err error) error {
	if errors.Is(err, optgate.ErrConflict) {
		if latest, ok := s.Registry.Site(p.config.Site); ok {
			return outdated(&latest)
		}
		return err
	}
	var all optgate.InvalidErrors
	if _, ok := errors.AsType[*optgate.InvalidError](err); ok || errors.As(err, &all) {
		return err
	}
	return &unavailable{err}
}

// outcome returns what came of a publication that changes nothing.
func (s *Server) outcome(result string, r *optgate.Revision) outcome {
	return outcome{
		Result: result, Site: r.Site, Revision: r.Number, Hash: r.Hash, ETag: configETag(r, typeJSON), Cookie: r.Config.CookieName(),
		Changes: []change{}, Asks: asks{Again: []optgate.CategoryID{}, New: []optgate.CategoryID{}, Text: optgate.AskedAbout{}.String()},
	}
}

// tellChanges puts into o what differs between two revisions and whom it asks.
func (s *Server) tellChanges(ctx context.Context, o *outcome, from, to *optgate.Revision, answered map[int]int) error {
	asked, err := s.Registry.AskedBy(ctx, from, to, answered)
	if err != nil {
		return &unavailable{err}
	}
	changes := optgate.Diff(&from.Config, &to.Config)
	about := optgate.Asking(changes, &to.Config)
	o.Changes = changesOf(changes)
	o.Asks = asks{
		Again: append([]optgate.CategoryID{}, about.Again...), New: append([]optgate.CategoryID{}, about.New...),
		Visitors: asked.Visitors, Of: asked.Of, Effective: to.Effective, Text: about.String(),
	}
	return nil
}
