package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
)

// PageCheckPage is the form that takes a page to look at, and what was found there.
type PageCheckPage struct {
	Frame
	Revision optgate.Revision
	Base     string // address of the site's own paths, with a slash at its end
	Address  string // that was given
	Faults   Faults
	Report   *CheckReport // nil: nothing was looked at yet
}

// CheckReport is what was found on a page.
type CheckReport struct {
	Address  string // where the address led
	Findings []pagecheck.Finding
}

// level is a heading over findings that matter alike.
type level struct {
	id    string
	level pagecheck.Level
	title text
	soft  text
}

var checkLevels = []level{
	{"broken", pagecheck.Broken, "Change this first", "Something loads before the visitor said so, or nobody is asked."},
	{"improve", pagecheck.Improve, "Then this", "It may work, but not always or not for everybody."},
	{"note", pagecheck.Note, "Good to know", ""},
	{"fine", pagecheck.Fine, "This is fine", ""},
}

// at returns the findings of a level.
func (r *CheckReport) at(l pagecheck.Level) []pagecheck.Finding {
	var all []pagecheck.Finding
	for _, f := range r.Findings {
		if f.Level() == l {
			all = append(all, f)
		}
	}
	return all
}

// summary says in a sentence how the page does.
func (r *CheckReport) summary(ctx context.Context) string {
	first, then := len(r.at(pagecheck.Broken)), len(r.at(pagecheck.Improve))
	switch {
	case first > 0 && then > 0:
		return count(ctx, first, "%d thing to change first, %d more after that.", "%d things to change first, %d more after that.", then)
	case first > 0:
		return count(ctx, first, "%d thing to change.", "%d things to change.")
	case then > 0:
		return count(ctx, then, "Nothing is broken. %d thing could be better.", "Nothing is broken. %d things could be better.")
	}
	return say(ctx, "All is well with what can be seen without running the page.")
}

// words says what was found, and what it means.
func words(ctx context.Context, f pagecheck.Finding) (title, detail string) {
	switch f.Kind {
	case pagecheck.GateFine:
		return say(ctx, "The gate is there"), say(ctx, "It is the first script in <head>, it waits for nothing, and it is of this site.")
	case pagecheck.GateMissing:
		return say(ctx, "The gate is not on this page"), say(ctx, "Nobody is asked here, and marked tags never load. Put this line first into <head>:")
	case pagecheck.GateOther:
		return say(ctx, "The gate is that of another site"), say(ctx, "It belongs to the site “%s”. Use this line instead:", f.Subject)
	case pagecheck.GateUnreachable:
		return say(ctx, "What may be the gate could not be looked at"), say(ctx, "Its address %s. If visitors can open it, all may be well.", f.Subject)
	case pagecheck.GateOlder:
		return say(ctx, "The gate is not the one that is published now"), say(ctx, "A cache may still have the one of before: it is used for up to a minute. Look again then.")
	case pagecheck.GateNotFirst:
		return say(ctx, "Something goes before the gate"), say(ctx, "It can only hold what comes after it. First is: %s. Move the gate’s line to the top of <head>.", f.Subject)
	case pagecheck.GateNotInHead:
		return say(ctx, "The gate is not in <head>"), say(ctx, "What stands before it has loaded by then. Move its line to the top of <head>.")
	case pagecheck.GateLate:
		return say(ctx, "The gate runs too late"), say(ctx, "Because of %s the browser goes on without it, and loads what it should hold. Take that out.", f.Subject)
	case pagecheck.GateInert:
		return say(ctx, "The gate does not run"), say(ctx, "Browsers run no script of the type “%s”. An optimiser or another consent tool may have changed it: except the gate there.", f.Subject)
	case pagecheck.GateIntegrity:
		return say(ctx, "The gate will be blocked at the next change"), say(ctx, "Its content changes with each revision, so that the hash in integrity no longer fits. Take that out.")
	case pagecheck.GateTwice:
		return say(ctx, "The gate is there twice"), say(ctx, "The second does nothing but warn. Take it out.")
	case pagecheck.PolicyBlocks:
		return say(ctx, "The page’s Content-Security-Policy blocks the gate"), say(ctx, "Allow its address in script-src, or give it the page’s nonce. The policy is: %s", f.Subject)
	case pagecheck.PolicyRecords:
		return say(ctx, "The page’s Content-Security-Policy keeps answers from being recorded"), say(ctx, "Add %s to connect-src.", f.Subject)
	case pagecheck.MarkFine:
		return say(ctx, "Marked") + of(f), say(ctx, "It waits for %s.", needed(ctx, f.Needs)) + alike(ctx, f.Count)
	case pagecheck.MarkUnknown:
		if f.Subject == "" {
			return say(ctx, "A mark without a category"), say(ctx, "It never loads. Say in data-gate which category it waits for.")
		}
		return say(ctx, "This site has no category “%s”", f.Subject), say(ctx, "What waits for it never loads. Mend the mark, or add the category.")
	case pagecheck.MarkOff:
		return say(ctx, "The category “%s” is off", f.Subject), say(ctx, "What waits for it does not load until you switch it on.")
	case pagecheck.MarkService:
		return say(ctx, "This site has no service “%s”", f.Subject), say(ctx, "The name in data-gate-service is for your own use, so nothing breaks.")
	case pagecheck.MarkUseless:
		if f.Subject == "type" {
			return say(ctx, "Marked, but it runs at once") + of(f), say(ctx, `A marked script waits only with type="text/plain", its address in data-src:`)
		}
		return say(ctx, "Marked, but it loads at once") + of(f), say(ctx, "Because of %s the browser does not wait. Put the address into data-%s:", f.Subject, f.Subject)
	case pagecheck.Unmarked:
		return say(ctx, "Not marked") + of(f), say(ctx, "It should wait for %s.", needed(ctx, f.Needs)) + alike(ctx, f.Count) + " " + say(ctx, "Mark it:")
	case pagecheck.NamedInCode:
		return say(ctx, "A script names an address") + of(f), say(ctx, "It should wait for %s. If this script is there to load it, mark the script:", needed(ctx, f.Needs))
	case pagecheck.NoScriptLoad:
		return say(ctx, "Loads where scripts are off") + of(f), say(ctx, "In <noscript> nobody can ask, so nobody said yes. Take it out.")
	case pagecheck.Container:
		return say(ctx, "A container of Google Tag Manager") + numbered(f.Subject),
			say(ctx, "What is in it cannot be seen here. The gate holds known services that it loads; others need Consent Mode (signals) or a trigger in the container.")
	case pagecheck.NothingKnown:
		return say(ctx, "No known service loads unasked"), say(ctx, "Of what stands in the page’s HTML, nothing that Optgate knows loads without a mark. What scripts add later is not seen here.")
	case pagecheck.PageStatus:
		return say(ctx, "The page answered %d", f.Count), say(ctx, "What follows is about the page that came with it.")
	case pagecheck.PageCut:
		return say(ctx, "The page is very long"), say(ctx, "Only its first two megabytes were looked at.")
	}
	return string(f.Kind), f.Subject
}

