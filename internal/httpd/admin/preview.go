package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/preview"
)

// previewOf returns which preview a request is about.
func previewOf(c echo.Context, shown *optgate.Config) view.Preview {
	v := view.Preview{
		Language: c.FormValue("preview-language"), View: c.FormValue("preview-view"),
		Colours: c.FormValue("preview-colours"), Width: c.FormValue("preview-width"),
	}
	if !slices.Contains(shown.Languages, v.Language) {
		v.Language = shown.DefaultLanguage()
	}
	if !slices.Contains(preview.Views, preview.View(v.View)) {
		v.View = string(preview.First)
	}
	return v
}

// previewPage is a page with nothing but a preview. It has no form to be posted.
func previewPage(echo.Context, *optgate.Config) (settings, error) {
	return settings{
		name: "Preview", values: func(*optgate.Config) map[string]string { return nil },
		page: func(c echo.Context, p view.EditPage) templ.Component {
			return view.PreviewSite(view.PreviewPage{EditPage: p, Preview: previewOf(c, &p.Revision.Config)})
		},
	}, nil
}

// getPreviewFrame answers with the panel as its reader's pages show the site.
func (a *Admin) getPreviewFrame(c echo.Context, s session) error {
	r, _, err := a.shownTo(c, s)
	if err != nil {
		return err
	}
	return a.previewFrame(c, &r.Config)
}

// postPreview answers with the panel as it would be if what is typed was saved.
// Nothing is: what is typed may have faults, of which the panel shows nothing.
func (a *Admin) postPreview(of settingsOf) func(echo.Context, session) error {
	return func(c echo.Context, s session) error {
		w, err := a.edited(c)
		if err != nil {
			return err
		}
		next := w.shown.Config.Clone()
		f, err := of(c, next)
		if err != nil {
			return err
		}
		f.apply(next, typed(c, f.values(next)))
		return a.previewFrame(c, next)
	}
}

// previewFrame answers with a document for a frame of the admin alone. It has an
// origin of its own and may load the site's logo and nothing else.
func (a *Admin) previewFrame(c echo.Context, shown *optgate.Config) error {
	live, err := a.site(c)
	if err != nil {
		return err
	}
	if shown.Group != "" && shown.Site == "" {
		g := optgate.Group{ID: shown.Group, Settings: *shown}
		shown = g.Sample()
		live.Config = *shown
	}
	v := previewOf(c, shown)
	d, err := preview.Draw(c.Request().Context(), preview.Options{
		Live: &live, Config: shown, Language: v.Language, View: preview.View(v.View), Dark: v.Colours == "dark",
	})
	if err != nil {
		return err
	}
	images := d.Images
	if images == "" {
		images = "'none'"
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+strings.Join(d.Styles, " ")+"; img-src "+images+
		"; sandbox; form-action 'none'; frame-ancestors 'self'; base-uri 'none'")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	return c.HTMLBlob(http.StatusOK, d.HTML)
}
