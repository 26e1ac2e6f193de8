package gatetest_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// bundle puts the gate's pure modules on the page as window.rules.
func bundle(t *testing.T) string {
	t.Helper()
	r := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{
			Contents:   `export * from "./decide"; export * from "./cookie"; export * from "./rule"; export * from "../panel/ulid"`,
			ResolveDir: "../../web/gate",
		},
		Bundle: true, Format: api.FormatIIFE, GlobalName: "rules", Target: api.ES2020, TsconfigRaw: "{}",
	})
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors[0].Text)
	}
	return string(r.OutputFiles[0].Contents) + ";window.rules = rules; 0"
}

func vectors(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../optgate/testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fault is a vector that failed.
type fault struct{ Name, Got string }

// The gate and the server decide alike and read the same cookies.
func TestVectors(t *testing.T) {
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(bundle(t), nil)
	for _, c := range []struct{ file, run string }{
		{"decide.json", `({asked, choices, category, since: before, later, now, given, ...want}) => {
			const all = new Set(asked), held = choices && {__proto__: null, ...choices}, since = {...before}, wait = {};
			// The server sends the time as a condition.
			for (const id in later) (new Date(now) < new Date(later[id].from) ? wait : since)[id] = later[id].revision;
			// Before a decision the gate stands for the revision of the page.
			if (!choices) given = 9;
			rules.holding(held || {}, given, since);
			const allows = rules.allows(all, held, category), mustAsk = rules.mustAsk(all, held, given, since, wait);
			return [allows === want.allows && mustAsk === want.must_ask, JSON.stringify({allows, mustAsk})];
		}`},
		{"cookie.json", `(v) => {
			const got = rules.parseChoice(v.value);
			if (v.invalid) return [got === null, JSON.stringify(got)];
			return [got && got.revision === v.revision && got.at === v.at && JSON.stringify(got.choices) === JSON.stringify(v.choices) &&
				rules.formatChoice(got) === v.value, JSON.stringify(got)];
		}`},
	} {
		t.Run(c.file, func(t *testing.T) {
			var got struct {
				Ran    int
				Faults []fault
			}
			p.Eval(`(() => {
				const vectors = `+vectors(t, c.file)+`, run = `+c.run+`;
				const results = vectors.map((v) => [v.name, ...run(v)]);
				return {Ran: vectors.length, Faults: results.filter(([, ok]) => !ok).map(([Name, , Got]) => ({Name, Got}))};
			})()`, &got)
			for _, f := range got.Faults {
				t.Errorf("%s: got %s", f.Name, f.Got)
			}
			var all []json.RawMessage
			if err := json.Unmarshal([]byte(vectors(t, c.file)), &all); err != nil || got.Ran != len(all) || got.Ran == 0 {
				t.Errorf("ran %d vectors, want %d (%v)", got.Ran, len(all), err)
			}
		})
	}
}

func TestULIDs(t *testing.T) {
	p := browser.New(t, browser.Options{})
	p.Goto("about:blank")
	p.Eval(bundle(t), nil)
	var got []string
	p.Eval(`[rules.ulid(0), rules.ulid(1767322800123), rules.ulid(2 ** 48 - 1), ...Array.from({length: 1000}, () => rules.ulid(1767322800123))]`, &got)
	seen := map[string]bool{}
	digits := map[byte]bool{}
	for i, s := range got {
		id, err := ulid.ParseStrict(s)
		if err != nil || id.String() != s || seen[s] {
			t.Fatalf("got %q (%v), seen before: %v; want a new ULID in canonical form", s, err, seen[s])
		}
		seen[s] = true
		want := uint64(1767322800123)
		switch i {
		case 0:
			want = 0
		case 2:
			want = 1<<48 - 1
		}
		if id.Time() != want {
			t.Errorf("%q: got time %d, want %d", s, id.Time(), want)
		}
		for _, d := range []byte(s[10:]) {
			digits[d] = true
		}
	}
	if len(digits) != 32 {
		t.Errorf("random parts use %d digits, want all 32", len(digits))
	}
}
