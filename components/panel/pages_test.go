package panel_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/components/panel/paneltest"
	"github.com/optgate/optgate/internal/optgate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// pages returns every component, as visitors meet it.
func pages(c *optgate.Config, lang string) map[string]templ.Component {
	form := panel.PreferencesPage{
		Config: c, Revision: 7, Lang: lang, RecordID: "01JD9Z3W5Q8R1T2V4X6Y8Z0A2B", Panel: "00112233445566778899aabbccddeeff", BackURL: "https://www.layerworks.example/",
		StyleURL: "/static/panel/page.css", Action: "/s/layerworks/preferences", DeclarationURL: "/s/layerworks/declaration",
	}
	saved := form
	saved.Choices = optgate.Choices{optgate.Functional: true, optgate.Analytics: false, optgate.Marketing: false}
	saved.At = time.Date(2026, time.March, 4, 9, 30, 0, 0, time.UTC)
	saved.Saved = true
	problem := form
	problem.Problem = "choices.marketing: is missing"
	records := []optgate.Record{
		{Site: "layerworks", Revision: 6, Action: optgate.AcceptAll, Choices: optgate.Choices{"functional": true, "analytics": true, "marketing": true, "former": true}, At: saved.At.AddDate(0, -1, 0)},
		{Site: "layerworks", Revision: 7, Action: optgate.Save, Choices: saved.Choices, At: saved.At},
	}
	urls := panel.OwnURLs{
		History: "history?lang=" + lang, JSON: "choices?download=1", Page: "choices?download=page", Erase: "preferences/erase?lang=" + lang, Receipts: "receipt?lang=" + lang,
	}
	own := saved
	own.Saved, own.Own, own.URLs = false, records, urls
	unread := own
	unread.Own, unread.OwnFault = nil, 503
	erased := form
	erased.Erased, erased.URLs = new(2), urls
	receipt := panel.ReceiptPage{
		Config: c, Lang: lang, Text: "eyJ.eyJ.sig", Finding: panel.ReceiptHeld, Says: &records[1], URLs: urls,
		StyleURL: "/static/panel/page.css", Action: "receipt?lang=" + lang, BackURL: "preferences?lang=" + lang,
	}
	foreign := receipt
	foreign.Finding, foreign.Says = panel.ReceiptForeign, &optgate.Record{Site: "elsewhere"}
	return map[string]templ.Component{
		"own":             own,
		"own-unread":      unread,
		"own-erased":      erased,
		"receipt":         receipt,
		"receipt-foreign": foreign,
		"erase":           panel.ErasePage{Config: c, Lang: lang, StyleURL: "/static/panel/page.css", Action: "erase?lang=" + lang, BackURL: "../preferences?lang=" + lang},
		"records": panel.RecordsPage{
			Config: c, Lang: lang, StyleURL: "data:text/css;base64,", At: saved.At, Records: []panel.SignedRecord{{Record: records[0], Receipt: "eyJ.eyJ.sig"}},
		},
		"fragment":     panel.Fragment(&optgate.Revision{Config: *c}, lang),
		"form":         form,
		"form-saved":   saved,
		"form-problem": problem,
		"declaration":  panel.DeclarationPage{Config: c, Revision: 7, Lang: lang, StyleURL: "/static/panel/page.css"},
		"error":        panel.ErrorPage{Status: 404, Lang: lang, StyleURL: "/static/panel/page.css"},
	}
}

// Golden files are broken into a line per element, so that a difference shows
// where it is. The style sheet is left out: it has its own source.
func TestGolden(t *testing.T) {
	const dir = "testdata"
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, lang := range []string{"en", "de", "ar"} {
		for name, component := range pages(paneltest.Shop(), lang) {
			t.Run(name+" "+lang, func(t *testing.T) {
				got := render(t, component)
				if _, markup, styled := strings.Cut(got, "</style>"); styled {
					got = markup
				}
				got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
				file := filepath.Join(dir, name+"."+lang+".html")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
				for i := range max(len(gotLines), len(wantLines)) {
					if g, w := at(gotLines, i), at(wantLines, i); g != w {
						t.Fatalf("%s:%d: got %q, want %q (-update writes it anew)", file, i+1, g, w)
					}
				}
			})
		}
	}
}

