package gatetest_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// The browser and the server agree on which address needs what.
func TestPolicyVectors(t *testing.T) {
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{"../../web/hold/policy.ts"},
		Bundle:      true, Format: api.FormatIIFE, GlobalName: "policy", Target: api.ES2020, TsconfigRaw: "{}",
	})
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors[0].Text)
	}
	data, err := os.ReadFile("../policy/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var groups []struct {
		Name  string
		Site  optgate.Config
		Cases []json.RawMessage
	}
	if err := json.Unmarshal(data, &groups); err != nil {
		t.Fatal(err)
	}
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(string(r.OutputFiles[0].Contents)+";window.policy = policy; 0", nil)
	for _, g := range groups {
		t.Run(g.Name, func(t *testing.T) {
			rules, err := json.Marshal(policy.Compile(&g.Site))
			if err != nil {
				t.Fatal(err)
			}
			cases, err := json.Marshal(g.Cases)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Ran    int
				Faults []fault
			}
			p.Eval(`(() => {
				const results = `+string(cases)+`.map(({name, url, base = "https://www.shop.example/a/b?c", own = [], want}) => {
					const page = URL.canParse(base) ? new URL(base).hostname : "";
					const got = policy.matcher(`+string(rules)+`, page, ...own)(url, base || undefined) || [];
					return [name, JSON.stringify(got) === JSON.stringify(want), url + " " + JSON.stringify(got)];
				});
				return {Ran: results.length, Faults: results.filter(([, ok]) => !ok).map(([Name, , Got]) => ({Name, Got}))};
			})()`, &got)
			for _, f := range got.Faults {
				t.Errorf("%s: got %s", f.Name, f.Got)
			}
			if got.Ran != len(g.Cases) || got.Ran == 0 {
				t.Errorf("ran %d cases, want %d", got.Ran, len(g.Cases))
			}
		})
	}
}
