package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
)

// pauseArguments are what pause and resume are told besides the site.
type pauseArguments struct {
	what   optgate.Pausable
	reason string
}

// openPause opens the site of a command and reads what it is about.
func openPause(ctx context.Context, p *program, command string) (*world, optgate.Revision, pauseArguments, error) {
	var a pauseArguments
	w, site, rest, err := openSite(ctx, p, command, func(f *flag.FlagSet) {
		f.StringVar((*string)(&a.what.Category), "category", "", "id of the category")
		f.StringVar(&a.what.Tag, "tag", "", "id of the tag")
		f.StringVar(&a.reason, "reason", "", "why, for those who see that it is paused, and for the audit log")
	})
	if err == nil {
		err = noArguments(rest)
		if err == nil && a.what != (optgate.Pausable{}) {
			err = misfit(&site.Config, a.what)
		}
		if err != nil {
			w.close()
		}
	}
	return w, site, a, err
}

// misfit says on the command line what cannot be paused.
func misfit(c *optgate.Config, what optgate.Pausable) error {
	err := c.Pausable(what)
	if e, ok := errors.AsType[*optgate.InvalidError](err); ok {
		return config.Faults{{Name: "--category or --tag", Msg: e.Msg, Hint: "optgate pause --site " + string(c.Site) + " lists what is paused"}}
	}
	return err
}

// pauseCommand stops a category or a tag of a site at once, or lists what is
// paused.
func pauseCommand(ctx context.Context, p *program) error {
	w, site, a, err := openPause(ctx, p, "pause")
	if err != nil {
		return err
	}
	defer w.close()
	if a.what == (optgate.Pausable{}) {
		return listPauses(p, w, site.Site)
	}
	done, err := w.registry.Pause(ctx, site.Site, optgate.Pause{Pausable: a.what, By: "optgate pause", Reason: a.reason})
	if err != nil {
		return err
	}
	if !done {
		_, err := fmt.Fprintf(p.stdout, "%s: %s was paused already\n", site.Site, nameOf(a.what))
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %s is paused, in every process on the store\n", site.Site, nameOf(a.what))
	return w.note(ctx, optgate.AuditEntry{User: "optgate pause", Action: "pause", Site: site.Site, Subject: nameOf(a.what), Reason: a.reason})
}

// resumeCommand ends a pause.
func resumeCommand(ctx context.Context, p *program) error {
	w, site, a, err := openPause(ctx, p, "resume")
	if err != nil {
		return err
	}
	defer w.close()
	if a.what == (optgate.Pausable{}) {
		return config.Faults{{Name: "optgate resume", Msg: "needs what is to be resumed", Hint: "optgate resume --site S --category marketing, or --tag ID"}}
	}
	ended, done, err := w.registry.Resume(ctx, site.Site, a.what)
	if err != nil {
		return err
	}
	if !done {
		_, err := fmt.Fprintf(p.stdout, "%s: %s was not paused\n", site.Site, nameOf(a.what))
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %s loads again for those who allow it\n", site.Site, nameOf(a.what))
	return w.note(ctx, optgate.AuditEntry{
		User: "optgate resume", Action: "resume", Site: site.Site, Subject: nameOf(a.what), Reason: a.reason,
		Before: fmt.Sprintf("paused by %s since %s", ended.By, ended.Since.Format(time.RFC3339)),
	})
}

// note adds an entry to the audit log.
func (w *world) note(ctx context.Context, e optgate.AuditEntry) error {
	log := audit.Log{Store: w.store, Now: time.Now}
	return log.Note(context.WithoutCancel(ctx), e)
}

func listPauses(p *program, w *world, site optgate.SiteID) error {
	paused := w.registry.Paused(site)
	if len(paused.Pauses) == 0 {
		_, err := fmt.Fprintf(p.stdout, "%s: nothing is paused\n", site)
		return err
	}
	for _, each := range paused.Pauses {
		fmt.Fprintf(p.stdout, "%s: %s is paused since %s by %s  %s\n", site, nameOf(each.Pausable), each.Since.Format(time.RFC3339), each.By, each.Reason)
	}
	return nil
}

// nameOf says what a pause is about.
func nameOf(what optgate.Pausable) string {
	if what.Tag != "" {
		return "tag " + what.Tag
	}
	return "category " + string(what.Category)
}
