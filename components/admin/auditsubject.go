package admin

import (
	"context"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

// subjectOf says what an entry of the audit log is about.
func subjectOf(ctx context.Context, e *optgate.AuditEntry) string {
	switch e.Action {
	case "publish":
		if d, ok := optgate.ParseDeed(e.Subject); ok {
			return deedWords(ctx, d, string(d.Category))
		}
	case "pause", "resume":
		return pausedSubject(ctx, e.Subject)
	case "change the draft", "merge the draft", "discard the draft":
		return draftSubject(ctx, e.Subject)
	}
	return e.Subject
}

// pausedSubject tells what was paused: a tag, or a category by the title that it
// had in English.
func pausedSubject(ctx context.Context, kept string) string {
	if tag, ok := strings.CutPrefix(kept, "tag "); ok {
		return say(ctx, "tag %s", tag)
	}
	for _, words := range usual {
		if string(words.title) == kept {
			return say(ctx, words.title)
		}
	}
	return kept
}

// draftSubject tells what of a draft was changed, which Optgate notes: a form, an
// item, or that a change was taken back, of a site or of a group.
func draftSubject(ctx context.Context, kept string) string {
	if group, ok := strings.CutPrefix(kept, "group "); ok {
		id, what, more := strings.Cut(group, ": ")
		if !more {
			return say(ctx, "group %s", id)
		}
		return say(ctx, "group %s", id) + ": " + draftSubject(ctx, what)
	}
	if what, ok := strings.CutPrefix(kept, "undo: "); ok {
		return say(ctx, "taken back: %s", draftSubject(ctx, what))
	}
	if d, ok := optgate.ParseDeed(kept); ok {
		return deedWords(ctx, d, string(d.Category))
	}
	for _, f := range settingForms {
		if strings.ToLower(string(f.label)) == kept {
			return inSentence(ctx, f.label)
		}
	}
	if list, ok := strings.CutPrefix(kept, "order of "); ok {
		return say(ctx, "order of %s", known(ctx, list))
	}
	item, removed := strings.CutSuffix(kept, " removed")
	if sort, id, ok := strings.Cut(item, " "); ok && (sort == "category" || sort == "service" || sort == "tag") {
		item = known(ctx, sort) + " " + id
	}
	if removed {
		return say(ctx, "%s removed", item)
	}
	return item
}
