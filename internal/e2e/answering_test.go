package e2e_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/words"
)

// What DuckDuckGo's browsers answer consent banners with, and the rule that we offer
// for it.
const (
	answeringFile = "../../web/node_modules/@duckduckgo/autoconsent/dist/autoconsent.playwright.js"
	answeringRule = "../../docs/autoconsent.json"
)

// answering speaks to the program as the browser around it would.
const answering = `
	window.heard = [];
	window.autoconsentSendMessage = async (message) => {
		if (message.type === "optOutResult") heard.push(message.result);
		await undefined; // it cannot hear before its own code has run to the end
		if (message.type === "init") autoconsentReceiveMessage({type: "initResp", rules: {autoconsent: RULES}, config: {
			enabled: true, autoAction: "optOut", disabledCmps: [], enablePrehide: true, enableCosmeticRules: true, enableGeneratedRules: true,
			detectRetries: 2, isMainWorld: false, prehideTimeout: 2000, enableHeuristicDetection: true, heuristicMode: "tier2", logs: {},
		}});
	};`

// answer puts the program into a page, with rules or knowing banners in general
// alone.
func answer(t *testing.T, p *browser.Page, rules ...json.RawMessage) {
	t.Helper()
	source, err := os.ReadFile(answeringFile)
	if err != nil {
		t.Fatalf("read autoconsent: %v; hint: go tool task setup", err)
	}
	if rules == nil {
		rules = []json.RawMessage{}
	}
	known, err := json.Marshal(rules)
	must(t, "encode the rules", err)
	p.Eval("window.RULES = "+string(known)+";"+answering+string(source)+";0", nil)
}

// A program that rejects for its visitors finds the banner and is obeyed: in the
// languages that it reads, in each position and width, and by our rule in all.
func TestProgramsThatRejectForTheVisitor(t *testing.T) {
	rule, err := os.ReadFile(answeringRule)
	must(t, "read the rule", err)
	w := newWorld(t)
	c := w.config("tiertime")
	c.Languages = words.Languages()
	for _, lang := range c.Languages {
		w.page("/answering/"+lang, lang, "<h1>Page</h1>")
	}
	recorded := 0
	for _, tt := range []struct {
		position  optgate.Position
		width     int
		languages []string
		rules     []json.RawMessage
	}{
		{optgate.Bar, 1280, []string{"en", "de", "fr", "es", "it", "nl", "pl", "pt", "pt-BR"}, nil},
		{optgate.Bar, 320, []string{"de"}, nil},
		{optgate.Corner, 1280, []string{"en"}, nil},
		{optgate.Centre, 320, []string{"en"}, nil},
		{optgate.Centre, 1280, []string{"sv", "ja", "ar"}, []json.RawMessage{rule}},
	} {
		c.Theme.Position = tt.position
		w.publish(c)
		for _, lang := range tt.languages {
			t.Run(string(tt.position)+" "+lang, func(t *testing.T) {
				p := browser.New(t, browser.Options{Width: tt.width, Height: 700})
				p.Goto(w.options.SiteOrigin["tiertime"] + "/answering/" + lang)
				p.WaitFor("document.querySelector('#og-panel')?.lang === '" + lang + "'")
				answer(t, p, tt.rules...)
				p.WaitFor(bannerGone + " && heard.includes(true)")
				recorded++
				checkRecord(t, w.recorded("tiertime", recorded)[recorded-1], optgate.RejectAll, "banner")
			})
		}
	}
}
