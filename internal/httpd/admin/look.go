package admin

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
)

var lookFields = []field{
	{"theme.position", "position", "Where the banner stands"}, {"theme.accent", "accent", "Accent"},
	{"theme.radius", "radius", "Corner radius"}, {"theme.logo", "logo", "Logo"},
}

// lookSettings is the form for how a site's panel looks.
func lookSettings(echo.Context, *optgate.Config) (settings, error) {
	return settings{
		path: "/look", name: "Look", values: lookValues, apply: applyLook, check: checkLook,
		fields: func(context.Context, *optgate.Config) []field { return lookFields },
		page: func(c echo.Context, p view.EditPage) templ.Component {
			page := view.LookPage{EditPage: p, Preview: previewOf(c, &p.Revision.Config)}
			page.Preview.Typed = "/look/preview"
			page.Light, page.Dark, page.Seen = panel.AccentContrast(optgate.Theme{Accent: colour(p.Values["accent"])})
			return view.Look(page)
		},
	}, nil
}

func lookValues(c *optgate.Config) map[string]string {
	values := map[string]string{
		"position": string(c.Theme.Place()), "accent": c.Theme.Accent, "radius": "", "logo": c.Theme.Logo,
	}
	if c.Theme.Radius != nil {
		values["radius"] = strconv.Itoa(*c.Theme.Radius)
	}
	return values
}

func applyLook(c *optgate.Config, typed map[string]string) {
	place := optgate.Position(typed["position"])
	if place != c.Theme.Place() {
		c.Theme.Position = place
	}
	c.Theme.Accent, c.Theme.Logo, c.Theme.Radius = colour(typed["accent"]), typed["logo"], nil
	if typed["radius"] != "" {
		n := wholeNumber(typed["radius"])
		c.Theme.Radius = &n
	}
}

// colour returns a colour as people write it in the form that a site file has.
func colour(s string) string {
	const digits = 6
	s = strings.ToLower(s)
	if len(s) == digits && strings.Trim(s, "0123456789abcdef") == "" {
		return "#" + s
	}
	return s
}

// checkLook refuses a new accent that cannot be seen, which could not be
// published either.
func checkLook(ctx context.Context, before, after *optgate.Config) view.Faults {
	if before.Theme.Accent == after.Theme.Accent {
		return nil
	}
	var faults view.Faults
	for _, k := range contrast(ctx, after.Theme) {
		if k.Blocks {
			faults = append(faults, view.Fault{Field: "accent", Label: "Accent:", Msg: k.Text})
		}
	}
	return faults
}
