package admin

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
)

const flashCookie = "og_admin_flash"

// render answers with a page, which is complete before anything is sent.
func (a *Admin) render(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(c.Request().Context(), &b); err != nil {
		return fmt.Errorf("admin: render page: %w", err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// message answers with a page of a few words.
func (a *Admin) message(c echo.Context, status int, m view.MessagePage) error {
	m.Frame = view.Frame{Title: m.Heading}
	return a.render(c, status, view.Message(m))
}

// messageIn is [Admin.message] for somebody who is signed in.
func (a *Admin) messageIn(c echo.Context, status int, s session, m view.MessagePage) error {
	m.Frame = a.frame(c, s, "%s", m.Heading)
	return a.render(c, status, view.Message(m))
}

// Problem answers with a page about a request that could not be answered, in the
// frame of whoever is signed in, so that nobody stands outside because of a
// mistyped address. After a failure of the server nobody is looked up: the store
// may be what failed.
func (a *Admin) Problem(c echo.Context, status int, heading, text string) error {
	m := view.MessagePage{Heading: heading, Text: []string{text}, Link: "/admin/", LinkText: say(c, "Open the admin")}
	if status < http.StatusInternalServerError {
		if s, ok, err := a.session(c); err == nil && ok {
			m.LinkText = say(c, "Back to the sites")
			return a.messageIn(c, status, s, m)
		}
	}
	return a.message(c, status, m)
}

// frame returns what surrounds a page of a signed-in user, with the message that
// the last change left for it.
func (a *Admin) frame(c echo.Context, s session, title bilingual.Text, args ...any) view.Frame {
	f := view.Frame{Title: say(c, title, args...), User: s.User, Role: s.role, CSRF: s.CSRF}
	if a.open(c, flashCookie, &f.Flash) {
		a.forget(c, flashCookie)
	}
	return f
}

// flash leaves a message for the next page.
func (a *Admin) flash(c echo.Context, text bilingual.Text, args ...any) error {
	return a.seal(c, flashCookie, time.Minute, say(c, text, args...))
}

// say says a sentence in the language of whoever asks.
func say(c echo.Context, text bilingual.Text, args ...any) string {
	return bilingual.Say(c.Request().Context(), text, args...)
}
