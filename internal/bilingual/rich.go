package bilingual

import (
	"context"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// HTML is markup, which [Rich] takes as it is.
type HTML string

// marks are what a sentence can have around words: **strong**, `code` and
// [words](address).
var marks = regexp.MustCompile("%\\[\\d+\\]|\\*\\*(.+?)\\*\\*|`(.+?)`|\\[((?:%\\[\\d+\\]|[^\\[\\]])+)\\]\\(((?:%\\[\\d+\\]|[^()])+)\\)")

// Rich says a sentence as HTML. It is for sentences that have to stay whole for
// a translator though a part of them is a link, say. Marks count in the
// sentence alone: what it is about is escaped, whatever it has.
func Rich(ctx context.Context, t Text, args ...any) string {
	said := marked(html.EscapeString(numbered(translated(Language(ctx), string(t)))))
	escaped := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case HTML:
			escaped[i] = string(v)
		case string:
			escaped[i] = html.EscapeString(v)
		default:
			escaped[i] = arg
		}
	}
	if len(args) == 0 {
		return said
	}
	return printers[Language(ctx)].Sprintf(said, escaped...)
}

// numbered says of each verb which value it is about, as a link's address comes
// before its words.
func numbered(said string) string {
	n := 0
	return verb.ReplaceAllStringFunc(said, func(s string) string {
		if strings.Contains(s, "[") {
			return s
		}
		n++
		return "%[" + strconv.Itoa(n) + "]" + s[1:]
	})
}

// marked puts elements in the place of marks.
func marked(said string) string {
	return marks.ReplaceAllStringFunc(said, func(s string) string {
		part := marks.FindStringSubmatch(s)
		switch {
		case part[1] != "":
			return "<strong>" + marked(part[1]) + "</strong>"
		case part[2] != "":
			return "<code>" + part[2] + "</code>"
		case part[3] != "":
			return `<a href="` + part[4] + `">` + marked(part[3]) + "</a>"
		}
		return s
	})
}
