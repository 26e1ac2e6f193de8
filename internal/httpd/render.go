package httpd

import (
	"bytes"
	"fmt"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/plainjson"
)

// pagePolicy lets a page of ours load its own style sheet and send its own
// forms, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "

// renderPage answers with a whole page. It is rendered before anything is sent,
// so that a failure becomes an error answer and not half a page.
func renderPage(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(c.Request().Context(), &b); err != nil {
		return fmt.Errorf("httpd: render page: %w", err)
	}
	h := c.Response().Header()
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", pagePolicy+"'none'")
	}
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	// "no-referrer" would make browsers send "Origin: null" with the page's form.
	h.Set(echo.HeaderReferrerPolicy, "same-origin")
	return c.HTMLBlob(status, b.Bytes())
}

// sendJSON answers with v, which is for this visitor alone.
func sendJSON(c echo.Context, status int, v any) error {
	doc, err := plainjson.Marshal(v)
	if err != nil {
		return fmt.Errorf("httpd: encode answer: %w", err)
	}
	return sendDoc(c, status, doc)
}

// sendDoc is sendJSON for what is JSON already.
func sendDoc(c echo.Context, status int, doc []byte) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	c.Response().Header().Set(echo.HeaderXContentTypeOptions, "nosniff")
	return c.Blob(status, echo.MIMEApplicationJSON, doc)
}
