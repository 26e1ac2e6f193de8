package httpd

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
	"github.com/optgate/optgate/internal/words"
	"github.com/optgate/optgate/static"
)

// problem is an error as a program gets it (RFC 9457).
type problem struct {
	Type       string  `json:"type"`
	Title      string  `json:"title"`
	Status     int     `json:"status"`
	Detail     string  `json:"detail,omitempty"`
	Errors     []fault `json:"errors,omitempty"`
	Latest     int     `json:"latest,omitempty"` // number of a site's latest revision, if another was named
	retryAfter int     // seconds; 0: not said
}

// fault is one reason, with the field that it is about.
type fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error implements error.
func (p *problem) Error() string { return strconv.Itoa(p.Status) + " " + p.Detail }

// refuse returns a problem that says detail to whoever sent the request.
func refuse(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// refuseField is refuse for a fault of one field.
func refuseField(status int, field, detail string) *problem {
	p := refuse(status, field+": "+detail)
	p.Errors = []fault{{field, detail}}
	return p
}

// later returns a problem after which the same request is worth trying again.
func later(status, seconds int, detail string) *problem {
	p := refuse(status, detail)
	p.retryAfter = seconds
	return p
}

// unavailable is a failure of the store, after which a browser tries again with
// the same id.
type unavailable struct{ err error }

// Error implements error.
func (u *unavailable) Error() string { return "store: " + u.err.Error() }

// Unwrap returns the store's error.
func (u *unavailable) Unwrap() error { return u.err }

// retryStore is after how many seconds to try again when the store is down.
const retryStore = 5

// asProblem returns what err tells the outside. Text that was made for the
// reader is told; anything else is an internal error, and its text stays here.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*unavailable](err); ok {
		return later(http.StatusServiceUnavailable, retryStore, "the store does not answer; nothing was lost, try again")
	}
	if e, ok := errors.AsType[*optgate.InvalidError](err); ok {
		return refuseField(http.StatusUnprocessableEntity, e.Field, e.Msg)
	}
	if all, ok := errors.AsType[optgate.InvalidErrors](err); ok {
		p := refuse(http.StatusUnprocessableEntity, all[0].Error())
		for _, e := range all {
			p.Errors = append(p.Errors, fault{e.Field, e.Msg})
		}
		return p
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		return refuse(e.Code, "")
	}
	switch {
	case errors.Is(err, optgate.ErrNotFound):
		return refuse(http.StatusNotFound, "")
	case errors.Is(err, optgate.ErrConflict):
		return refuse(http.StatusConflict, "")
	}
	return refuse(http.StatusInternalServerError, "")
}

// handleError is the only place that turns an error into an answer: a page for
// people, problem details for programs, also where somebody looks at the API in
// a browser. The reason stands in the header
// X-Optgate too, where an integrator sees it in the network tab.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	p := asProblem(err)
	if p.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.Log.ErrorContext(ctx, "request failed", slog.String("method", c.Request().Method),
			slog.String("route", c.Path()), slog.Int("status", p.Status), slog.Any("err", err))
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set("X-Optgate", headerText(p.Title, p.Detail))
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if err := s.sendProblem(c, p); err != nil {
		s.Log.WarnContext(ctx, "writing an error answer failed", slog.Any("err", err))
	}
}

func (s *Server) sendProblem(c echo.Context, p *problem) error {
	if c.Request().Method == http.MethodHead {
		return c.NoContent(p.Status)
	}
	r := c.Request()
	if strings.HasPrefix(r.URL.Path, "/api/") || !strings.Contains(r.Header.Get(echo.HeaderAccept), echo.MIMETextHTML) {
		doc, err := plainjson.Marshal(p)
		if err != nil {
			return err
		}
		return c.Blob(p.Status, "application/problem+json", doc)
	}
	if strings.HasPrefix(c.Path(), "/admin/") {
		w, _ := words.For(bilingual.Language(r.Context()))
		text := w.Error(p.Status)
		return s.admin().Problem(c, p.Status, text.Title, cmp.Or(p.Detail, text.Detail))
	}
	page := panel.ErrorPage{
		Status: p.Status, Detail: p.Detail, StyleURL: errorStyle(c),
		Lang: words.Match(words.Languages(), r.Header.Get("Accept-Language"), "en"),
	}
	return renderPage(c, p.Status, page)
}

// errorStyle returns the address of the style sheet for an error page: relative
// below a site's addresses, which a proxy may have put elsewhere.
func errorStyle(c echo.Context) string {
	if rest, ok := strings.CutPrefix(c.Path(), "/s/:site/"); ok && !strings.Contains(rest, "/") {
		return styleURL
	}
	return "/static/" + static.Hashed("panel/page.css")
}

// headerText joins the words for a header: one line of printable ASCII.
func headerText(title, detail string) string {
	if detail == "" {
		detail = title
	}
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, detail)
	return text[:min(len(text), 200)]
}
