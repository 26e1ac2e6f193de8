package bilingual

import (
	"context"
	"regexp"
	"strings"
)

// form is a sentence as it is when something stands for each of its verbs.
type form struct {
	english string
	german  string // with $1, $2 and so on
	verbs   int
	fits    *regexp.Regexp
}

// verb is one of package fmt, with its flags and the number of what it is about.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)

// formOf returns the form of a sentence, which German says with the same verbs in
// the same order.
func formOf(english, german string) form {
	f := form{english: english, verbs: len(verb.FindAllString(english, -1))}
	var b strings.Builder
	rest := english
	for at := verb.FindStringIndex(rest); at != nil; at = verb.FindStringIndex(rest) {
		b.WriteString(regexp.QuoteMeta(strings.ReplaceAll(rest[:at[0]], "%%", "%")) + "(.*?)")
		rest = rest[at[1]:]
	}
	f.fits = regexp.MustCompile("(?s)^" + b.String() + regexp.QuoteMeta(strings.ReplaceAll(rest, "%%", "%")) + "$")
	n := 0
	f.german = verb.ReplaceAllStringFunc(strings.ReplaceAll(german, "$", "$$"), func(string) string {
		n++
		return "${" + string(rune('0'+n)) + "}"
	})
	f.german = strings.ReplaceAll(f.german, "%%", "%")
	return f
}

// Known says what another package has put into English already: a fault of the
// domain, say, or what an entry of the audit log calls an action. What it does
// not know it leaves in English.
func Known(ctx context.Context, english string) string {
	if Language(ctx) != "de" {
		return english
	}
	if said, ok := german.all[english]; ok {
		return said
	}
	for _, f := range german.forms {
		if found := f.fits.FindStringSubmatchIndex(english); found != nil {
			return string(f.fits.ExpandString(nil, f.german, english, found))
		}
	}
	return english
}
