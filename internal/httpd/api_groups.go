package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/sitefile"
)

// groupRow is a group in the list.
type groupRow struct {
	Group   optgate.GroupID  `json:"group"`
	Name    string           `json:"name"`
	Version int              `json:"version"`
	Sites   []optgate.SiteID `json:"sites"` // that are in it, ordered by id
}

// getGroups answers with all groups, ordered by id.
func (s *Server) getGroups(c echo.Context, _ admin.Caller) error {
	all, err := s.Registry.Groups(c.Request().Context())
	if err != nil {
		return &unavailable{err}
	}
	rows := []groupRow{}
	for _, g := range all {
		row := groupRow{g.ID, g.Settings.Name, g.Version, []optgate.SiteID{}}
		for _, m := range s.Registry.Members(g.ID) {
			row.Sites = append(row.Sites, m.Site)
		}
		rows = append(rows, row)
	}
	return sendJSON(c, http.StatusOK, map[string]any{"groups": rows})
}

// group returns the group that the path names.
func (s *Server) group(c echo.Context) (*optgate.Group, error) {
	g, err := s.Registry.Group(c.Request().Context(), optgate.GroupID(c.Param("group")))
	if errors.Is(err, optgate.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "there is no such group; to make it, send If-None-Match: *")
	} else if err != nil {
		return nil, &unavailable{err}
	}
	return &g, nil
}

// getGroup answers with a group's file, in YAML or JSON.
func (s *Server) getGroup(c echo.Context, _ admin.Caller) error {
	g, err := s.group(c)
	if err != nil {
		return err
	}
	t, err := negotiated(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Set("Etag", groupETag(g, t))
	h.Set("Optgate-Version", strconv.Itoa(g.Version))
	if matches(c.Request().Header.Get("If-None-Match"), groupETag(g, t)) {
		return c.NoContent(http.StatusNotModified)
	}
	write := sitefile.WriteJSON
	if t == typeYAML {
		write = sitefile.Write
	}
	doc, err := write(&sitefile.File{Group: g})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, t, doc)
}

// groupETag returns the entity tag of a group's file in one form. It is of what
// the file says: the version counts edits in the admin that are not published,
// too.
func groupETag(g *optgate.Group, mediaType string) string {
	return fmt.Sprintf(`"%.16s.%s"`, g.Settings.Hash(), strings.TrimPrefix(mediaType, "application/"))
}

// groupOutcome says what came of storing a group.
type groupOutcome struct {
	Result  string          `json:"result"` // stored, preview or unchanged
	Group   optgate.GroupID `json:"group"`
	Version int             `json:"version"`
	ETag    string          `json:"etag"` // of the file in JSON, for the next If-Match
	Sites   []siteOutcome   `json:"sites"`
}

// siteOutcome says what came of it for a site: published, preview, unchanged or
// refused, with the reasons.
type siteOutcome struct {
	outcome
	Errors []fault `json:"errors,omitempty"`
}

// putGroup stores a group and publishes to its sites what that changes there, if
// its author has seen what it was.
func (s *Server) putGroup(c echo.Context, who admin.Caller) error {
	p, err := s.publication(c)
	if err != nil {
		return err
	}
	was, err := s.groupPrecondition(c)
	if err != nil {
		return err
	}
	g, err := readGroupFile(c)
	if err != nil {
		return err
	}
	o := groupOutcome{Result: "stored", Group: g.ID, Version: 1, ETag: groupETag(g, typeJSON), Sites: []siteOutcome{}}
	status := http.StatusCreated
	if was != nil {
		g.Version, g.Draft, status, o.Version = was.Version, was.Draft, http.StatusOK, was.Version+1
	}
	g.Author = who.Name()
	ctx := c.Request().Context()
	switch {
	case was != nil && was.Settings.Hash() == g.Settings.Hash():
		o.Result, o.Version = "unchanged", was.Version
	case p.dryRun:
		o.Result, status = "preview", http.StatusOK
	default:
		stored, err := s.Registry.PutGroup(ctx, *g)
		if errors.Is(err, optgate.ErrConflict) {
			return outdatedGroup()
		} else if err != nil {
			return &unavailable{err}
		}
		s.admin().NoteGroup(ctx, who, was, &stored)
		g, o.Version = &stored, stored.Version
	}
	note := p.note
	if note == "" {
		note = optgate.Deed{Kind: optgate.DidFollow, Group: g.ID, Number: o.Version}.Note()
	}
	followers := s.Registry.Follow(ctx, g, publish.Following{Author: who.Name(), Note: note, DryRun: p.dryRun, How: p.how})
	if !p.dryRun {
		s.noteFollowers(ctx, who, followers)
	}
	for _, f := range followers {
		one, err := s.siteOutcome(ctx, f, p.dryRun)
		if err != nil {
			return err
		}
		o.Sites = append(o.Sites, one)
	}
	return sendJSON(c, status, o)
}

