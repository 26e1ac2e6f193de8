package webbuild_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/optgate/optgate/internal/webbuild"
)

// Budgets in bytes, brotli 11. The gate with a configuration keeps to 3,500, so
// that headers and body leave the server in one write of 4 KiB; that of the
// example sites is held to the same in internal/publish.
const (
	gateBudget       = 3490
	configuredBudget = 3965 // with eight tags, long addresses and inline code
	panelBudget      = 1545 // the code of the first layer alone, without markup
)

// exampleConfig is what the server inlines for a site with eight tags.
const exampleConfig = `{"s":"tiertime","r":12,"c":["functional","analytics","marketing"],"l":{"en":"Privacy choices","de":"Datenschutz-Auswahl","ar":"خيارات الخصوصية"},"h":"3f2a9c1b0d4e","x":15552000,"a":"#0b6e4f","t":[` +
	`{"c":"analytics","k":0,"u":"https://stats.tiertime.com/matomo.php?idsite=3&rec=1"},` +
	`{"c":"analytics","k":1,"u":"https://static.hotjar.com/c/hotjar-118822.js?sv=6"},` +
	`{"c":"analytics","k":1,"u":"https://www.googletagmanager.com/gtag/js?id=G-1A2B3C4D5E"},` +
	`{"c":"analytics","k":2,"b":"window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());gtag('config','G-1A2B3C4D5E')"},` +
	`{"c":"marketing","k":0,"u":"https://www.facebook.com/tr?id=1234567890&ev=PageView&noscript=1"},` +
	`{"c":"marketing","k":1,"u":"https://ads.example.net/pixel.js"},` +
	`{"c":"functional","k":3,"u":"https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ","q":"#video","n":"Unboxing the UP300"},` +
	`{"c":"functional","k":3,"u":"https://comments.example.org/embed?forum=up300","q":"#comments","n":"Comments"}` +
	`],"v":"0.1.0"}`

// The committed files are what web/ builds to, so that a clone runs without a
// build and nobody ships a stale gate.
func TestCommittedFilesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := webbuild.Build(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files["static/gate/gate.js"]) == 0 {
		t.Error("Build made no gate")
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (read error: %v): run `go tool task gen`", name, err)
		}
	}
}

func TestGateKeepsItsBudget(t *testing.T) {
	files, err := webbuild.Build(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	gate := files["static/gate/gate.js"]
	configured := []byte("(function(__OG){" + string(gate) + "})(" + exampleConfig + ");")
	for _, c := range []struct {
		name   string
		body   []byte
		budget int
	}{
		{"gate", gate, gateBudget},
		{"panel's code", files["static/panel/panel.js"], panelBudget},
		{"gate with a configuration of eight tags", configured, configuredBudget},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := brotliSize(t, c.body)
			t.Logf("%d bytes, brotli 11: %d, budget %d", len(c.body), got, c.budget)
			if got > c.budget {
				t.Errorf("got %d bytes of brotli, want at most %d", got, c.budget)
			}
		})
	}
}

// A fault in a source is reported with its place, and nothing is built.
func TestBuildReportsFaults(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "web", "gate")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gate.ts"), []byte("let = ;"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := webbuild.Build(root)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("gate.ts")) {
		t.Errorf("got files %v and error %v, want an error that names gate.ts", files, err)
	}
}

func brotliSize(t *testing.T, body []byte) int {
	t.Helper()
	var z bytes.Buffer
	w := brotli.NewWriterLevel(&z, brotli.BestCompression)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Len()
}