// at returns lines[i], or nothing behind the end.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// What a site's configuration says is text, whatever it looks like, and leads
// only to web pages and mail.
func TestHostileTextsStayTexts(t *testing.T) {
	const evil = `</style></section></dialog><script>alert(1)</script><img src=x onerror=alert(1)>"'` + "`" + `&amp;{{`
	const evilURL = "javascript://x.example/%0aalert(1)"
	text := optgate.Text{"en": evil}
	c := &optgate.Config{
		Site: evil, Name: evil, Languages: []string{"en", evil}, ChoiceDays: 5,
		Controller: optgate.Controller{Name: evil, Address: evil, Contact: evilURL},
		Policy:     optgate.Policy{URL: optgate.Text{"en": evilURL}, Effective: evil},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: `x" onfocus="alert(1)`, Title: text, Description: text}},
		Services: []optgate.Service{{
			ID: evil, Name: evil, Category: optgate.Essential, Provider: evil, Country: evil, Policy: evilURL, Purpose: text, Reason: text,
			Hosts: []string{evil}, Cookies: []optgate.StoredCookie{{Name: evil, Kind: evil, Duration: evil, Purpose: text}},
		}},
		Texts: []optgate.Texts{{Language: "en", Title: evil, Body: evil}},
		Theme: optgate.Theme{Accent: "#12345" + evil},
	}
	components := pages(c, "en")
	components["form-hostile"] = panel.PreferencesPage{
		Config: c, Lang: "en", RecordID: evil, Problem: evil, BackURL: evilURL, Action: evilURL, DeclarationURL: evilURL, StyleURL: "/page.css",
	}
	components["error-hostile"] = panel.ErrorPage{Status: 400, Title: evil, Detail: evil, Lang: evil, StyleURL: "/page.css"}
	for name, component := range components {
		t.Run(name, func(t *testing.T) {
			for _, n := range elements(parse(t, render(t, component))) {
				if slices.Contains([]string{"script", "img"}, n.Data) {
					t.Errorf("got a %s from a text", n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("%s: got %s=%q from a text", n.Data, a.Key, a.Val)
					}
					if link := a.Key == "href" || a.Key == "action" || a.Key == "src"; link && strings.HasPrefix(a.Val, "javascript:") {
						t.Errorf("%s: got %s=%q", n.Data, a.Key, a.Val)
					}
				}
			}
		})
	}
}

// The form sends all that a record needs, and nothing is allowed unless it was.
func TestFormSendsARecord(t *testing.T) {
	components := pages(paneltest.Shop(), "de")
	tests := []struct {
		page    string
		actions []string
		checked []string
	}{
		{"form", []string{"reject_all", "accept_all", "save"}, nil},
		{"form-saved", []string{"reject_all", "accept_all", "save", "withdraw"}, []string{"og-functional"}},
		{"form-problem", []string{"reject_all", "accept_all", "save"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.page, func(t *testing.T) {
			form := find(parse(t, render(t, components[tt.page])), func(n *html.Node) bool { return n.Data == "form" })[0]
			if attr(form, "method") != "post" || attr(form, "action") != "/s/layerworks/preferences" {
				t.Errorf("got method %q and action %q", attr(form, "method"), attr(form, "action"))
			}
			sent := make(map[string]string)
			var actions, checked []string
			for _, n := range elements(form) {
				switch {
				case attr(n, "type") == "hidden":
					sent[attr(n, "name")] = attr(n, "value")
				case attr(n, "name") == "action":
					actions = append(actions, attr(n, "value"))
				case has(n, "checked"):
					checked = append(checked, attr(n, "name"))
				}
			}
			if sent["id"] != "01JD9Z3W5Q8R1T2V4X6Y8Z0A2B" || sent["revision"] != "7" || sent["language"] != "de" {
				t.Errorf("got %v, want id, revision and language", sent)
			}
			if !slices.Equal(actions, tt.actions) {
				t.Errorf("got actions %v, want %v", actions, tt.actions)
			}
			if !slices.Equal(checked, tt.checked) {
				t.Errorf("got %v checked, want %v", checked, tt.checked)
			}
		})
	}
}

func TestFormSaysHowItWent(t *testing.T) {
	for page, role := range map[string]string{"form": "", "form-saved": "status", "form-problem": "alert"} {
		doc := parse(t, render(t, pages(paneltest.Shop(), "en")[page]))
		got := find(doc, func(n *html.Node) bool { r := attr(n, "role"); return r == "status" || r == "alert" })
		switch {
		case role == "" && len(got) > 0:
			t.Errorf("%s: got a %s, want none", page, attr(got[0], "role"))
		case role != "" && (len(got) != 1 || attr(got[0], "role") != role):
			t.Errorf("%s: got %d messages, want one %s", page, len(got), role)
		}
	}
}

// Each service of the configuration is declared, with all that it stores.
func TestDeclarationIsComplete(t *testing.T) {
	c := paneltest.Shop()
	page := render(t, panel.DeclarationPage{Config: c, Revision: 7, Lang: "en", StyleURL: "/page.css"})
	for _, s := range c.Services {
		want := append([]string{s.Name, s.Provider, s.Policy}, s.Hosts...)
		for _, k := range s.Cookies {
			want = append(want, k.Name, k.Duration)
		}
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s: got no %q", s.ID, w)
			}
		}
	}
	for _, w := range []string{"Revision 7", "effective from 25 May 2026", "Layerworks GmbH"} {
		if !strings.Contains(page, w) {
			t.Errorf("got no %q", w)
		}
	}
}
