package admin

import (
	"context"
	"fmt"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// NoteExport notes that a program takes a site's records out. It must be called
// before they go; without the note they must not.
func (a *Admin) NoteExport(ctx context.Context, k Caller, site optgate.SiteID, format string) error {
	return a.noteFirst(ctx, optgate.AuditEntry{User: k.Name(), Action: "export records", Site: site, After: format})
}

// NoteAuditExport is NoteExport for the audit log itself.
func (a *Admin) NoteAuditExport(ctx context.Context, k Caller) error {
	return a.noteFirst(ctx, optgate.AuditEntry{User: k.Name(), Action: "export the audit log"})
}

// NotePublish notes that a program published the revision after before (nil: it
// made the site), in the words in which the admin notes it of a person.
func (a *Admin) NotePublish(ctx context.Context, k Caller, before, after *optgate.Revision) {
	if before == nil {
		a.note(ctx, optgate.AuditEntry{User: k.Name(), Action: "create a site", Site: after.Site, After: after.Config.Name})
		return
	}
	a.note(ctx, optgate.AuditEntry{
		User: k.Name(), Action: "publish", Site: after.Site, Subject: after.Note, Before: fmt.Sprintf("revision %d", before.Number),
		After: fmt.Sprintf("revision %d: %s", after.Number, view.Changes(optgate.Diff(&before.Config, &after.Config))),
	})
}

// TakeOut takes a site out of its group for a program. The site says itself from
// then on what it is. It returns [optgate.ErrConflict] if r is not its latest
// revision.
func (a *Admin) TakeOut(ctx context.Context, k Caller, r optgate.Revision) error {
	return a.leave(ctx, k.Name(), r)
}

// NoteGroup notes that a program changed a group: it made it if before is nil,
// and deleted it if after is.
func (a *Admin) NoteGroup(ctx context.Context, k Caller, before, after *optgate.Group) {
	switch {
	case before == nil:
		a.note(ctx, optgate.AuditEntry{User: k.Name(), Action: "create a group", Subject: string(after.ID), After: after.Settings.Name})
	case after == nil:
		a.note(ctx, optgate.AuditEntry{User: k.Name(), Action: "delete a group", Subject: string(before.ID), Before: before.Settings.Name})
	default:
		a.noteGroup(ctx, k.Name(), before, after)
	}
}
