// Package openid starts a real OpenID provider for tests.
package openid

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// ClientID and Secret are what the provider knows Optgate by.
const (
	ClientID = "optgate"
	Secret   = "a secret of tests"
)

// Subjects of the people that the provider knows. Their names are anna and mara,
// and each one's password is [Password].
const (
	Anna     = "1"
	Mara     = "2"
	Password = "pass"
)

// Provider is a provider that runs in a process of its own.
type Provider struct {
	Issuer string

	t   testing.TB
	cmd *exec.Cmd
}

// build builds the provider, unless it was built from the same sources before. Its
// module is not ours, so it cannot be linked in.
var build = sync.OnceValues(func() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	source := filepath.Join(filepath.Dir(file), "server")
	sum := sha256.New()
	for _, name := range []string{"main.go", "go.mod", "go.sum"} {
		doc, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", err
		}
		sum.Write(doc)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "optgate-openid")
	binary := filepath.Join(dir, runtime.Version()+"-"+hex.EncodeToString(sum.Sum(nil)[:8]))
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// Under a name of its own until it is whole: other tests may build it too.
	own := binary + "-" + strconv.Itoa(os.Getpid())
	cmd := exec.Command("go", "build", "-o", own, ".")
	cmd.Dir, cmd.Stderr = source, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	return binary, os.Rename(own, binary)
})

// Start starts a provider that sends browsers back to the address redirect. It
// ends with the test.
func Start(t testing.TB, redirect string) *Provider {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatalf("openid: build the provider: %v", err)
	}
	p := &Provider{t: t, cmd: exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-redirect", redirect)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("openid: start the provider: %v", err)
	}
	p.Issuer = strings.TrimSpace(line)
	return p
}

// Stop ends the provider, as an outage would.
func (p *Provider) Stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill() // it may be gone
		_ = p.cmd.Wait()         // killed
	}
}

// SetGroups says which groups a person is in.
func (p *Provider) SetGroups(subject string, groups ...string) {
	p.t.Helper()
	resp, err := http.PostForm(p.Issuer+"/groups", url.Values{"subject": {subject}, "groups": {strings.Join(groups, " ")}})
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close() // it has none
}
