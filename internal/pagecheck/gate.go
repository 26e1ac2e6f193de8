package pagecheck

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// maxGates bounds how many scripts are fetched to see whether they are the gate.
const maxGates = 3

// gates looks for the gate and at what keeps it from its work.
func (f *finder) gates(ctx context.Context) {
	var ours []int
	other, tried := false, 0
	for i := range f.page.Elements {
		e := &f.page.Elements[i]
		u, err := url.Parse(e.Address)
		if e.Kind != "script" || e.NoScript || err != nil || !strings.HasSuffix(u.Path, "/gate.js") || tried == maxGates {
			continue
		}
		if withoutQuery(e.Address) == f.site.Gate {
			ours = append(ours, i)
			continue
		}
		tried++
		switch kind, why := f.recognise(ctx, e.Address); kind {
		case GateFine:
			ours = append(ours, i)
		case GateOlder:
			ours = append(ours, i)
			f.add(Finding{Kind: kind, Element: e})
		case GateOther:
			other = true
			f.add(Finding{Kind: kind, Element: e, Subject: why})
		case GateUnreachable:
			other = true
			f.add(Finding{Kind: kind, Element: e, Subject: why})
		}
	}
	if len(ours) == 0 {
		if !other {
			f.add(Finding{Kind: GateMissing})
		}
		return
	}
	before := len(f.found)
	f.gate(ours[0])
	if len(ours) > 1 {
		f.add(Finding{Kind: GateTwice, Element: &f.page.Elements[ours[1]]})
	}
	if len(f.found) == before {
		f.add(Finding{Kind: GateFine, Element: &f.page.Elements[ours[0]]})
	}
}

// recognise says what the script at an address is; the empty kind is something
// else that has the gate's file name.
func (f *finder) recognise(ctx context.Context, address string) (Kind, string) {
	a, err := f.fetch(ctx, address)
	if e, ok := errors.AsType[*Error](err); ok {
		return GateUnreachable, e.Msg
	}
	switch id := siteOf(a); {
	case err != nil || a.Status != 200:
		return GateUnreachable, "did not answer with a script"
	case bytes.Equal(a.Body, f.site.Script):
		return GateFine, ""
	case id == string(f.site.Config.Site):
		return GateOlder, ""
	case id != "":
		return GateOther, id
	}
	return "", ""
}

// siteOf returns the site that a gate says it is of, or nothing if a is none.
func siteOf(a *Answer) string {
	if a == nil {
		return ""
	}
	_, rest, ok := bytes.Cut(a.Body, []byte(`({"s":"`))
	id, _, closed := bytes.Cut(rest, []byte(`"`))
	if !ok || !closed || len(id) > 63 {
		return ""
	}
	return string(id)
}

// gate looks at the gate, the element of that number.
func (f *finder) gate(at int) {
	e := &f.page.Elements[at]
	if !e.InHead {
		f.add(Finding{Kind: GateNotInHead, Element: e})
	}
	for i := range f.page.Elements[:at] {
		if first := &f.page.Elements[i]; !first.NoScript && f.goesFirst(first) {
			subject := first.Address
			if subject == "" {
				subject = "an inline script"
			}
			f.add(Finding{Kind: GateNotFirst, Element: e, Subject: subject})
			break
		}
	}
	for _, name := range []string{"async", "defer", "nomodule"} {
		if _, ok := e.Attr[name]; ok {
			f.add(Finding{Kind: GateLate, Element: e, Subject: name})
		}
	}
	if kind := strings.ToLower(strings.TrimSpace(e.Attr["type"])); kind == "module" {
		f.add(Finding{Kind: GateLate, Element: e, Subject: `type="module"`})
	} else if !runs(kind) || e.Marked() {
		f.add(Finding{Kind: GateInert, Element: e, Subject: kind})
	}
	if _, ok := e.Attr["integrity"]; ok {
		f.add(Finding{Kind: GateIntegrity, Element: e})
	}
	f.policies(e)
}

// goesFirst reports whether something before the gate can do what the gate is to
// hold: run, or load from others.
func (f *finder) goesFirst(e *Element) bool {
	if e.Kind == "script" {
		return !e.Marked() && runs(e.Attr["type"]) && (e.Address != "" || strings.TrimSpace(e.Text) != "")
	}
	return !e.Marked() && e.Address != "" && !f.own(e.Address) && len(f.needs(e.Address)) > 0
}

// policies looks whether the page's policies let the gate run and record.
func (f *finder) policies(e *Element) {
	gate, err := url.Parse(e.Address)
	page, err2 := url.Parse(f.page.Address)
	if err != nil || err2 != nil {
		return
	}
	for _, text := range f.page.Policies {
		for one := range strings.SplitSeq(text, ",") {
			p := parsePolicy(one)
			if !p.script(gate, page, e.Attr["nonce"]) {
				f.add(Finding{Kind: PolicyBlocks, Element: e, Subject: strings.TrimSpace(one)})
			} else if !p.allows([]string{"connect-src", "default-src"}, gate, page) {
				f.add(Finding{Kind: PolicyRecords, Element: e, Subject: gate.Scheme + "://" + gate.Host})
			}
		}
	}
}

// runs reports whether browsers run a script of a type.
func runs(kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
	return slices.Contains([]string{
		"", "module", "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "application/ecmascript",
		"text/x-javascript", "text/jscript", "text/livescript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2",
		"text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/x-ecmascript", "application/x-ecmascript",
	}, kind)
}

func withoutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}
