package webbuild_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/webbuild"
)

// The committed table is what our words and the pinned list make.
func TestTrackersAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := webbuild.Trackers(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(webbuild.TableFile)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run `go run ./cmd/webbuild trackers`", webbuild.TableFile)
	}
}

// Our words go before the list's, the list's commonest follow, and what it calls
// by other names than ours stays out.
func TestTrackers(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		webbuild.VendorsFile:                            "# Ours.\nmarketing\nours.example host.example/ads\nnone\nrefused.example\nessential\npay.example\n",
		"web/package.json":                              `{"devDependencies": {"third-party-web": "1.2.3"}}`,
		"web/node_modules/third-party-web/package.json": `{"version": "1.2.3"}`,
		"web/node_modules/third-party-web/dist/entities.json": `[
			{"category": "ad", "domains": ["*.rare.example", "*.never-seen.example"], "totalOccurrences": 1},
			{"category": "analytics", "domains": ["*.second.example", "first.example"], "totalOccurrences": 9},
			{"category": "analytics", "domains": ["*.www.ours.example"], "totalOccurrences": 9},
			{"category": "social", "domains": ["*.host.example"], "totalOccurrences": 9},
			{"category": "video", "domains": ["*.refused.example"], "totalOccurrences": 9},
			{"category": "utility", "domains": ["*.tool.example"], "totalOccurrences": 9},
			{"category": "cdn", "domains": ["*.code.example"]}]`,
		"web/node_modules/third-party-web/dist/domain-map.csv": "a.first.example,first.example,analytics\nb.second.example,*.second.example,analytics\n" +
			"c.rare.example,*.rare.example,ad\nd.tool.example,*.tool.example,utility\ne.code.example,*.code.example,cdn\n" +
			"f.ours.example,*.www.ours.example,analytics\ng.host.example,*.host.example,social\nh.refused.example,*.refused.example,video\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := webbuild.Trackers(root)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(got), "\n")
	want := "\nessential\ncode.example\npay.example\n\nfunctional\n\nanalytics\nfirst.example\n\nmarketing\nhost.example/ads\nours.example\nrare.example\n"
	if body != want {
		t.Errorf("got %q, want %q", body, want)
	}

	pin := filepath.Join(root, "web", "package.json")
	if err := os.WriteFile(pin, []byte(`{"devDependencies": {"third-party-web": "1.2.4"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := webbuild.Trackers(root); err == nil || !strings.Contains(err.Error(), "1.2.4") {
		t.Errorf("got %v of another version than the pinned one, want an error that names it", err)
	}
}
