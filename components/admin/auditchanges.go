package admin

import (
	"context"
	"regexp"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

// saidChange is what [optgate.Change.String] says of a change, as a sentence at
// the start of others.
var saidChange = regexp.MustCompile(`^([A-Z][a-z ]*?)(?: “(.*?)”)?(?: \(([a-z0-9_-]+)\))?(?:: ([A-Za-z][^“”]*?))? ` +
	`(added|removed|changed|switched on|switched off)(?: from “(.*?)” to (?:“(.*?)”|nothing)| to “(.*?)”, was empty|: “(.*?)”)?\.(?: |$)`)

// parseChanges reads what [Changes] said, so that it can be said in another
// language. It returns false if what it read would be said otherwise, as of a line
// that was cut, or of values with quotation marks of their own.
func parseChanges(kept string) ([]optgate.Change, bool) {
	var all []optgate.Change
	for rest := kept; rest != ""; {
		m := saidChange.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		c := optgate.Change{
			Kind: optgate.ChangeKind(m[5]), Subject: strings.ToLower(m[1][:1]) + m[1][1:],
			Name: m[2], Category: optgate.CategoryID(m[3]), Field: m[4], From: m[6], To: m[7] + m[8] + m[9],
		}
		if c.Kind == optgate.Removed {
			c.From, c.To = c.To, ""
		}
		all = append(all, c)
	}
	return all, Changes(all) == kept
}

// changesDetail tells changes that are kept in English.
func changesDetail(ctx context.Context, kept string) string {
	all, ok := parseChanges(kept)
	if !ok {
		return kept
	}
	told := make([]string, len(all))
	for i, c := range all {
		told[i] = sentence(ctx, c)
	}
	return strings.Join(told, " ")
}
