package admin_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/optgate/optgate/internal/testkit/hostile"
)

// checkStrict reports whatever of a page a strict policy forbids, or another
// server or a hostile text could make something of.
func checkStrict(t *testing.T, what string, p page) {
	t.Helper()
	if sandboxed := strings.Contains(p.header.Get("Content-Security-Policy"), "; sandbox;"); sandboxed {
		wantFramedByUsAlone(t, p)
	} else if strings.HasPrefix(p.header.Get("Content-Security-Policy"), "sandbox allow-scripts; ") {
		wantApart(t, p)
	} else {
		wantGuardHeaders(t, p)
	}
	if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
		return
	}
	policy := p.header.Get("Content-Security-Policy")
	_, after, _ := strings.Cut(policy, "'nonce-")
	nonce, _, _ := strings.Cut(after, "'")
	for n := range hostile.Parse(t, p.body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "style" {
				t.Errorf("%s: <%s> has %s=%q", what, n.Data, a.Key, a.Val)
			}
			if slices.Contains(hostile.Addresses, a.Key) {
				if kind := hostile.LeadsTo(a.Val); !slices.Contains([]string{"here", "https", "http", "mailto"}, kind) && (kind != "data" || n.Data == "a") {
					t.Errorf("%s: <%s %s=%q> is an address of the kind %s", what, n.Data, a.Key, a.Val, kind)
				}
			}
		}
		switch n.Data {
		case "script":
			if attr["nonce"] != nonce || nonce == "" || !strings.HasPrefix(attr["src"], "/static/admin/") || n.FirstChild != nil {
				t.Errorf("%s: a script that is not ours, or inline: %v", what, n.Attr)
			}
		case "style":
			if sheet := n.FirstChild; sheet == nil || attr["nonce"] != nonce && !strings.Contains(policy, sheetHash(sheet.Data)) {
				t.Errorf("%s: a <style> that the policy does not name: %v", what, n.Attr)
			}
		case "base", "object", "embed", "applet", "frame", "portal":
			t.Errorf("%s: the page has a <%s>", what, n.Data)
		case "iframe":
			if attr["sandbox"] == "allow-scripts" && attr["src"] == "" && hostile.LeadsTo(attr["data-src"]) == "here" {
				continue // its document keeps itself apart, see wantApart
			}
			if sandbox, ok := attr["sandbox"]; !ok || sandbox != "" || attr["src"] != "" && hostile.LeadsTo(attr["src"]) != "here" {
				t.Errorf("%s: a frame that may do something: sandbox %q, src %q", what, sandbox, attr["src"])
			}
		case "form":
			if strings.EqualFold(attr["method"], "post") && hostile.LeadsTo(attr["action"]) != "here" {
				t.Errorf("%s: a form that is posted elsewhere, with its token: %q", what, attr["action"])
			}
			for field := range n.Descendants() {
				if secret := attrOf(field, "name") == "csrf" || attrOf(field, "type") == "password"; secret && !strings.EqualFold(attr["method"], "post") {
					t.Errorf("%s: the form %q puts %s into the address", what, attr["action"], attrOf(field, "name"))
				}
			}
		}
	}
}

// sheetHash returns how a policy names a style sheet.
func sheetHash(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// shapes knows what pages consist of that hold harmless text.
type shapes map[string]bool

// compare reports how a page with hostile text differs from one with harmless
// text, but for words. If a form refuses the one for other reasons than the other,
// the pages differ by what they say of that; then nothing may be in it that no
// page with harmless text had.
func (known shapes) compare(t *testing.T, what string, bad, own page) {
	t.Helper()
	const refused = http.StatusUnprocessableEntity
	rules := bad.status == refused || own.status == refused
	if bad.status != own.status && !rules {
		t.Errorf("%s: answered %d to hostile text, %d to harmless text of the same shape", what, bad.status, own.status)
		return
	}
	if kind, other := bad.header.Get("Content-Type"), own.header.Get("Content-Type"); kind != other && !rules {
		t.Errorf("%s: hostile text is answered as %q, harmless as %q", what, kind, other)
	}
	if !strings.HasPrefix(bad.header.Get("Content-Type"), "text/html") {
		return
	}
	got, want := hostile.Skeleton(t, bad.body), hostile.Skeleton(t, own.body)
	for _, line := range want {
		known[strings.TrimSpace(line)] = true
	}
	for i, line := range got {
		if (rules || i < len(want) && line == want[i]) && known[strings.TrimSpace(line)] {
			continue
		}
		t.Errorf("%s: hostile text put %s into the page", what, line)
		return
	}
	if len(got) != len(want) && !rules {
		t.Errorf("%s: %d elements with hostile text, %d with harmless", what, len(got), len(want))
	}
}

// form is a form that a page has for its reader.
type form struct {
	page   string // where it is, if that is known
	action string
	values url.Values // as the page fills them in
	texts  []string   // names of the fields that take any text
}

// postForms returns a page's forms that are posted.
func postForms(t *testing.T, body string) []form {
	t.Helper()
	var forms []form
	for n := range hostile.Parse(t, body).Descendants() {
		if n.Data != "form" || !strings.EqualFold(attrOf(n, "method"), "post") {
			continue
		}
		f := form{action: attrOf(n, "action"), values: url.Values{}}
		for field := range n.Descendants() {
			f.take(field)
		}
		forms = append(forms, f)
	}
	return forms
}

// take adds a field as a browser would send it that nobody touched.
func (f *form) take(n *html.Node) {
	name, kind := attrOf(n, "name"), attrOf(n, "type")
	if name == "" {
		return
	}
	switch n.Data {
	case "textarea":
		value := ""
		if n.FirstChild != nil {
			value = n.FirstChild.Data
		}
		f.values.Add(name, value)
		f.texts = append(f.texts, name)
	case "select":
		for option := range n.Descendants() {
			if option.Data == "option" && (hasAttr(option, "selected") || !f.values.Has(name)) {
				f.values.Set(name, attrOf(option, "value"))
			}
		}
	case "input":
		switch {
		case (kind == "checkbox" || kind == "radio") && !hasAttr(n, "checked"):
		case kind == "hidden" || kind == "checkbox" || kind == "radio":
			f.values.Add(name, attrOf(n, "value"))
		default:
			f.values.Add(name, attrOf(n, "value"))
			f.texts = append(f.texts, name)
		}
	case "button":
		f.values.Add(name, attrOf(n, "value"))
	}
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
