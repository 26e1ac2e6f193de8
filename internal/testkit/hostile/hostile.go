// Package hostile is for tests that put text which would like to run wherever text
// can go, and compare what pages then consist of with what harmless text makes of
// them.
package hostile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
)

// Texts end whatever they may stand in and begin something that runs.
var Texts = map[string]string{
	"elements":  `x"'--></title></textarea></option></select></style></script><script>alert(1)</script><img src=x onerror=alert(1)>`,
	"a link":    "javascript:alert(1)//<svg onload=alert(1)>",
	"attribute": "x\" onfocus=alert(1) autofocus style=\"color:red' onclick='alert(1) `${alert(1)}` {{alert(1)}} %3Cscript%3E &lt;script&gt;",
}

// Harmless returns a text of the same shape in which nothing means anything to a
// browser, and that ids, hosts and addresses cannot be either.
func Harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '!'
	}, text)
}

// here is an address of a page, against which its links are read.
const here = "https://optgate.example/admin/page"

// Addresses are the attributes that browsers take for an address.
var Addresses = []string{"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href", "ping", "background", "hx-get", "hx-post"}

// meant are the attributes whose values change what an element does.
var meant = []string{"type", "rel", "target", "method", "sandbox", "http-equiv", "enctype", "integrity", "crossorigin"}

// LeadsTo says what a browser makes of an address on a page of the admin: "here",
// or its scheme.
func LeadsTo(address string) string {
	u, err := whatwg.ParseRef(here, address)
	if err != nil {
		return "none"
	}
	if strings.HasPrefix(u.Href(false), "https://optgate.example/") {
		return "here"
	}
	return strings.TrimSuffix(u.Protocol(), ":")
}

// Parse reads a page as a browser does.
func Parse(t *testing.T, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Skeleton returns what a page consists of besides words: a line for each
// element, with what its attributes do. Two pages with different words of the
// same shape have the same one.
func Skeleton(t *testing.T, body string) []string {
	t.Helper()
	var lines []string
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		switch n.Type {
		case html.ElementNode:
			var attrs []string
			for _, a := range n.Attr {
				switch {
				case a.Key == "srcdoc":
					lines = append(lines, Skeleton(t, a.Val)...)
				case slices.Contains(Addresses, a.Key):
					attrs = append(attrs, a.Key+"→"+LeadsTo(a.Val))
				case slices.Contains(meant, a.Key):
					attrs = append(attrs, a.Key+"="+a.Val)
				default:
					attrs = append(attrs, a.Key)
				}
			}
			slices.Sort(attrs)
			lines = append(lines, fmt.Sprintf("%*s<%s %s>", depth, "", n.Data, strings.Join(attrs, " ")))
			if n.FirstChild != nil && (n.Data == "style" || n.Data == "script") {
				lines = append(lines, n.FirstChild.Data)
			}
		case html.CommentNode:
			lines = append(lines, "<!-- -->")
		}
		for child := range n.ChildNodes() {
			walk(child, depth+1)
		}
	}
	walk(Parse(t, body), 0)
	return lines
}
