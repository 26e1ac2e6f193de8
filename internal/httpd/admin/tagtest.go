package admin

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func (a *Admin) getTagTest(c echo.Context, s session) error {
	w, t, err := a.tag(c)
	if err != nil {
		return err
	}
	config := &w.shown.Config
	k, _ := config.Category(config.TagCategory(t))
	p := view.TagTestPage{
		Frame: a.frame(c, s, "Test the tag %s", t.ID), Revision: w.shown, Tag: t, Host: hostOf(t.Src), Off: k.Off, Always: k.ID == optgate.Essential,
		Category: view.CategoryTitle(c.Request().Context(), k, config.Languages),
		Held:     t.Src != "" && config.Hold != optgate.HoldOff,
	}
	if w.of == nil {
		paused := a.Sites.Paused(w.live.Site)
		_, tag := paused.Of(optgate.Pausable{Tag: t.ID})
		_, category := paused.Of(optgate.Pausable{Category: k.ID})
		p.Paused = tag || category
	}
	framesOwn(c)
	return a.render(c, http.StatusOK, view.TagTest(p))
}

// getTagTestFrame answers with a document in which the gate holds one tag, or
// releases it. The tag's code is not ours and runs there, so the document belongs
// to no origin: it has no cookies, can read nothing of the admin, and cannot lead
// the page around it anywhere.
func (a *Admin) getTagTestFrame(c echo.Context, _ session) error {
	w, t, err := a.tag(c)
	if err != nil {
		return err
	}
	p := view.TrialFrame{Allow: c.QueryParam("released") != "", Place: t.Kind == optgate.TagIframe}
	if p.Gate, p.Scripts, err = publish.Trial(&w.shown.Config, t, a.Now()); err != nil {
		return fmt.Errorf("admin: try tag %s: %w", t.ID, err)
	}
	nonce := rand.Text()
	r := c.Request()
	c.SetRequest(r.WithContext(templ.WithNonce(r.Context(), nonce)))
	others := strings.TrimSpace("https: " + loopbackOrigin(t.Src))
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "sandbox allow-scripts; default-src 'none'; script-src 'nonce-"+nonce+"' "+others+
		"; img-src data: "+others+"; connect-src "+others+"; frame-src "+others+"; style-src 'unsafe-inline' "+others+"; font-src data: "+others+
		"; media-src "+others+"; form-action 'none'; frame-ancestors 'self'; base-uri 'none'")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Referrer-Policy", "no-referrer")
	return a.render(c, http.StatusOK, view.Trial(p))
}

// hostOf returns the host of an address, or nothing.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// loopbackOrigin returns the origin of an address that is http, as only those of
// this machine can be; nothing for others.
func loopbackOrigin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || strings.ContainsAny(u.Host, " ;,'\"*") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
