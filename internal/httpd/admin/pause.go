package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// pausable returns what the posted form is about.
func pausable(c echo.Context) optgate.Pausable {
	r := c.Request()
	return optgate.Pausable{Category: optgate.CategoryID(r.PostFormValue("category")), Tag: r.PostFormValue("tag")}
}

// postPause stops a category or a tag at once. It is no revision and waits for no
// look at what others published: whoever presses it has a reason to hurry.
func (a *Admin) postPause(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	pause := optgate.Pause{Pausable: pausable(c), By: s.User, Reason: strings.TrimSpace(c.Request().PostFormValue("reason"))}
	done, err := a.Sites.Pause(ctx, r.Site, pause)
	if e, ok := errors.AsType[*optgate.InvalidError](err); ok {
		return a.messageIn(c, http.StatusUnprocessableEntity, s, view.MessagePage{
			Heading: say(c, "This cannot be paused"),
			Text:    []string{say(c, "Nothing was changed. A %s %s.", e.Field, bilingual.Known(ctx, e.Msg))},
			Link:    "/admin/sites/" + string(r.Site), LinkText: say(c, "Back to %s", r.Config.Name),
		})
	}
	if err != nil {
		return fmt.Errorf("admin: pause: %w", err)
	}
	name := view.PausedName(c.Request().Context(), &r.Config, pause.Pausable)
	if !done {
		return a.unchanged(c, r, "It was paused already: %s.", name)
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "pause", Site: r.Site, Subject: view.PausedName(view.English(ctx), &r.Config, pause.Pausable), Reason: pause.Reason})
	return a.unchanged(c, r, "Paused: %s. Nothing of it loads any more.", name)
}

// postResume lets load again what was paused.
func (a *Admin) postResume(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx, what := c.Request().Context(), pausable(c)
	ended, done, err := a.Sites.Resume(ctx, r.Site, what)
	if err != nil {
		return fmt.Errorf("admin: resume: %w", err)
	}
	name := view.PausedName(c.Request().Context(), &r.Config, what)
	if !done {
		return a.unchanged(c, r, "It was not paused any more: %s.", name)
	}
	a.note(ctx, optgate.AuditEntry{
		User: s.User, Action: "resume", Site: r.Site, Subject: view.PausedName(view.English(ctx), &r.Config, what), Reason: strings.TrimSpace(c.Request().PostFormValue("reason")),
		Before: fmt.Sprintf("paused by %s since %s", ended.By, ended.Since.UTC().Format(time.RFC3339)),
	})
	return a.unchanged(c, r, "Resumed: %s loads again for those who allow it.", name)
}
