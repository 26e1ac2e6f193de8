package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// details tell what Optgate itself notes before and after an action, which is kept
// in English, in the reader's language. What they do not know they leave as it is.
var details = map[string]func(ctx context.Context, kept string) string{
	"sign in": proofDetail, "confirm who it is": proofDetail,
	"invite": roleDetail, "accept an invitation": roleDetail, "set up the first user": roleDetail, "change a role": roleDetail,
	"remove a user": roleDetail, "lose access": roleDetail, "sign in for the first time": roleDetail,
	"publish": versionDetail, "merge the draft": versionDetail, "change a group": versionDetail,
	"change the draft": changesDetail, "discard the draft": changesDetail,
	"make a reset link": accessDetail, "remove second step and passkeys": accessDetail, "end a session of somebody": accessDetail,
	"end all sessions of somebody": accessDetail, "revoke an API token of somebody": accessDetail, "remove a passkey of somebody": accessDetail,
	"use a recovery code": leftDetail, "make an API token": tokenDetail, "resume": pauseDetail, "erase records": recordsDetail,
}

// outcome tells what was before and after an action, in lines.
func outcome(ctx context.Context, e *optgate.AuditEntry) []string {
	before, after := detail(ctx, e.Action, e.Before), detail(ctx, e.Action, e.After)
	switch {
	case before == "" && after == "":
		return nil
	case e.Action == "make a reset link" && before != "" && after != "":
		return []string{say(ctx, "Ended: %s", before), after}
	case before == "":
		return []string{after}
	case after == "":
		return []string{say(ctx, "Before: %s", before)}
	}
	return []string{say(ctx, "From %s to %s", before, after)}
}

// detail tells what an entry keeps of before or after an action.
func detail(ctx context.Context, action, kept string) string {
	if tell, ok := details[action]; ok && kept != "" {
		return tell(ctx, kept)
	}
	return kept
}

// reasonOf tells why something was done. Only where a provider decides is it
// nobody's own words.
func reasonOf(ctx context.Context, e *optgate.AuditEntry) string {
	switch e.Action {
	case "lose access", "change a role", "sign in for the first time":
		return known(ctx, e.Reason)
	}
	return e.Reason
}

func proofDetail(ctx context.Context, kept string) string {
	by, ok := strings.CutPrefix(kept, "by ")
	if t, there := proofs[optgate.Proof(by)]; ok && there {
		return say(ctx, "with %s", say(ctx, t))
	}
	return kept
}

// roleDetail tells a role by its title, which English keeps in small letters.
func roleDetail(ctx context.Context, kept string) string {
	if words, ok := roleNames[optgate.Role(kept)]; ok {
		return inSentence(ctx, words.title)
	}
	return kept
}

// numberIn returns the number in what is kept in a form such as "%d left".
func numberIn(kept, form string) (n int, ok bool) {
	_, err := fmt.Sscanf(kept, form, &n)
	return n, err == nil && fmt.Sprintf(form, n) == kept
}

// versions are what revisions and versions are counted by, as it is kept.
var versions = []struct {
	kept string
	said text
}{{"revision %d", "revision %d"}, {"on revision %d", "revision %d"}, {"version %d", "version %d"}}

func versionDetail(ctx context.Context, kept string) string {
	head, changes, more := strings.Cut(kept, ": ")
	for _, v := range versions {
		n, ok := numberIn(head, v.kept)
		if !ok {
			continue
		}
		if !more {
			return say(ctx, v.said, n)
		}
		return say(ctx, v.said, n) + ": " + changesDetail(ctx, changes)
	}
	return kept
}

// accessDetail tells what let somebody in. Keys and tokens have names that people
// gave them.
func accessDetail(ctx context.Context, kept string) string {
	all, stays := strings.CutPrefix(kept, "kept: ")
	parts := strings.Split(all, ", ")
	for i, part := range parts {
		parts[i] = accessPart(ctx, part)
	}
	told := strings.Join(parts, ", ")
	if stays {
		return say(ctx, "Kept: %s", told)
	}
	return told
}

func accessPart(ctx context.Context, part string) string {
	if part == "second step" {
		return say(ctx, "second step")
	}
	if name, ok := strings.CutPrefix(part, "passkey "); ok {
		return say(ctx, "passkey %s", name)
	}
	if name, ok := strings.CutPrefix(part, "API token "); ok {
		return say(ctx, "API token %s", name)
	}
	for _, form := range []string{"%d session", "%d sessions"} {
		if n, ok := numberIn(part, form); ok {
			return count(ctx, n, "%d session", "%d sessions")
		}
	}
	return part
}

func leftDetail(ctx context.Context, kept string) string {
	if n, ok := numberIn(kept, "%d left"); ok {
		return say(ctx, "%d left", n)
	}
	return kept
}

// tokenDetail tells what a token may do, and until when.
func tokenDetail(ctx context.Context, kept string) string {
	may, until, ok := strings.Cut(kept, ", until ")
	if !ok {
		return kept
	}
	scopes := strings.Split(may, ", ")
	for i, scope := range scopes {
		for _, name := range scopeNames {
			if strings.ToLower(string(name)) == scope {
				scopes[i] = inSentence(ctx, name)
			}
		}
	}
	return strings.Join(scopes, ", ") + ", " + say(ctx, "until %s", dayOf(ctx, until))
}

func pauseDetail(ctx context.Context, kept string) string {
	rest, ok := strings.CutPrefix(kept, "paused by ")
	by, since, found := strings.Cut(rest, " since ")
	at, err := time.Parse(time.RFC3339, since)
	if !ok || !found || err != nil {
		return kept
	}
	return say(ctx, "paused by %s since %s", by, bilingual.Second(ctx, at))
}

func recordsDetail(ctx context.Context, kept string) string {
	if n, ok := numberIn(kept, "records: %d"); ok {
		return say(ctx, "records: %s", number(ctx, n))
	}
	return kept
}
