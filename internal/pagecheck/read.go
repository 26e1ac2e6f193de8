package pagecheck

import (
	"bytes"
	"fmt"
	"mime"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// maxElements bounds what of a page is looked at.
const maxElements = 5000

// Element is something of a page that loads or runs.
type Element struct {
	Kind     string // name of the element
	Address  string // what it loads, absolute; empty: nothing by itself
	Text     string // of an inline script
	Attr     map[string]string
	InHead   bool
	NoScript bool // only for browsers without scripts
}

// Marked reports whether e has a mark of the gate.
func (e *Element) Marked() bool { _, ok := e.Attr["data-gate"]; return ok }

// Page is what was read of a page, in its order.
type Page struct {
	Address  string
	Status   int
	Language string // of the document; empty: not said
	Elements []Element
	Policies []string // Content-Security-Policy, of headers and of the document
	Cut      bool     // there is more of it
}

// Read takes apart what an address answered. It returns an [Error] for what is no
// page.
func Read(a *Answer) (*Page, error) {
	if kind, _, err := mime.ParseMediaType(a.Type); a.Type != "" && (err != nil || kind != "text/html" && kind != "application/xhtml+xml") {
		return nil, &Error{"is not a page of HTML", fmt.Errorf("content type %.100q", a.Type)}
	}
	text, err := charset.NewReader(bytes.NewReader(a.Body), a.Type)
	if err != nil {
		return nil, &Error{"is written in characters that cannot be read", err}
	}
	doc, err := html.Parse(text)
	if err != nil {
		return nil, &Error{"is not HTML that can be read", err}
	}
	p := &Page{Address: a.Address, Status: a.Status, Policies: a.Policies, Cut: a.Cut}
	r := &reader{page: p, base: a.Address}
	r.walk(doc, place{})
	return p, nil
}

// reader collects a page's elements.
type reader struct {
	page *Page
	base string
	own  bool // the page said what its base is
}

// place is where in a page something stands.
type place struct{ head, noScript bool }

func (r *reader) walk(n *html.Node, at place) {
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		inside := at
		attr := map[string]string{}
		for _, a := range c.Attr {
			if _, again := attr[a.Key]; !again {
				attr[a.Key] = a.Val
			}
		}
		switch c.Data {
		case "html":
			r.page.Language = attr["lang"]
		case "head":
			inside.head = true
		case "body":
			inside.head = false
		case "base":
			if address, ok := r.resolve(attr["href"]); ok && !r.own {
				r.base, r.own = address, true
			}
		case "meta":
			if strings.EqualFold(attr["http-equiv"], "content-security-policy") && at.head {
				r.page.Policies = append(r.page.Policies, attr["content"])
			}
		case "noscript":
			r.noScript(c, at)
			continue
		default:
			r.take(c, attr, at)
		}
		// What is in a template is inert.
		if c.Data != "template" {
			r.walk(c, inside)
		}
	}
}

// noScript reads what the parser, being a browser with scripts, left as text.
func (r *reader) noScript(n *html.Node, at place) {
	at.noScript = true
	for c := range n.ChildNodes() {
		if c.Type != html.TextNode {
			continue
		}
		nodes, err := html.ParseFragment(strings.NewReader(c.Data), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
		if err != nil {
			continue // nested too deep to be anything
		}
		for _, inner := range nodes {
			r.walk(&html.Node{FirstChild: inner, LastChild: inner}, at)
		}
	}
}

// loads names the attributes by which elements load, the one that counts first.
var loads = map[string][]string{
	"script": {"src"}, "img": {"src", "srcset"}, "iframe": {"src"}, "link": {"href"}, "video": {"src", "poster"}, "audio": {"src"},
	"source": {"src", "srcset"}, "embed": {"src"}, "object": {"data"}, "input": {"src"}, "track": {"src"},
}

// passive are relations of links that are fetched by nobody.
var passive = map[string]bool{
	"canonical": true, "alternate": true, "author": true, "license": true, "me": true, "next": true, "prev": true, "search": true,
	"help": true, "shortlink": true, "amphtml": true, "edituri": true, "pingback": true, "profile": true, "dns-prefetch": true,
}

func (r *reader) take(n *html.Node, attr map[string]string, at place) {
	names, known := loads[n.Data]
	if _, marked := attr["data-gate"]; !known && !marked || len(r.page.Elements) == maxElements {
		return
	}
	if n.Data == "link" {
		fetched := false
		for rel := range strings.FieldsSeq(strings.ToLower(attr["rel"])) {
			fetched = fetched || !passive[rel]
		}
		if !fetched && attr["data-gate"] == "" {
			return
		}
	}
	e := Element{Kind: n.Data, Attr: attr, InHead: at.head, NoScript: at.noScript}
	for _, name := range names {
		first, _, _ := strings.Cut(strings.TrimSpace(attr[name]), ",")
		if name == "srcset" {
			first, _, _ = strings.Cut(first, " ")
		} else {
			first = attr[name]
		}
		if address, ok := r.resolve(first); ok && e.Address == "" && first != "" {
			e.Address = address
		}
	}
	if n.Data == "script" && attr["src"] == "" && n.FirstChild != nil {
		e.Text = n.FirstChild.Data
	}
	r.page.Elements = append(r.page.Elements, e)
}

// resolve returns an address of the network as the page means it.
func (r *reader) resolve(address string) (string, bool) {
	u, err := whatwg.ParseRef(r.base, address)
	if err != nil || u.Hostname() == "" || u.Scheme() != "http" && u.Scheme() != "https" {
		return "", false
	}
	return u.Href(true), true
}