// noteFollowers notes each publication to a site of a group. All are live by now,
// so all are noted before anything that can fail.
func (s *Server) noteFollowers(ctx context.Context, who admin.Caller, followers []publish.Follower) {
	for _, f := range followers {
		if f.After != nil {
			s.admin().NotePublish(ctx, who, &f.Before, f.After)
		}
	}
}

// siteOutcome returns what came of a change of its group for a site.
func (s *Server) siteOutcome(ctx context.Context, f publish.Follower, dryRun bool) (siteOutcome, error) {
	if f.Err != nil {
		one := siteOutcome{outcome: s.outcome("refused", &f.Before)}
		if one.Errors = asProblem(f.Err).Errors; one.Errors == nil {
			one.Errors = []fault{{"site", "could not be published; the same again does what is left"}}
		}
		return one, nil
	}
	if f.After == nil {
		return siteOutcome{outcome: s.outcome("unchanged", &f.Before)}, nil
	}
	result := "preview"
	if !dryRun {
		result = "published"
	}
	one := siteOutcome{outcome: s.outcome(result, f.After)}
	answered, err := s.Ledger.Answered(ctx, f.Before.Site)
	if err != nil {
		return one, &unavailable{err}
	}
	return one, s.tellChanges(ctx, &one.outcome, &f.Before, f.After, answered)
}

// groupPrecondition returns the group, which the request must name as it is, or
// nil if it wants to make it.
func (s *Server) groupPrecondition(c echo.Context) (*optgate.Group, error) {
	h := c.Request().Header
	seen, fresh := h.Get("If-Match"), h.Get("If-None-Match")
	if seen == "" && fresh == "" {
		return nil, refuse(http.StatusPreconditionRequired, "name the group that you have seen: If-Match with its ETag, or If-None-Match: * to make one")
	}
	if fresh != "" && (fresh != "*" || seen != "") {
		return nil, refuseField(http.StatusBadRequest, "If-None-Match", "is *, and alone, to make a group")
	}
	g, err := s.group(c)
	if problem, ok := errors.AsType[*problem](err); fresh != "" && ok && problem.Status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for tag := range strings.SplitSeq(seen, ",") {
		switch strings.TrimSpace(tag) {
		case "*", groupETag(g, typeJSON), groupETag(g, typeYAML):
			return g, nil
		}
	}
	return nil, outdatedGroup()
}

// outdatedGroup refuses a change of a group that is not as its author saw it.
func outdatedGroup() *problem {
	return refuse(http.StatusPreconditionFailed, "the group is not as you have seen it; nothing was stored: look whether your change still fits")
}

// readGroupFile reads the body of a PUT, which has to be the file of the group
// that the path names.
func readGroupFile(c echo.Context) (*optgate.Group, error) {
	doc, err := readDocument(c)
	if err != nil {
		return nil, err
	}
	f, err := sitefile.Read(doc)
	if all, ok := errors.AsType[optgate.InvalidErrors](err); ok {
		return nil, placed(all)
	} else if err != nil {
		return nil, err
	}
	if f.Group == nil {
		return nil, refuseField(http.StatusUnprocessableEntity, "site", "is not for here: this is the file of a site")
	}
	if got, want := string(f.Group.ID), c.Param("group"); got != want {
		return nil, refuseField(http.StatusUnprocessableEntity, "group", fmt.Sprintf("is %q here and %.64q in the address", got, want))
	}
	return f.Group, f.Group.Validate()
}

// deleteGroup deletes a group, after its sites were taken out of it if that is
// asked for.
func (s *Server) deleteGroup(c echo.Context, who admin.Caller) error {
	detach, err := flagParam(c, "detach")
	if err != nil {
		return err
	}
	if c.Request().Header.Get("If-None-Match") != "" {
		return refuseField(http.StatusBadRequest, "If-None-Match", "is for making a group")
	}
	g, err := s.groupPrecondition(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	out := ""
	if detach {
		for _, m := range s.Registry.Members(g.ID) {
			if err := s.admin().TakeOut(ctx, who, m); errors.Is(err, optgate.ErrConflict) {
				return refuse(http.StatusConflict, fmt.Sprintf("somebody published on %s meanwhile; the group is still there%s: look at it again", m.Site, out))
			} else if err != nil {
				return &unavailable{err}
			}
			out = ", but sites are already out of it and keep what they had"
		}
	}
	switch err := s.Registry.RemoveGroup(ctx, *g); {
	case errors.Is(err, publish.ErrHasSites):
		return refuse(http.StatusConflict, "sites are in the group; with ?detach they are taken out of it and keep what they have")
	case errors.Is(err, optgate.ErrConflict):
		return refuse(http.StatusPreconditionFailed, fmt.Sprintf("somebody changed the group meanwhile; it is still there%s: look at it again", out))
	case err != nil:
		return &unavailable{err}
	}
	s.admin().NoteGroup(ctx, who, g, nil)
	return c.NoContent(http.StatusNoContent)
}
