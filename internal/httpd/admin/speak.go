package admin

import (
	"log/slog"
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
// in it, or else in one that it asks for. The browser keeps the choice, so that it
// counts on the sign-in page, too; once somebody is signed in, hers counts.
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

// speakTo has whatever is said from here on said in the language that the user of
// a session chose, in whichever browser that was.
func speakTo(c echo.Context, s session) {
	if slices.Contains(bilingual.Languages, s.language) {
		r := c.Request()
		c.SetRequest(r.WithContext(bilingual.With(r.Context(), s.language)))
	}
}

// keepLanguage lets the browser keep a choice.
func (a *Admin) keepLanguage(c echo.Context, lang string) {
	a.setCookie(c, languageCookie, lang, int(languageFor/time.Second))
}

// postLanguage keeps the choice of a language: in the browser, and with who is
// signed in. It needs no session and so no token of one; a form of another site is
// refused like all others.
func (a *Admin) postLanguage(c echo.Context) error {
	r := c.Request()
	lang, back := r.PostFormValue("language"), localPath(r.PostFormValue("back"))
	if !slices.Contains(bilingual.Languages, lang) {
		return &optgate.InvalidError{Field: "language", Msg: "is one of en, de"}
	}
	a.keepLanguage(c, lang)
	s, ok, err := a.session(c)
	if err == nil && ok && s.language != lang {
		_, err = a.changeUser(r.Context(), s.User, func(u *optgate.User) error {
			u.Language = lang
			return nil
		})
	}
	if err != nil {
		// The page would stay in the other language, but is of use all the same.
		a.Log.WarnContext(r.Context(), "choice of a language not kept with its user", slog.Any("err", err))
	}
	if back == "" {
		back = "/admin/"
	}
	return seeOther(c, back)
}
