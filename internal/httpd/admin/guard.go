package admin

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// headers sets what every answer of the admin carries: nothing but our own
// files may load, nobody may frame a page, and nothing is kept by caches. The
// policy names no address of a script, only this answer's nonce.
func (a *Admin) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		nonce := rand.Text()
		r := c.Request()
		c.SetRequest(r.WithContext(templ.WithNonce(r.Context(), nonce)))
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'self'; "+
			"img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		// The set-up link must not leave this origin. "no-referrer" would also make
		// browsers send "Origin: null" with our own forms, which over plain http is
		// all that tells them from another site's.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// limitBody reads the form, which every later step relies on.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
			}
			return echo.NewHTTPError(http.StatusBadRequest)
		}
		return next(c)
	}
}

// refuseCrossOrigin keeps other sites' pages from posting our forms, also those
// that are open to people without a session.
func (a *Admin) refuseCrossOrigin(cross *http.CrossOriginProtection) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if cross.Check(c.Request()) != nil {
				return a.forbidden(c)
			}
			return next(c)
		}
	}
}

func (a *Admin) forbidden(c echo.Context) error {
	return a.message(c, http.StatusForbidden, view.MessagePage{
		Heading: say(c, "This form was not accepted"),
		Text: []string{
			say(c, "Nothing was changed. The form did not come from this admin, or it is from before your last sign-in."),
			say(c, "Open the page again and repeat the change there. If that happens each time, a proxy in front of Optgate "+
				"changes the Host header: let it pass the header on unchanged."),
		},
		Link: "/admin/", LinkText: say(c, "Open the admin"),
	})
}

// may is [Admin.signedIn] for users whose role has the permission.
func (a *Admin) may(p optgate.Permission, handle func(echo.Context, session) error) echo.HandlerFunc {
	return a.signedIn(func(c echo.Context, s session) error {
		if !s.role.May(p) {
			return a.notAllowed(c, s)
		}
		return handle(c, s)
	})
}

func (a *Admin) notAllowed(c echo.Context, s session) error {
	return a.messageIn(c, http.StatusForbidden, s, view.MessagePage{
		Heading: say(c, "Your role does not include this"),
		Text: []string{
			say(c, "Nothing was changed. You are signed in as %s, whose role is %s.", s.User, bilingual.Known(c.Request().Context(), string(s.role))),
			say(c, "If you need it for your work, ask somebody who is an owner to give you another role."),
		},
		Link: "/admin/", LinkText: say(c, "Back to the sites"),
	})
}

// signedIn calls handle with the request's session. Without one it leads to the
// sign-in page; a form without the session's token is refused. Alone it is for a
// user's own account; whatever is about sites or others goes through [Admin.may].
func (a *Admin) signedIn(handle func(echo.Context, session) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, ok, err := a.session(c)
		if err != nil {
			return err
		}
		r := c.Request()
		if !ok {
			return a.toSignIn(c)
		}
		speakTo(c, s)
		if r.Method == http.MethodPost {
			token := r.PostFormValue("csrf")
			if token == "" {
				token = r.Header.Get("X-CSRF-Token")
			}
			if subtle.ConstantTimeCompare([]byte(token), []byte(s.CSRF)) != 1 {
				return a.forbidden(c)
			}
		}
		return handle(c, s)
	}
}

// toSignIn leads to the sign-in page and from there back to a page that was
// asked for.
func (a *Admin) toSignIn(c echo.Context) error {
	r, to := c.Request(), "/admin/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/admin/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	return seeOther(c, to)
}

// seeOther answers a request by a page to get.
func seeOther(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, to) }
