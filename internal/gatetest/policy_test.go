package gatetest_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// matcherScript puts the browser's matcher on the page as window.policy.
func matcherScript(t *testing.T) string {
	t.Helper()
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{"../../web/hold/policy.ts"},
		Bundle:      true, Format: api.FormatIIFE, GlobalName: "policy", Target: api.ES2020, TsconfigRaw: "{}",
	})
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors[0].Text)
	}
	return string(r.OutputFiles[0].Contents) + ";window.policy = policy; 0"
}

// policyVectors are sites and what their policies say of addresses.
type policyVectors []struct {
	Name  string
	Site  optgate.Config
	Cases []json.RawMessage
}

func readPolicyVectors(t *testing.T) policyVectors {
	t.Helper()
	data, err := os.ReadFile("../policy/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var groups policyVectors
	if err := json.Unmarshal(data, &groups); err != nil {
		t.Fatal(err)
	}
	return groups
}

// The browser and the server agree on which address needs what.
func TestPolicyVectors(t *testing.T) {
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(matcherScript(t), nil)
	for _, g := range readPolicyVectors(t) {
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

// mutations are what an address may have anywhere.
var mutations = []string{"", "/", "//", "\\", ".", "..", "@", ":", "?", "#", "%2e", "%2F", "%", "\t", "\n", " ", "A", "xn--", "[", "]", "\u00ad", "ß", "。", "１", "0x7f", "=", "*", "|", "\x00", "^", "wss:", "https:"}

// Also of addresses that nobody thought of, browser and server say the same.
func TestPolicyOfAnyAddress(t *testing.T) {
	g := readPolicyVectors(t)[0]
	g.Site.Hold = optgate.HoldThirdParty
	compiled := policy.Compile(&g.Site)
	rules, err := json.Marshal(compiled)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var addresses []string
	for len(addresses) < 5000 {
		var c struct{ URL string }
		if err := json.Unmarshal(g.Cases[random.IntN(len(g.Cases))], &c); err != nil {
			t.Fatal(err)
		}
		address := []rune(c.URL)
		for range 1 + random.IntN(3) {
			at := random.IntN(len(address) + 1)
			until := min(len(address), at+random.IntN(2))
			address = slices.Concat(address[:at], []rune(mutations[random.IntN(len(mutations))]), address[until:])
		}
		addresses = append(addresses, string(address))
	}
	list, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(err)
	}
	const page = "https://www.shop.example/a/b?c"
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(matcherScript(t), nil)
	var got [][]optgate.CategoryID
	p.Eval(`(() => {
		const match = policy.matcher(`+string(rules)+`, "www.shop.example");
		return `+string(list)+`.map((address) => URL.canParse(address, "`+page+`") ? match(address, "`+page+`") || [] : null);
	})()`, &got)
	held := 0
	for i, address := range addresses {
		want := compiled.Match(address, page)
		// What no browser can ask for, the server may hold or not.
		if got[i] != nil && !slices.Equal(got[i], want) {
			t.Errorf("%q: got %q in the browser, %q on the server", address, got[i], want)
		}
		if len(want) > 0 {
			held++
		}
	}
	if held < len(addresses)/4 || held > len(addresses)*3/4 {
		t.Errorf("got %d of %d held, which proves little", held, len(addresses))
	}
}
