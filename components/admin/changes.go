package admin

import (
	"context"
	"strings"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// kindWords say what happened to a thing.
var kindWords = map[optgate.ChangeKind]text{
	optgate.Added: "%s added", optgate.Removed: "%s removed", optgate.Changed: "%s changed",
	optgate.SwitchedOn: "%s switched on", optgate.SwitchedOff: "%s switched off",
}

// sentence says a change as a whole sentence. In English that is what
// [optgate.Change.String] says.
func sentence(ctx context.Context, c optgate.Change) string {
	what := known(ctx, c.Subject)
	if list, ok := strings.CutPrefix(c.Subject, "order of "); ok {
		what = say(ctx, "order of %s", known(ctx, list))
	}
	if c.Name != "" {
		what += say(ctx, " “%s”", changedName(ctx, c))
	}
	if c.Category != "" && c.Subject != "category" {
		what += " (" + string(c.Category) + ")"
	}
	if c.Field != "" {
		field, lang, _ := strings.Cut(c.Field, " (")
		if what += ": " + known(ctx, field); lang != "" {
			what += " (" + lang
		}
	}
	what = say(ctx, kindWords[c.Kind], what)
	from, to := changedValue(ctx, c, c.From), changedValue(ctx, c, c.To)
	switch {
	case from != "" && to != "":
		what += say(ctx, " from “%s” to “%s”", from, to)
	case to != "" && c.Kind == optgate.Changed:
		what += say(ctx, " to “%s”, was empty", to)
	case from != "" && c.Kind == optgate.Changed:
		what += say(ctx, " from “%s” to nothing", from)
	case from+to != "":
		what += say(ctx, ": “%s”", from+to)
	}
	return Sentence(what)
}

// changedName returns the name of what changed. What a service stores is named
// with the service.
func changedName(ctx context.Context, c optgate.Change) string {
	stored, service, ok := strings.Cut(c.Name, " of ")
	if ok && c.Subject != "service" {
		return say(ctx, "%s of %s", stored, service)
	}
	return c.Name
}

// changedValue returns a value in a line. Most are somebody's own words, which
// stay as they are.
func changedValue(ctx context.Context, c optgate.Change, value string) string {
	if c.Subject == "records" || c.Kind == optgate.Added && c.Subject == "category" {
		return known(ctx, value)
	}
	return optgate.Shorten(value)
}

// reason says why a change asks visitors again.
func reason(ctx context.Context, c optgate.Change) string { return known(ctx, c.Reason) }

// English returns ctx for words that are kept, which are English whoever reads
// them later.
func English(ctx context.Context) context.Context { return bilingual.With(ctx, "en") }

// Asking says in a sentence whom changes ask.
func Asking(ctx context.Context, a optgate.AskedAbout) string {
	var parts []string
	if len(a.Again) > 0 {
		parts = append(parts, say(ctx, "visitors will be asked again about %s", idsIn(ctx, a.Again)))
	}
	if len(a.New) > 0 {
		parts = append(parts, say(ctx, "visitors who have not answered it will be asked about %s", idsIn(ctx, a.New)))
	}
	if parts == nil {
		return Sentence(say(ctx, "nobody is asked again"))
	}
	return Sentence(strings.Join(parts, "; "))
}

// idsIn lists categories in a sentence.
func idsIn(ctx context.Context, ids []optgate.CategoryID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return strings.Join(all, ", ")
}
