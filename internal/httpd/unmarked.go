package httpd

import (
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

// report is the body of POST unmarked: for each tag that the gate found in a page
// without a mark the name of its element and its address. More words of a tag are
// for later versions. It is as short as that for the sake of the gate.
type report [][]string

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
	if fresh := heldOf(site, s.noted.fresh(id, day, found)); len(fresh) > 0 {
		if err := s.Store.SawUnmarked(c.Request().Context(), id, day, fresh); err != nil {
			return &unavailable{err}
		}
		s.noted.add(id, fresh)
	}
	return c.NoContent(http.StatusNoContent)
}

// heldOf returns those that the site's policy is about: a report can be made up.
func heldOf(site *publish.Site, found []optgate.Unmarked) []optgate.Unmarked {
	if len(found) == 0 {
		return nil
	}
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
	var said report
	if err := json.Unmarshal(doc, &said); err != nil {
		return nil, refuseField(http.StatusBadRequest, "body", `is no list such as [["script","https://host/path"]]`)
	}
	if len(said) > maxReportTags {
		return nil, refuseField(http.StatusUnprocessableEntity, "body", fmt.Sprintf("has more than %d tags", maxReportTags))
	}
	var found []optgate.Unmarked
	for i, words := range said {
		tag, err := unmarkedOf(words, r.Header.Get(echo.HeaderOrigin))
		if err != nil {
			return nil, refuseField(http.StatusUnprocessableEntity, fmt.Sprintf("[%d]", i), err.Error())
		}
		found = append(found, tag)
	}
	return found, nil
}

// unmarkedOf reads a tag of a report of a page of that origin. What an address
// has behind its path may be about a person, and a long path, too: neither is
// kept.
func unmarkedOf(words []string, origin string) (optgate.Unmarked, error) {
	if len(words) < 2 {
		return optgate.Unmarked{}, errors.New("has no element and address")
	}
	host, path, ok := policy.Locate(words[1], origin)
	if !ok {
		return optgate.Unmarked{}, errors.New("has an address that browsers do not load")
	}
	tag := optgate.Unmarked{Kind: words[0], Host: host, Path: path[:min(len(path), optgate.MaxUnmarkedPath)]}
	return tag, tag.Validate()
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
