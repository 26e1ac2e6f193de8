package admin

import (
	"context"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/optgate/optgate/internal/bilingual"
	speech "github.com/optgate/optgate/internal/words"
)

// LanguageName returns the name of a language in the reader's. A tag that is none
// is its own name.
func LanguageName(ctx context.Context, tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	return display.Languages(language.Make(bilingual.Language(ctx))).Name(parsed)
}

// languageNames is LanguageName with its name in itself, for lists of languages.
func languageNames(ctx context.Context, tag string) string {
	name := LanguageName(ctx, tag)
	if w, ok := speech.For(tag); ok && w.Name != name {
		name += ", " + w.Name
	}
	return name
}

// byLabel orders options by what people read.
func byLabel(a, b option) int { return strings.Compare(a.label, b.label) }
