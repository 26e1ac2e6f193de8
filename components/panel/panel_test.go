package panel_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/components/panel/paneltest"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

// maxFragment is the most that banner and preferences may weigh on the way, in
// bytes of brotli: with its headers the answer then leaves in one write.
const maxFragment = 4000

func TestFragmentKeepsItsBudget(t *testing.T) {
	for _, lang := range words.Languages() {
		t.Run(lang, func(t *testing.T) {
			plain := render(t, panel.Fragment(&optgate.Revision{Config: *paneltest.Shop()}, lang))
			var packed bytes.Buffer
			w := brotli.NewWriterLevel(&packed, brotli.BestCompression)
			if _, err := w.Write([]byte(plain)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes, %d in brotli", len(plain), packed.Len())
			if packed.Len() > maxFragment {
				t.Errorf("got %d bytes of brotli, want at most %d", packed.Len(), maxFragment)
			}
		})
	}
}

// A page that takes the whole gets just these four.
func TestFragmentIsStyleRegionDialogAndTemplate(t *testing.T) {
	body := find(parse(t, render(t, panel.Fragment(&optgate.Revision{Config: *paneltest.Shop()}, "en"))), func(n *html.Node) bool { return n.Data == "body" })[0]
	var got []string
	for n := range body.ChildNodes() {
		got = append(got, n.Data+"#"+attr(n, "id"))
	}
	if want := []string{"style#", "section#og-panel", "dialog#og-preferences", "template#"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFragmentHasNothingThatRuns(t *testing.T) {
	for _, n := range elements(parse(t, render(t, panel.Fragment(&optgate.Revision{Config: *paneltest.Shop()}, "de")))) {
		if n.Data == "script" || n.Data == "img" || n.Data == "link" {
			t.Errorf("got a %s, want none", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: got %s=%q, want no inline style or handler", n.Data, a.Key, a.Val)
			}
		}
	}
}

// Reject and accept are the same to the eye: all that tells them apart are their
// ids, what they do, and their labels. Reject comes first.
func TestRejectIsAsEasyAsAccept(t *testing.T) {
	for _, lang := range words.Languages() {
		for _, layer := range []string{"og-panel", "og-preferences"} {
			t.Run(lang+" "+layer, func(t *testing.T) {
				buttons := layerButtons(t, lang, layer)
				reject, accept := buttons[0], buttons[1]
				w, _ := words.For(lang)
				if got := inner(reject); got != w.Buttons.RejectAll {
					t.Errorf("got first button %q, want %q", got, w.Buttons.RejectAll)
				}
				if got := inner(accept); got != w.Buttons.AcceptAll {
					t.Errorf("got second button %q, want %q", got, w.Buttons.AcceptAll)
				}
				for _, key := range []string{"type", "class"} {
					if got, want := attr(reject, key), attr(accept, key); got != want {
						t.Errorf("%s: got %q, want %q", key, got, want)
					}
				}
				if !has(reject, "data-og-reject") || !has(accept, "data-og-accept") {
					t.Error("got no data-og-reject or data-og-accept")
				}
				if reject.Parent != accept.Parent || len(buttons) != 3 {
					t.Errorf("got %d buttons, want three in one row", len(buttons))
				}
			})
		}
	}
}

func TestContractOfIDs(t *testing.T) {
	c := paneltest.Shop()
	doc := parse(t, render(t, panel.Fragment(&optgate.Revision{Config: *c}, "en")))
	for _, id := range []string{"og-panel", "og-reject", "og-accept", "og-customise", "og-preferences", "og-save"} {
		if got := len(find(doc, func(n *html.Node) bool { return attr(n, "id") == id })); got != 1 {
			t.Errorf("#%s: got %d elements, want 1", id, got)
		}
	}
	for key, want := range map[string]int{
		"data-og-accept": 2, "data-og-reject": 2, "data-og-close": 1, "data-og-heading": 1, "data-og-state": 1,
		"data-og-when": 1, "data-og-status": 1, "data-og-saved": 1,
	} {
		if got := len(find(doc, func(n *html.Node) bool { return has(n, key) })); got != want {
			t.Errorf("[%s]: got %d elements, want %d", key, got, want)
		}
	}
	seen := make(map[string]bool)
	for _, n := range elements(doc) {
		if id := attr(n, "id"); id != "" && seen[id] {
			t.Errorf("id %q is there twice", id)
		} else {
			seen[id] = true
		}
		for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
			if id := attr(n, key); id != "" && len(find(doc, func(n *html.Node) bool { return attr(n, "id") == id })) != 1 {
				t.Errorf("%s=%q points to nothing", key, id)
			}
		}
	}
	for _, id := range c.Asked() {
		boxes := find(doc, func(n *html.Node) bool { return attr(n, "name") == "og-"+string(id) })
		if len(boxes) != 1 || attr(boxes[0], "type") != "checkbox" || attr(boxes[0], "role") != "switch" || has(boxes[0], "checked") {
			t.Errorf("%s: got %d switches, want one that is off", id, len(boxes))
		}
	}
	if got := find(doc, func(n *html.Node) bool { return attr(n, "name") == "og-essential" }); len(got) != 0 {
		t.Error("got a switch for what is always on")
	}
}

func TestWhatIsShown(t *testing.T) {
	tests := []struct {
		name     string
		lang     string
		edit     func(*optgate.Config)
		has, not []string
	}{
		{"who asks, for what, for how long", "en", func(c *optgate.Config) { c.ChoiceDays = 90 },
			[]string{"Layerworks GmbH asks for: Functional, Analytics, Marketing.", "5 third parties", "90 days", `href="https://www.layerworks.example/privacy"`}, nil},
		{"the site's own words", "de", func(c *optgate.Config) {
			c.Texts = []optgate.Texts{{Language: "de", Title: "Kekse?"}, {Language: "en", Title: "Biscuits?"}}
		}, []string{"Kekse?", "Wir verwenden Cookies"}, []string{"Biscuits?", "Ihre Entscheidung zu Cookies"}},
		{"a category that is off", "en", func(c *optgate.Config) { c.Categories[3].Off = true },
			[]string{"Functional, Analytics.", "4 third parties"}, []string{"Marketing", "og-marketing", "Meta Pixel"}},
		{"an own category in a language without words", "ar", func(c *optgate.Config) {
			c.Categories = append(c.Categories, optgate.Category{
				ID: "fonts", Title: optgate.Text{"en": "Fonts"}, Description: optgate.Text{"en": "Loads typefaces."},
			})
		}, []string{`name="og-fonts"`, "Fonts", "Loads typefaces."}, nil},
		{"another title for a standard category", "en", func(c *optgate.Config) { c.Categories[2].Title = optgate.Text{"en": "Statistics"} },
			[]string{"Functional, Statistics, Marketing"}, []string{"Analytics"}},
		{"a contact by mail", "en", func(*optgate.Config) {}, []string{`href="mailto:privacy@layerworks.example"`}, nil},
		{"a contact page", "en", func(c *optgate.Config) { c.Controller.Contact = "https://layerworks.example/contact" },
			[]string{`href="https://layerworks.example/contact"`}, []string{"mailto:"}},
		{"right to left", "ar", func(*optgate.Config) {}, []string{`lang="ar" dir="rtl"`, "ألمانيا"}, []string{`dir="rtl" dir`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := paneltest.Shop()
			tt.edit(c)
			page := render(t, panel.Fragment(&optgate.Revision{Config: *c}, tt.lang))
			for _, s := range tt.has {
				if !strings.Contains(page, s) {
					t.Errorf("got no %q", s)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(page, s) {
					t.Errorf("got %q", s)
				}
			}
		})
	}
}

// A visitor who missed more changes is asked about more; to whom all is new the
// first layer speaks as to everybody.
func TestPartsAskedAgain(t *testing.T) {
	later := func(n int) optgate.Scheduled { return optgate.Scheduled{Revision: n} }
	for _, tt := range []struct {
		name  string
		since optgate.Since
		later optgate.Later
		want  []string
	}{
		{"nothing changed", nil, nil, nil},
		{"one category", optgate.Since{"marketing": 3}, nil, []string{"marketing"}},
		{"one after the other", optgate.Since{"marketing": 3, "analytics": 5}, nil, []string{"analytics", "analytics marketing"}},
		{"two at once", optgate.Since{"marketing": 3, "analytics": 3}, nil, []string{"analytics marketing"}},
		{"all, in two steps", optgate.Since{"functional": 2, "marketing": 2, "analytics": 3}, nil, []string{"analytics"}},
		{"all at once", optgate.Since{"functional": 2, "marketing": 2, "analytics": 2}, nil, nil},
		{"one scheduled", nil, optgate.Later{"functional": later(4)}, []string{"functional"}},
		{"one now, one scheduled", optgate.Since{"marketing": 3}, optgate.Later{"functional": later(4)}, []string{"functional", "functional marketing", "marketing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := optgate.Revision{Config: *paneltest.Shop(), Since: tt.since, Later: tt.later}
			var got []string
			for _, n := range find(parse(t, render(t, panel.Banner(&r, "en"))), func(n *html.Node) bool { return attr(n, "data-og-part") != "" }) {
				got = append(got, attr(n, "data-og-part"))
				if !has(n, "hidden") {
					t.Errorf("%s: got it shown before the script chose", attr(n, "data-og-part"))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got parts %q, want %q", got, tt.want)
			}
		})
	}
	r := optgate.Revision{Config: *paneltest.Shop(), Since: optgate.Since{"marketing": 3}}
	page := render(t, panel.Banner(&r, "en"))
	for _, want := range []string{
		`<span data-og-part="marketing" hidden>Layerworks GmbH asks for: Marketing. `,
		`<span data-og-all>Layerworks GmbH asks for: Functional, Analytics, Marketing. 5 third parties`,
		`hidden>Something has changed since you chose`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q in %s", want, page[strings.Index(page, "<section"):])
		}
	}
}

func TestThemeIsReadable(t *testing.T) {
	tests := []struct {
		accent string
		radius int
		want   string
	}{
		{"#1a56db", 8, ":where(:root){--og-accent:#1a56db;--og-ink:#fff;--og-radius:8px}"},
		{"#ffd400", 0, ":where(:root){--og-accent:#ffd400;--og-ink:#000;--og-radius:0px}"},
		{"#000010", 24, ":where(:root){--og-accent:#000010;--og-ink:#fff;--og-radius:24px}"},
		{"#777777", 900, ":where(:root){--og-accent:#777777;--og-ink:#000;--og-radius:24px}"},
		{"red;}*{display:none}", 8, ":where(:root){--og-radius:8px}"},
	}
	for _, tt := range tests {
		t.Run(tt.accent, func(t *testing.T) {
			c := paneltest.Shop()
			c.Theme = optgate.Theme{Accent: tt.accent, Radius: &tt.radius}
			if page := render(t, panel.Fragment(&optgate.Revision{Config: *c}, "en")); !strings.Contains(page, tt.want+"</style>") {
				_, css, _ := strings.Cut(page, ":where(:root){--og-")
				t.Errorf("got %q, want %q", css[:min(len(css), 120)], tt.want)
			}
		})
	}
}

// layerButtons returns the buttons at the foot of a layer.
func layerButtons(t *testing.T, lang, layer string) []*html.Node {
	t.Helper()
	doc := parse(t, render(t, panel.Fragment(&optgate.Revision{Config: *paneltest.Shop()}, lang)))
	root := find(doc, func(n *html.Node) bool { return attr(n, "id") == layer })[0]
	row := find(root, func(n *html.Node) bool { return attr(n, "class") == "og-buttons" })[0]
	return find(row, func(n *html.Node) bool { return n.Data == "button" })
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<body>" + page))
	if strings.HasPrefix(page, "<!") {
		doc, err = html.Parse(strings.NewReader(page))
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func elements(root *html.Node) []*html.Node {
	return find(root, func(*html.Node) bool { return true })
}

// find returns the elements below root of which is is true, in their order.
func find(root *html.Node, is func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			found = append(found, n)
		}
	}
	return found
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// inner returns an element's text; an element inside it shows as its tag.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		} else {
			b.WriteString("<" + c.Data + ">")
		}
	}
	return b.String()
}
