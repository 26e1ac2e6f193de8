// Package openid starts a real OpenID provider for tests.
package openid

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

// build builds the provider once for a test binary. Its module is not ours, so it
// cannot be linked in.
var build = sync.OnceValues(func() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	dir, err := os.MkdirTemp("", "optgate-openid-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "server")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir, cmd.Stderr = filepath.Join(filepath.Dir(file), "server"), os.Stderr
	return binary, cmd.Run()
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