func of(f pagecheck.Finding) string {
	switch {
	case f.Vendor != "":
		return ": " + f.Vendor
	case f.Kind == pagecheck.NamedInCode:
		return ""
	case f.Element != nil:
		return fmt.Sprintf(": <%s>", f.Element.Kind)
	}
	return ""
}

func numbered(id string) string {
	if id == "" {
		return ""
	}
	return ", " + id
}

func alike(ctx context.Context, n int) string {
	if n < 2 {
		return ""
	}
	return " " + say(ctx, "It is there %d times.", n)
}

func needed(ctx context.Context, ids []optgate.CategoryID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = say(ctx, "“%s”", string(id))
	}
	return strings.Join(all, say(ctx, " and "))
}

// whereOf returns the address that a finding is about; empty: none.
func whereOf(f pagecheck.Finding) string {
	switch {
	case f.Kind == pagecheck.NamedInCode:
		return f.Subject
	case f.Element == nil:
		return ""
	case f.Element.Address != "":
		return f.Element.Address
	}
	return f.Element.Attr["data-src"]
}

// remedy returns the markup to use, or nothing.
func remedy(p PageCheckPage, f pagecheck.Finding) string {
	switch f.Kind {
	case pagecheck.GateMissing, pagecheck.GateOther:
		return gateLine(p.Base)
	case pagecheck.NamedInCode:
		return `<script type="text/plain" data-gate="` + joined(f.Needs) + `">…</script>`
	case pagecheck.Unmarked, pagecheck.MarkUseless:
		if f.Element.Address == "" {
			return `<script type="text/plain" data-gate="` + joined(f.Needs) + `">…</script>`
		}
		return markup(f.Element.Kind, f.Needs, f.Element.Address)
	}
	return ""
}

// gateLine is what goes first into the pages of a site.
func gateLine(base string) string { return `<script src="` + base + `gate.js"></script>` }
