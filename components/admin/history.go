package admin

import (
	"context"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/optgate/optgate/internal/optgate"
)

func revisionPath(latest optgate.Revision, number int) string {
	return sitePath(latest, "/history/"+strconv.Itoa(number))
}

// Sentence gives words a capital at the start and a full stop at the end.
func Sentence(s string) string { return capital(s) + "." }

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// Changes says all changes in one line of English, for what is kept.
func Changes(all []optgate.Change) string {
	var words []string
	for _, c := range all {
		words = append(words, Sentence(c.String()))
	}
	return strings.Join(words, " ")
}

// noteOf returns a revision's note. What nobody wrote is told in the reader's
// language, what somebody did as it is.
func noteOf(ctx context.Context, r *optgate.Revision) string {
	d, ok := optgate.ParseDeed(r.Note)
	if !ok {
		return r.Note
	}
	title := string(d.Category)
	if k, there := r.Config.Category(d.Category); there {
		title = CategoryTitle(ctx, k, r.Config.Languages)
	}
	return deedWords(ctx, d, title)
}

func deedWords(ctx context.Context, d optgate.Deed, category string) string {
	switch d.Kind {
	case optgate.DidCreate:
		return say(ctx, "created")
	case optgate.DidGoBack:
		if d.Why != "" {
			return say(ctx, "back to revision %d: %s", d.Number, d.Why)
		}
		return say(ctx, "back to revision %d", d.Number)
	case optgate.DidFollow:
		return say(ctx, "as the group %s says in version %d", string(d.Group), d.Number)
	case optgate.DidJoin:
		return say(ctx, "into the group %s", string(d.Group))
	case optgate.DidLeave:
		return say(ctx, "out of the group %s", string(d.Group))
	case optgate.DidLoseGroup:
		return say(ctx, "out of the group %s, which was deleted", string(d.Group))
	case optgate.DidSwitchOn:
		return say(ctx, "%s switched on", category)
	case optgate.DidSwitchOff:
		return say(ctx, "%s switched off", category)
	}
	return d.Note()
}
