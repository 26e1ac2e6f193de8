package admin

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

const (
	languageCookie = "og_admin_language"
	languageFor    = 400 * 24 * time.Hour // browsers keep none for longer
)

// chosenLanguage returns the tag of the language that was chosen in the admin, or
// nothing. Browsers send the choice to the admin alone.
func chosenLanguage(r *http.Request) string {
	k, err := r.Cookie(languageCookie)
	if err != nil {
		return ""
	}
	return k.Value
}

// speak has whatever is said to the browser said in the language that was chosen
// in it, or else in one that it asks for. The choice belongs to the browser, so
// that it counts on the sign-in page, too.
func speak(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx := bilingual.With(r.Context(), bilingual.Choose(chosenLanguage(r), r.Header.Get("Accept-Language")))
		at := view.Place{Path: r.URL.Path, Back: "/admin/"}
		if r.Method == http.MethodGet {
			at.Back = r.URL.RequestURI()
		}
		c.SetRequest(r.WithContext(view.At(ctx, at)))
		return next(c)
	}
}

// postLanguage keeps the choice of a language. It needs no session and so no token
// of one; a form of another site is refused like all others.
func (a *Admin) postLanguage(c echo.Context) error {
	r := c.Request()
	lang, back := r.PostFormValue("language"), localPath(r.PostFormValue("back"))
	if !slices.Contains(bilingual.Languages, lang) {
		return &optgate.InvalidError{Field: "language", Msg: "is one of en, de"}
	}
	a.setCookie(c, languageCookie, lang, int(languageFor/time.Second))
	if back == "" {
		back = "/admin/"
	}
	return seeOther(c, back)
}
