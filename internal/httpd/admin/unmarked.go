package admin

import (
	"context"
	"errors"
	"log/slog"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// unmarked returns what was found on a site's pages without a mark and is still
// to be held.
func (a *Admin) unmarked(ctx context.Context, c *optgate.Config) view.Unmarked {
	found, err := a.Unmarked.Unmarked(ctx, c.Site)
	if err != nil {
		a.Log.WarnContext(ctx, "unmarked tags unavailable", slog.String("site", string(c.Site)), slog.Any("err", err))
		return view.Unmarked{Unavailable: true}
	}
	rules := policy.Compile(c)
	var u view.Unmarked
	for _, t := range found {
		if needs := rules.Match(t.URL(), ""); len(needs) > 0 {
			u.Tags = append(u.Tags, view.UnmarkedTag{SeenUnmarked: t, Needs: needs})
		}
	}
	return u
}

// postForgetUnmarked takes a tag off the list, until a page is seen to have it
// again.
func (a *Admin) postForgetUnmarked(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	value := c.Request().PostFormValue
	tag := optgate.Unmarked{Kind: value("kind"), Host: value("host"), Path: value("path")}
	if err := a.Unmarked.ForgetUnmarked(c.Request().Context(), r.Site, tag); err != nil {
		return err
	}
	return a.unchanged(c, r, "It is off the list. If a page still has it, it comes back.")
}

// holds are the words of the form for what is held.
var holds = map[string]optgate.Hold{
	"known": optgate.HoldKnown, "third-party": optgate.HoldThirdParty, "off": optgate.HoldOff,
}

// postHold changes what is held without a mark. Like a switch it is one choice
// among few, so that it is tried again when others publish at the same time.
func (a *Admin) postHold(c echo.Context, s session) error {
	hold, ok := holds[c.Request().PostFormValue("hold")]
	if !ok {
		return &optgate.InvalidError{Field: "hold", Msg: "is one of known, third-party, off"}
	}
	for range maxToggles {
		w, err := a.edited(c)
		if err != nil {
			return err
		}
		if w.shown.Config.Hold == hold {
			return a.unchanged(c, w.live, "Nothing changed.")
		}
		err = a.change(c.Request().Context(), edit{
			site: w.live.Site, group: w.group(), seen: w.seen(), author: s.User, note: "holding of what is not marked: " + hold.String(),
			apply: func(next *optgate.Config) { next.Hold = hold },
		})
		if errors.Is(err, optgate.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		return a.drafted(c, w.live, view.HoldTold(hold))
	}
	return a.siteChanged(c)
}
