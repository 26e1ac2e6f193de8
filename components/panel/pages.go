package panel

import (
	"context"
	"io"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// frame is what every page has around its content.
type frame struct {
	Title, Lang, Dir, StyleURL string
}

// PreferencesPage is the second layer as a page with a plain form, for visitors
// without JavaScript. It posts id, revision, language, panel, action and one
// og-<category> for each category that is allowed.
type PreferencesPage struct {
	Config         *optgate.Config
	Revision       int             // the number of the revision that Config is
	Lang           string          // one of Config's languages
	Panel          string          // the hash of what the page shows; see optgate.PanelHash
	RecordID       string          // a new ULID, under which the answer will be recorded
	Choices        optgate.Choices // the visitor's present choice; nil if she made none
	At             time.Time       // when she made it
	GPC            bool            // whether the request came with Global Privacy Control
	Saved          bool            // whether it was recorded by the request that this page answers
	Problem        string          // why the request failed; empty if it did not
	BackURL        string          // the page that she came from; may be empty
	StyleURL       string          // of page.css
	Action         string          // where the form goes
	DeclarationURL string          // of the declaration; may be empty

	Own      []optgate.Record // the visitor's records, oldest first
	OwnFault int              // HTTP status for which they could not be read; 0: they could
	Erased   *int             // how many records she has just had erased; nil: she did not ask
	URLs     OwnURLs
}

// Render writes the page. It implements templ.Component.
func (p PreferencesPage) Render(ctx context.Context, w io.Writer) error {
	return preferencesPage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// DeclarationPage lists all services and what they store.
type DeclarationPage struct {
	Config   *optgate.Config
	Revision int    // the number of the revision that Config is
	Lang     string // one of Config's languages
	StyleURL string // of page.css
	// HistoryURL is the address of the history; may be empty.
	HistoryURL string
}

// Render writes the page. It implements templ.Component.
func (p DeclarationPage) Render(ctx context.Context, w io.Writer) error {
	return declarationPage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// effective returns the day from which the privacy policy holds, in words, or
// the empty string.
func (p DeclarationPage) effective(v view) string {
	return v.effectiveFrom(p.Config.Policy.Effective)
}

// ErrorPage tells a person why she does not see what she asked for.
type ErrorPage struct {
	Status   int    // HTTP status
	Title    string // empty: the words for Status
	Detail   string // empty: the words for Status
	Lang     string
	StyleURL string // of page.css
}

// Render writes the page. It implements templ.Component.
func (p ErrorPage) Render(ctx context.Context, w io.Writer) error {
	return errorPage(p).Render(ctx, w)
}
