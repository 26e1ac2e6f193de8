package admin

import (
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
	title string
	soft  string
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
func (r *CheckReport) summary() string {
	first, then := len(r.at(pagecheck.Broken)), len(r.at(pagecheck.Improve))
	switch {
	case first > 0 && then > 0:
		return fmt.Sprintf("%s to change first, %d more after that.", plural(first, "thing"), then)
	case first > 0:
		return plural(first, "thing") + " to change."
	case then > 0:
		return "Nothing is broken. " + plural(then, "thing") + " could be better."
	}
	return "All is well with what can be seen without running the page."
}

// words says what was found, and what it means.
func words(f pagecheck.Finding) (title, detail string) {
	switch f.Kind {
	case pagecheck.GateFine:
		return "The gate is there", "It is the first script in <head>, it waits for nothing, and it is of this site."
	case pagecheck.GateMissing:
		return "The gate is not on this page", "Nobody is asked here, and marked tags never load. Put this line first into <head>:"
	case pagecheck.GateOther:
		return "The gate is that of another site", fmt.Sprintf("It belongs to the site “%s”. Use this line instead:", f.Subject)
	case pagecheck.GateUnreachable:
		return "What may be the gate could not be looked at", "Its address " + f.Subject + ". If visitors can open it, all may be well."
	case pagecheck.GateOlder:
		return "The gate is not the one that is published now", "A cache may still have the one of before: it is used for up to a minute. Look again then."
	case pagecheck.GateNotFirst:
		return "Something goes before the gate", fmt.Sprintf("It can only hold what comes after it. First is: %s. Move the gate’s line to the top of <head>.", f.Subject)
	case pagecheck.GateNotInHead:
		return "The gate is not in <head>", "What stands before it has loaded by then. Move its line to the top of <head>."
	case pagecheck.GateLate:
		return "The gate runs too late", fmt.Sprintf("Because of %s the browser goes on without it, and loads what it should hold. Take that out.", f.Subject)
	case pagecheck.GateInert:
		return "The gate does not run", fmt.Sprintf("Browsers run no script of the type “%s”. An optimiser or another consent tool may have changed it: except the gate there.", f.Subject)
	case pagecheck.GateIntegrity:
		return "The gate will be blocked at the next change", "Its content changes with each revision, so that the hash in integrity no longer fits. Take that out."
	case pagecheck.GateTwice:
		return "The gate is there twice", "The second does nothing but warn. Take it out."
	case pagecheck.PolicyBlocks:
		return "The page’s Content-Security-Policy blocks the gate", fmt.Sprintf("Allow its address in script-src, or give it the page’s nonce. The policy is: %s", f.Subject)
	case pagecheck.PolicyRecords:
		return "The page’s Content-Security-Policy keeps answers from being recorded", fmt.Sprintf("Add %s to connect-src.", f.Subject)
	case pagecheck.MarkFine:
		return "Marked" + of(f), fmt.Sprintf("It waits for %s.%s", needed(f.Needs), alike(f.Count))
	case pagecheck.MarkUnknown:
		if f.Subject == "" {
			return "A mark without a category", "It never loads. Say in data-gate which category it waits for."
		}
		return fmt.Sprintf("This site has no category “%s”", f.Subject), "What waits for it never loads. Mend the mark, or add the category."
	case pagecheck.MarkOff:
		return fmt.Sprintf("The category “%s” is off", f.Subject), "What waits for it does not load until you switch it on."
	case pagecheck.MarkService:
		return fmt.Sprintf("This site has no service “%s”", f.Subject), "The name in data-gate-service is for your own use, so nothing breaks."
	case pagecheck.MarkUseless:
		if f.Subject == "type" {
			return "Marked, but it runs at once" + of(f), `A marked script waits only with type="text/plain", its address in data-src:`
		}
		return "Marked, but it loads at once" + of(f), fmt.Sprintf("Because of %s the browser does not wait. Put the address into data-%s:", f.Subject, f.Subject)
	case pagecheck.Unmarked:
		return "Not marked" + of(f), fmt.Sprintf("It should wait for %s.%s Mark it:", needed(f.Needs), alike(f.Count))
	case pagecheck.NamedInCode:
		return "A script names an address" + of(f), fmt.Sprintf("It should wait for %s. If this script is there to load it, mark the script:", needed(f.Needs))
	case pagecheck.NoScriptLoad:
		return "Loads where scripts are off" + of(f), "In <noscript> nobody can ask, so nobody said yes. Take it out."
	case pagecheck.Container:
		return "A container of Google Tag Manager" + numbered(f.Subject),
			"What is in it cannot be seen here. The gate holds known services that it loads; others need Consent Mode (signals) or a trigger in the container."
	case pagecheck.NothingKnown:
		return "No known service loads unasked", "Of what stands in the page’s HTML, nothing that Optgate knows loads without a mark. What scripts add later is not seen here."
	case pagecheck.PageStatus:
		return fmt.Sprintf("The page answered %d", f.Count), "What follows is about the page that came with it."
	case pagecheck.PageCut:
		return "The page is very long", "Only its first two megabytes were looked at."
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

func alike(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" It is there %d times.", n)
}

func needed(ids []optgate.CategoryID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = "“" + string(id) + "”"
	}
	return strings.Join(all, " and ")
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
