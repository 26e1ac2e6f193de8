package panel

import (
	"io/fs"
	"math"
	"strconv"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/static"
)

// Style sheets of the pieces, each complete in itself: a page may have any of
// them without the others. Those of the banner and of all together depend on
// where the banner stands.
var (
	bannerCSS      = map[optgate.Position]string{}
	preferencesCSS = sheet("#og-preferences", "base", "layers", "preferences")
	placeholderCSS = sheet("#og-hold", "base", "placeholders")
	noticeCSS      = sheet("#og-panel", "notice") // besides those of the banner
	allCSS         = map[optgate.Position]string{}
)

func init() {
	for _, p := range optgate.Positions {
		place := "panel-" + string(p)
		bannerCSS[p] = sheet("#og-panel", "base", "layers", "panel", place)
		allCSS[p] = sheet(":is(#og-panel,#og-preferences,#og-hold)", "base", "layers", "panel", place, "preferences", "placeholders")
	}
}

// sheet returns style sheets as one. What they have in common stands in them for
// #og-x, which becomes root.
func sheet(root string, names ...string) string {
	var all strings.Builder
	for _, name := range names {
		css, err := fs.ReadFile(static.FS, "panel/"+name+".css")
		if err != nil {
			panic("panel: read style sheet: " + err.Error())
		}
		all.WriteString(strings.ReplaceAll(strings.TrimSpace(string(css)), "#og-x", root))
	}
	return all.String()
}

// style returns a style element. The theme is set without specificity, so that
// any rule of the site for :root overrides it.
func style(css string, t optgate.Theme) string {
	return "<style>" + css + ThemeCSS(t) + "</style>"
}

// ThemeCSS returns the custom properties that t asks for. It writes numbers
// only, whatever t holds.
func ThemeCSS(t optgate.Theme) string {
	var css string
	if rgb, err := strconv.ParseUint(trimHash(t.Accent), 16, 24); err == nil && len(t.Accent) == 7 {
		css += "--og-accent:" + hex(rgb) + ";--og-ink:" + ink(rgb) + ";"
	}
	if t.Radius != nil {
		css += "--og-radius:" + strconv.Itoa(min(max(*t.Radius, 0), 24)) + "px"
	}
	if css == "" {
		return ""
	}
	return ":where(:root){" + css + "}"
}

// trimHash returns s without its leading #, and what is no number without one.
func trimHash(s string) string {
	if s == "" || s[0] != '#' {
		return "-"
	}
	return s[1:]
}

// hex returns a colour as #rrggbb.
func hex(rgb uint64) string {
	const digits = 6
	s := strconv.FormatUint(rgb, 16)
	for len(s) < digits {
		s = "0" + s
	}
	return "#" + s
}

// ink returns the colour, black or white, that is easier to read on rgb. The
// better of the two has a contrast of at least 4.58 on any colour.
func ink(rgb uint64) string {
	// White and black have the same contrast, (1.05)/(l+.05) = (l+.05)/.05, where
	// the luminance l is .179.
	if luminance(rgb) > 0.179 {
		return "#000"
	}
	return "#fff"
}

// AccentContrast returns the contrast of the theme's accent, from 1 to 21, to the
// background where the page is light and where it is dark. Without an accent
// buttons have the colour of the text, which has the most. It returns false for an
// accent that is no colour.
func AccentContrast(t optgate.Theme) (light, dark float64, ok bool) {
	if t.Accent == "" {
		return 21, 21, true
	}
	rgb, err := strconv.ParseUint(trimHash(t.Accent), 16, 24)
	if err != nil || len(t.Accent) != 7 {
		return 0, 0, false
	}
	return contrast(rgb, lightBackground), contrast(rgb, darkBackground), true
}

// The backgrounds in base.css, where a site sets none.
const (
	lightBackground = 0xffffff
	darkBackground  = 0x1d1e22
)

// contrast returns the contrast of WCAG 2.2 between two colours.
func contrast(a, b uint64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance returns the relative luminance of WCAG 2.2, from 0 to 1.
func luminance(rgb uint64) float64 {
	linear := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
