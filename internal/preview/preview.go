// Package preview draws what a visitor would see of a configuration, for who
// edits it. Its documents have the panel as it would be published, and no script,
// so that nothing in them can answer, load or record.
package preview

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
	"github.com/optgate/optgate/static"
)

// View is a moment at which a visitor sees something of Optgate.
type View string

// The views.
const (
	First       View = "first"       // the banner of a first visit
	Preferences View = "preferences" // the second layer
	Placeholder View = "placeholder" // what stands in the place of a held frame
	Notice      View = "notice"      // a first visit where all loads until she objects
	Return      View = "return"      // a visit after an answer to what is published now
)

// Views lists every view.
var Views = []View{First, Preferences, Placeholder, Return, Notice}

// Options say what to draw.
type Options struct {
	Live     *optgate.Revision // what is published now
	Config   *optgate.Config   // what would be published after it; it may have faults
	Language string            // another one than Config's means its default
	View     View              // empty: First
	Dark     bool
}

// Document is a page with what a visitor sees.
type Document struct {
	HTML   []byte
	Styles []string // hashes of its styles, as a Content-Security-Policy names them
	Images string   // origin of its pictures; empty: it has none
}

// Draw returns what o is about. The page behind it has no words: it stands for any
// of the site's.
func Draw(ctx context.Context, o Options) (*Document, error) {
	c := o.Config
	lang := o.Language
	if !slices.Contains(c.Languages, lang) {
		lang = c.DefaultLanguage()
	}
	next := optgate.NewRevision(c, o.Live.Number, "", "", o.Live.At)
	next.Follow(o.Live)
	markup, err := shown(ctx, &next, o, lang)
	if err != nil {
		return nil, fmt.Errorf("preview: draw %s of %s: %w", o.View, c.Site, err)
	}
	theme := "light"
	if o.Dark {
		theme = "dark"
	}
	var b bytes.Buffer
	if err := page(lang, words.Direction(lang), theme, markup).Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("preview: draw page of %s: %w", c.Site, err)
	}
	d := &Document{HTML: b.Bytes(), Images: picture(c)}
	for _, m := range styleElement.FindAllSubmatch(d.HTML, -1) {
		sum := sha256.Sum256(m[1])
		d.Styles = append(d.Styles, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return d, nil
}

// controlCSS is how the control looks that stays on each page: the gate brings it
// along.
var controlCSS = func() string {
	gate, _ := static.FS.ReadFile("gate/gate.plain.js") // the tests see that it is there
	return string(controlRules.Find(gate))
}()

var controlRules = regexp.MustCompile(`#og-open\{.*?@media print\{#og-open\{display:none\}\}`)

var styleElement = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// shown returns the markup of a view.
func shown(ctx context.Context, next *optgate.Revision, o Options, lang string) (string, error) {
	var again []optgate.CategoryID
	for _, id := range next.Config.Asked() {
		if next.Since[id] == next.Number {
			again = append(again, id)
		}
	}
	switch {
	case o.View == Preferences:
		markup, err := render(ctx, panel.Preferences(&next.Config, lang))
		return strings.Replace(markup, "<dialog ", "<dialog open ", 1), err
	case o.View == Notice:
		return render(ctx, panel.Notice(&next.Config, lang))
	case o.View == Placeholder:
		return held(ctx, &next.Config, lang)
	case o.View == Return && len(again) == 0:
		w, _ := words.For(lang)
		return render(ctx, control(w.Control, controlCSS+panel.ThemeCSS(next.Config.Theme)))
	case o.View == Return:
		markup, err := render(ctx, panel.Banner(next, lang))
		return inPart(markup, again), err
	}
	return render(ctx, panel.Banner(next, lang))
}

// inPart lets a banner speak about some categories alone, as its script does in a
// page. If it has no words for these, it speaks about all.
func inPart(markup string, ids []optgate.CategoryID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	part := `data-og-part="` + strings.Join(names, " ") + `"`
	if !strings.Contains(markup, part) {
		return markup
	}
	return strings.NewReplacer(part+" hidden", part, "<p data-og-part hidden>", "<p>", "data-og-all", "hidden").Replace(markup)
}

// held returns what stands in the place of a frame, with the host and the title
// that the script would put in: of the first service that has a host.
func held(ctx context.Context, c *optgate.Config, lang string) (string, error) {
	host, title := "video.example", ""
	for _, id := range c.Asked() {
		if title == "" {
			title = panel.Titles(c, lang)[id]
		}
		for _, s := range c.ServicesIn(id) {
			if len(s.Hosts) > 0 && host == "video.example" {
				host, title = s.Name, panel.Titles(c, lang)[id]
			}
		}
	}
	markup, err := render(ctx, panel.Placeholder(c, lang))
	markup = strings.NewReplacer("<template>", `<div class="frame">`, "</template>", "</div>",
		"{host}", templ.EscapeString(host), "{category}", templ.EscapeString(title)).Replace(markup)
	return markup, err
}

// picture returns the origin of the logo, if it is one of the site's own: nothing
// else may load, whatever was typed.
func picture(c *optgate.Config) string {
	u, err := url.Parse(c.Theme.Logo)
	if err != nil {
		return ""
	}
	origin := u.Scheme + "://" + u.Host
	if !slices.Contains(c.Origins, origin) || strings.ContainsAny(origin, " ;,'\"*") {
		return ""
	}
	return origin
}

func render(ctx context.Context, c templ.Component) (string, error) {
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		return "", err
	}
	return b.String(), nil
}
