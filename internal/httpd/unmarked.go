package httpd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
	"github.com/optgate/optgate/internal/publish"
)

const (
	maxReport     = 4 << 10 // bytes of a report
	maxReportTags = 50

	// maxNoted bounds the memory of what was noted today.
	maxNoted = 1 << 14
)

// report is the body of POST unmarked: what the gate found in a page without a
// mark.
type report struct {
	Tags []optgate.Unmarked `json:"tags"`
}

// postUnmarked notes tags that a page of the site has and no mark holds. Nothing
// of the visitor is read or kept. As each view of the page says the same, a tag
// is stored once a day.
func (s *Server) postUnmarked(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	if err := s.slow(c.Request(), s.reports); err != nil {
		return err
	}
	found, err := readReport(c.Response(), c.Request())
	if err != nil {
		return err
	}
	day := s.Now().UTC().Format(time.DateOnly)
	id := site.Revision.Site
	if fresh := s.noted.fresh(id, day, heldOf(site, found)); len(fresh) > 0 {
		if err := s.Store.SawUnmarked(c.Request().Context(), id, day, fresh); err != nil {
			return &unavailable{err}
		}
		s.noted.add(id, fresh)
	}
	return c.NoContent(http.StatusNoContent)
}

// heldOf returns those that the site's policy is about: a report can be made up.
func heldOf(site *publish.Site, found []optgate.Unmarked) []optgate.Unmarked {
	p := policy.Compile(&site.Revision.Config)
	var held []optgate.Unmarked
	for _, t := range found {
		if len(p.Match(t.URL(), "")) > 0 {
			held = append(held, t)
		}
	}
	return held
}

// readReport reads the body of POST unmarked.
func readReport(w http.ResponseWriter, r *http.Request) ([]optgate.Unmarked, error) {
	doc, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refuseField(http.StatusRequestEntityTooLarge, "body", "is larger than 4 KiB")
	}
	if err != nil {
		return nil, refuseField(http.StatusBadRequest, "body", "ended early")
	}
	var found report
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		return nil, refuseField(http.StatusBadRequest, "body", "is no report of unmarked tags")
	}
	if len(found.Tags) > maxReportTags {
		return nil, refuseField(http.StatusUnprocessableEntity, "tags", fmt.Sprintf("are more than %d", maxReportTags))
	}
	for i, t := range found.Tags {
		if invalid, ok := errors.AsType[*optgate.InvalidError](t.Validate()); ok {
			return nil, refuseField(http.StatusUnprocessableEntity, fmt.Sprintf("tags[%d].%s", i, invalid.Field), invalid.Msg)
		}
	}
	return found.Tags, nil
}

// noted remembers which unmarked tags this process stored today. The zero value
// remembers none.
type noted struct {
	mu   sync.Mutex
	day  string
	tags map[siteTag]bool
}

// siteTag is an unmarked tag of a site.
type siteTag struct {
	site optgate.SiteID
	tag  optgate.Unmarked
}

// fresh returns the tags that are not noted on that day yet.
func (n *noted) fresh(site optgate.SiteID, day string, tags []optgate.Unmarked) []optgate.Unmarked {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.day != day || len(n.tags) >= maxNoted {
		n.day, n.tags = day, map[siteTag]bool{}
	}
	var fresh []optgate.Unmarked
	for _, t := range tags {
		if !n.tags[siteTag{site, t}] {
			fresh = append(fresh, t)
		}
	}
	return fresh
}

// add notes tags that were stored.
func (n *noted) add(site optgate.SiteID, tags []optgate.Unmarked) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, t := range tags {
		n.tags[siteTag{site, t}] = true
	}
}
