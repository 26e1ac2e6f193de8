package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/munnerz/goautoneg"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/sitefile"
)

const (
	typeJSON = echo.MIMEApplicationJSON
	typeYAML = "application/yaml" // RFC 9512

	maxSiteFile = 1 << 20 // bytes
)

// getConfig answers with the site file of a site's latest revision, in YAML or
// JSON.
func (s *Server) getConfig(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	return sendConfig(c, &site.Revision)
}

// revisionAnswer is a revision with its configuration.
type revisionAnswer struct {
	revisionHead
	Config   json.RawMessage `json:"config"`             // the site file
	Resolved json.RawMessage `json:"resolved,omitempty"` // of a site of a group: with all that it inherited
}

// getRevision answers with one revision; asked for YAML, with its site file.
func (s *Server) getRevision(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	r, err := s.pastOf(c, site)
	if err != nil {
		return err
	}
	if t, err := negotiated(c); err != nil || t == typeYAML {
		return sendConfig(c, r)
	}
	answer := revisionAnswer{revisionHead: headOf(r)}
	if answer.Config, err = sitefile.WriteJSON(sitefile.Of(r)); err != nil {
		return err
	}
	if r.Own != nil {
		whole := r.Config.Clone()
		whole.Group = ""
		if answer.Resolved, err = sitefile.WriteJSON(&sitefile.File{Site: whole}); err != nil {
			return err
		}
	}
	return sendJSON(c, http.StatusOK, answer)
}

// sendConfig sends a revision's site file in the form that is asked for.
func sendConfig(c echo.Context, r *optgate.Revision) error {
	t, err := negotiated(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	// A client may keep it, and must ask whether it is still the latest.
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Set("Etag", configETag(r, t))
	h.Set("Optgate-Revision", strconv.Itoa(r.Number))
	if matches(c.Request().Header.Get("If-None-Match"), configETag(r, t)) {
		return c.NoContent(http.StatusNotModified)
	}
	write := sitefile.WriteJSON
	if t == typeYAML {
		write = sitefile.Write
	}
	doc, err := write(sitefile.Of(r))
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, t, doc)
}

// negotiated returns the media type in which a site file is wanted.
func negotiated(c echo.Context) (string, error) {
	c.Response().Header().Set("Vary", echo.HeaderAccept)
	accept := c.Request().Header.Get(echo.HeaderAccept)
	if accept == "" {
		return typeJSON, nil
	}
	if t := goautoneg.Negotiate(accept, []string{typeJSON, typeYAML}); t != "" {
		return t, nil
	}
	return "", refuseField(http.StatusNotAcceptable, echo.HeaderAccept, "is "+typeJSON+" or "+typeYAML)
}

// configETag returns the entity tag of a revision in one form. The hash is for a
// store that was set back to a backup, after which numbers come again.
func configETag(r *optgate.Revision, mediaType string) string {
	return fmt.Sprintf(`"%d-%.12s.%s"`, r.Number, r.Hash, strings.TrimPrefix(mediaType, "application/"))
}

// readDocument reads the body of a PUT, which is YAML or JSON.
func readDocument(c echo.Context) ([]byte, error) {
	r := c.Request()
	t, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || t != typeJSON && t != typeYAML {
		return nil, refuseField(http.StatusUnsupportedMediaType, echo.HeaderContentType, "is "+typeJSON+" or "+typeYAML)
	}
	doc, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxSiteFile))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refuseField(http.StatusRequestEntityTooLarge, "body", "is larger than 1 MiB")
	}
	if err != nil {
		return nil, refuseField(http.StatusBadRequest, "body", "ended early")
	}
	if t == typeJSON && !json.Valid(doc) {
		return nil, refuseField(http.StatusBadRequest, "body", "is not JSON")
	}
	return doc, nil
}

// readSiteFile reads the body of a PUT and returns the configuration, resolved
// if the site is of a group, and how to publish it. A fault names the key's path,
// with its line in what it says.
func (s *Server) readSiteFile(c echo.Context) (*optgate.Config, []publish.Option, error) {
	doc, err := readDocument(c)
	if err != nil {
		return nil, nil, err
	}
	config, how, err := s.resolved(c.Request().Context(), doc)
	if all, ok := errors.AsType[optgate.InvalidErrors](err); ok {
		return nil, nil, placed(all)
	}
	return config, how, err
}

// resolved returns the configuration that a site file describes, and how to
// publish it.
func (s *Server) resolved(ctx context.Context, doc []byte) (*optgate.Config, []publish.Option, error) {
	f, err := sitefile.Read(doc)
	switch {
	case err != nil:
		return nil, nil, err
	case f.Group != nil:
		return nil, nil, refuseField(http.StatusUnprocessableEntity, "site", "is required: this is the file of a group")
	case f.Own == nil:
		return f.Site, nil, nil
	}
	g, err := s.Registry.Group(ctx, f.Own.Says.Group)
	if errors.Is(err, optgate.ErrNotFound) {
		none := publish.NoGroup(f.Own.Says.Group)
		return nil, nil, refuseField(http.StatusUnprocessableEntity, none.Field, none.Msg)
	} else if err != nil {
		return nil, nil, &unavailable{err}
	}
	config, err := f.Resolve(&g)
	return config, []publish.Option{publish.Says(f.Own)}, err
}

// linePattern is the place that the field of a fault of a site file ends with.
var linePattern = regexp.MustCompile(`^(.*) \((line \d+):(\d+)\)$`)

// placed returns faults of a site file for a program: the field is a path alone.
func placed(all optgate.InvalidErrors) optgate.InvalidErrors {
	var bad optgate.InvalidErrors
	for _, f := range all {
		at := linePattern.FindStringSubmatch(f.Field)
		switch {
		case at != nil:
			bad = append(bad, &optgate.InvalidError{Field: at[1], Msg: fmt.Sprintf("%s (%s, column %s)", f.Msg, at[2], at[3])})
		case f.Field == "site file":
			bad = append(bad, &optgate.InvalidError{Field: "body", Msg: f.Msg})
		default: // a place without a field
			bad = append(bad, &optgate.InvalidError{Field: "body", Msg: f.Error()})
		}
	}
	return bad
}

// past returns a revision of a site by its number.
func (s *Server) past(c echo.Context, site *publish.Site, number int) (*optgate.Revision, error) {
	r, err := s.Registry.Revision(c.Request().Context(), site.Revision.Site, number)
	if errors.Is(err, optgate.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, fmt.Sprintf("there is no revision %d", number))
	} else if err != nil {
		return nil, &unavailable{err}
	}
	return r, nil
}

// pastOf returns the revision that a request's path names.
func (s *Server) pastOf(c echo.Context, site *publish.Site) (*optgate.Revision, error) {
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil || number < 1 {
		return nil, refuse(http.StatusNotFound, "there is no such revision")
	}
	return s.past(c, site, number)
}
