package pagecheck

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// Level is how much a finding matters.
type Level int

// The levels, the most important first.
const (
	Broken  Level = iota // something loads that should wait, or visitors are not asked
	Improve              // it works, but not always or not for everybody
	Note                 // to know
	Fine
)

// Kind is what was found.
type Kind string

// The kinds.
const (
	GateFine        Kind = "gate-fine"
	GateMissing     Kind = "gate-missing"
	GateOther       Kind = "gate-other"       // of another site or server
	GateUnreachable Kind = "gate-unreachable" // may be one; Subject says why it was not fetched
	GateOlder       Kind = "gate-older"       // of this site, but not what is published
	GateNotFirst    Kind = "gate-not-first"   // Subject is what stands before it
	GateNotInHead   Kind = "gate-not-in-head"
	GateLate        Kind = "gate-late"      // Subject is the attribute that makes it so
	GateInert       Kind = "gate-inert"     // Subject is its type, which no browser runs
	GateIntegrity   Kind = "gate-integrity" // its hash changes with each revision
	GateTwice       Kind = "gate-twice"

	PolicyBlocks  Kind = "policy-blocks"  // the page's policy keeps the gate from running
	PolicyRecords Kind = "policy-records" // it keeps answers from being recorded

	MarkFine     Kind = "mark-fine"
	MarkUnknown  Kind = "mark-unknown" // Subject is a category that the site does not have
	MarkOff      Kind = "mark-off"     // or one that is switched off
	MarkService  Kind = "mark-service" // Subject is a service that the site does not have
	MarkUseless  Kind = "mark-useless" // it loads nevertheless; Subject is the attribute that does it
	Unmarked     Kind = "unmarked"
	NamedInCode  Kind = "named-in-code" // an inline script names the address, Subject
	NoScriptLoad Kind = "noscript"      // loads for those without scripts, whatever they said
	Container    Kind = "container"     // of Google Tag Manager; Subject is its number, if it says
	NothingKnown Kind = "nothing-known" // no tag of a known service is without a mark

	PageStatus Kind = "page-status"
	PageCut    Kind = "page-cut"
)

// levels say how much each kind matters.
var levels = map[Kind]Level{
	GateFine: Fine, GateMissing: Broken, GateOther: Broken, GateUnreachable: Improve, GateOlder: Note, GateNotFirst: Improve, GateNotInHead: Improve,
	GateLate: Broken, GateInert: Broken, GateIntegrity: Broken, GateTwice: Improve, PolicyBlocks: Broken, PolicyRecords: Broken,
	MarkFine: Fine, MarkUnknown: Improve, MarkOff: Note, MarkService: Note, MarkUseless: Broken, Unmarked: Broken, NamedInCode: Improve,
	NoScriptLoad: Improve, Container: Note, NothingKnown: Fine, PageStatus: Note, PageCut: Note,
}

// Finding is one thing to say about a page.
type Finding struct {
	Kind
	Element *Element             // nil: about the page
	Vendor  string               // name of the service, if it is known
	Needs   []optgate.CategoryID // that the element should wait for, or waits for
	Subject string               // see [Kind]
	Count   int                  // of elements alike, at least 1
}

// Level returns how much f matters.
func (f Finding) Level() Level { return levels[f.Kind] }

// Site is what a page is compared with.
type Site struct {
	Config *optgate.Config
	Gate   string // address under which this server has the site's gate
	Script []byte // what is published there
}

// FetchFunc gets the address of a script that may be the gate.
type FetchFunc func(ctx context.Context, address string) (*Answer, error)

// Findings says what there is to say about p, the most important first, in the
// order of the page otherwise. Fetch is called for scripts that may be the gate
// under another address.
func (s *Site) Findings(ctx context.Context, p *Page, fetch FetchFunc) []Finding {
	f := &finder{site: s, page: p, fetch: fetch, rules: policy.Compile(holding(s.Config))}
	if p.Status != 200 {
		f.add(Finding{Kind: PageStatus, Count: p.Status})
	}
	if p.Cut {
		f.add(Finding{Kind: PageCut})
	}
	f.gates(ctx)
	f.tags()
	slices.SortStableFunc(f.found, func(a, b Finding) int { return cmp.Compare(a.Level(), b.Level()) })
	return f.found
}

// holding returns c with what is commonly held, if it holds nothing: what should
// be marked does not depend on whether there is a net below the marks.
func holding(c *optgate.Config) *optgate.Config {
	if c.Hold != optgate.HoldOff {
		return c
	}
	c = c.Clone()
	c.Hold = optgate.HoldKnown
	return c
}

// finder collects what there is to say.
type finder struct {
	site  *Site
	page  *Page
	fetch FetchFunc
	rules *policy.Policy
	found []Finding
}

// add notes a finding once, and counts those like it.
func (f *finder) add(n Finding) {
	if n.Count == 0 {
		n.Count = 1
	}
	for i, old := range f.found {
		same := old.Kind == n.Kind && old.Subject == n.Subject && slices.Equal(old.Needs, n.Needs)
		if same && old.Element != nil && n.Element != nil && old.Element.Kind == n.Element.Kind && old.Element.Address == n.Element.Address {
			f.found[i].Count++
			return
		}
	}
	f.found = append(f.found, n)
}

// own reports whether an address is on the page's own host or one of the site's.
func (f *finder) own(address string) bool {
	host := hostOf(address)
	if host == hostOf(f.page.Address) {
		return true
	}
	return slices.ContainsFunc(f.site.Config.Origins, func(o string) bool { return hostOf(o) == host })
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
