package admin

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// text is a sentence in English, which is said in the reader's language.
type text = bilingual.Text

// say says a sentence in the reader's language.
func say(ctx context.Context, t text, args ...any) string { return bilingual.Say(ctx, t, args...) }

// known is say for a sentence that another package has put into English.
func known(ctx context.Context, english string) string { return bilingual.Known(ctx, english) }

// count says a sentence about n things.
func count(ctx context.Context, n int, one, other text, args ...any) string {
	return bilingual.Count(ctx, n, one, other, args...)
}

// number writes a number as the reader's language does.
func number(ctx context.Context, n int) string { return bilingual.Number(ctx, n) }

// percent writes a share, 0 to 1, in whole percent.
func percent(ctx context.Context, share float64) string { return bilingual.Percent(ctx, share) }

// dayOf writes a day that is kept as YYYY-MM-DD.
func dayOf(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return bilingual.Day(ctx, t)
}

// rich is say for a sentence with marks, see [bilingual.Rich].
func rich(t text, args ...any) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, bilingual.Rich(ctx, t, args...))
		return err
	})
}

// bdi is a name in a sentence of [rich] that keeps its own order of letters.
func bdi(name string) bilingual.HTML {
	return bilingual.HTML("<bdi>" + templ.EscapeString(name) + "</bdi>")
}

type placeKey struct{}

// Place is where in the admin a page stands.
type Place struct {
	Path string // that was asked for or posted to
	Back string // to which the choice of another language leads back
}

// At returns a context for a page at a place of the admin.
func At(ctx context.Context, p Place) context.Context {
	return context.WithValue(ctx, placeKey{}, p)
}

func place(ctx context.Context) Place {
	p, _ := ctx.Value(placeKey{}).(Place)
	return p
}

// sections are the parts of the admin that each page links to, with what the
// paths of their pages begin with.
var sections = []struct {
	path   string
	label  text
	begins []string
	needs  optgate.Permission // empty: none
}{
	{"/admin/", "Sites", []string{"/admin/sites/", "/admin/new-site"}, ""},
	{"/admin/groups", "Groups", []string{"/admin/groups", "/admin/new-group"}, optgate.SeeSites},
	{"/admin/audit", "Audit", []string{"/admin/audit"}, optgate.SeeAudit},
	{"/admin/people", "People", []string{"/admin/people"}, optgate.ManageUsers},
	{"/admin/account", "Account", []string{"/admin/account"}, ""},
}

// currentSection returns "page" if a section is the page that is shown, "true" if
// it has that page, and otherwise nothing.
func currentSection(ctx context.Context, path string, begins []string) string {
	at := place(ctx).Path
	if at == path {
		return "page"
	}
	if slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(at, b) }) {
		return "true"
	}
	return ""
}
