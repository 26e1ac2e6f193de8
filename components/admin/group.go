package admin

import (
	"context"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// inherits reports whether an item comes from the site's group and no draft
// changes it.
func (p *SitePage) inherits(subject, name string) bool {
	return p.Inherited[optgate.Item{Subject: subject, Name: name}] && p.Draft.Items[optgate.Item{Subject: subject, Name: name}] == ""
}

// inheritedWord marks an item that is inherited, in a sentence.
func inheritedWord(ctx context.Context) bilingual.HTML {
	return bilingual.HTML(`<span class="inherited">` + templ.EscapeString(say(ctx, "inherited")) + "</span>")
}
