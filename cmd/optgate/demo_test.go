package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// get returns the status and the body of an address.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// The demo runs the main job with nothing installed, and its data survives.
func TestDemo(t *testing.T) {
	data, addr := t.TempDir(), freeAddr(t)
	p := start(t, addr, "demo", "--addr", addr, "--data", data)
	for path, want := range map[string]string{
		"/":                           "Tiertime",
		"/demo/tiertime/":             `<script src="/s/tiertime/gate.js">`,
		"/demo/tiertime/de/":          `lang="de"`,
		"/demo/tiertime/ar/":          `dir="rtl"`,
		"/demo/cetus3d/store":         `<script src="/s/cetus3d/gate.js">`,
		"/s/tiertime/gate.js":         `"s":"tiertime","r":1`,
		"/s/cetus3d/panel?lang=en":    `id="og-panel"`,
		"/s/tiertime/declaration":     "Beijing Tiertime Technology",
		"/s/tiertime/preferences":     "<form",
		"/admin/":                     "link",
		"/.well-known/jwks.json":      "OKP",
		"/s/tiertime/choices":         `{"records":[]}`,
		"/s/cetus3d/declaration.json": `"site":"cetus3d"`,
	} {
		if status, body := get(t, p.url+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: got %d, which lacks %s", path, status, want)
		}
	}
	p.end(syscall.SIGTERM)
	printed := p.out.String()
	third := regexp.MustCompile(`What trackers received +(http://\S+)`).FindStringSubmatch(printed)
	link := regexp.MustCompile(`http://\S+/admin/setup/\S+`).FindString(printed)
	if third == nil || link == "" || !strings.Contains(printed, "http://localhost:") {
		t.Fatalf("the demo does not say where to look:\n%s", printed)
	}

	p = start(t, addr, "demo", "--addr", addr, "--data", data)
	if _, body := get(t, p.url+"/s/tiertime/gate.js"); !strings.Contains(body, `"r":1`) {
		t.Error("a restart published the same again")
	}
	path := link[strings.Index(link, "/admin/"):]
	if status, body := get(t, p.url+path); status != http.StatusOK || !strings.Contains(body, `type="password"`) {
		t.Errorf("the link of the first run: got %d after the restart", status)
	}
}
