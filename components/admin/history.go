package admin

import (
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
