package admin

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// inherits reports whether an item comes from the site's group and no draft
// changes it.
func (p *SitePage) inherits(subject, name string) bool {
	return p.Inherited[optgate.Item{Subject: subject, Name: name}] && p.Draft.Items[optgate.Item{Subject: subject, Name: name}] == ""
}

// inheritedSettings returns the keys of what else is inherited, as site files
// have them, sorted.
func (p *SitePage) inheritedSettings() []string {
	var paths []string
	for item := range p.Inherited {
		if (item.Subject == "setting" || item.Subject == "texts") && p.inherits(item.Subject, item.Name) {
			paths = append(paths, item.Path())
		}
	}
	slices.Sort(paths)
	return paths
}

// inheritedWord marks an item that is inherited, in a sentence.
func inheritedWord(ctx context.Context) bilingual.HTML {
	return bilingual.HTML(`<span class="inherited">` + templ.EscapeString(say(ctx, "inherited")) + "</span>")
}
