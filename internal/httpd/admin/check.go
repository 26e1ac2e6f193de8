package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/httpd/limit"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
)

// A user may have so many pages looked at in a row, then one each time that some
// seconds passed: enough to work with, and no way to burden others by this server.
const (
	looksPerUser = 10
	lookEvery    = 6 * time.Second

	// checkWithin is how long a page and what may be its gate may take together,
	// well before the server gives the answer up.
	checkWithin = 20 * time.Second
)

var checkFields = []field{{"address", "address", "Address of a page"}}

// look fetches a page for a user and takes it apart. Its errors, but for faults
// of this server, are an [optgate.InvalidError] of the field.
func (a *Admin) look(ctx context.Context, s session, fieldName, address string, origins []string) (*pagecheck.Page, error) {
	if address == "" {
		return nil, &optgate.InvalidError{Field: fieldName, Msg: "is required"}
	}
	a.looksOnce.Do(func() { a.looks = &limit.Buckets{Every: lookEvery, Burst: looksPerUser, Max: maxKeys} })
	if a.looks.Take(s.User, a.Now()) > 0 {
		return nil, &optgate.InvalidError{Field: fieldName, Msg: "was not fetched: that was a lot at once, wait a few seconds"}
	}
	answer, err := a.Pages.Fetch(ctx, address, origins)
	var p *pagecheck.Page
	if err == nil {
		p, err = pagecheck.Read(answer)
	}
	if e, ok := errors.AsType[*pagecheck.Error](err); ok {
		return nil, &optgate.InvalidError{Field: fieldName, Msg: e.Msg}
	}
	return p, err
}

func (a *Admin) getCheck(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	return a.checkPage(c, http.StatusOK, s, view.PageCheckPage{Revision: r, Address: a.Pages.Start(r.Config.Origins) + "/"})
}

func (a *Admin) checkPage(c echo.Context, status int, s session, p view.PageCheckPage) error {
	p.Frame = a.frame(c, s, "Check a page of %s", p.Revision.Config.Name)
	p.Base = a.PublicURL(c.Request()) + "/s/" + string(p.Revision.Site) + "/"
	return a.render(c, status, view.PageCheck(p))
}

// postCheck looks at a page. It is posted, so that no link of another site's
// makes this server fetch something.
func (a *Admin) postCheck(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), checkWithin)
	defer cancel()
	origins := r.Config.Origins
	p := view.PageCheckPage{Revision: r, Address: strings.TrimSpace(c.Request().PostFormValue("address"))}
	page, err := a.look(ctx, s, "address", p.Address, origins)
	if p.Faults = faultsOf(err, checkFields); p.Faults != nil {
		return a.checkPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	site := pagecheck.Site{
		Config: &r.Config, Gate: a.PublicURL(c.Request()) + "/s/" + string(r.Site) + "/gate.js", Script: a.Gate(r.Site),
	}
	found := site.Findings(ctx, page, func(ctx context.Context, address string) (*pagecheck.Answer, error) {
		return a.Pages.Fetch(ctx, address, origins)
	})
	p.Report = &view.CheckReport{Address: page.Address, Findings: found}
	return a.checkPage(c, http.StatusOK, s, p)
}
