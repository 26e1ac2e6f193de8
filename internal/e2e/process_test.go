package e2e_test

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// program builds optgate and returns its path.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "optgate")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/optgate/optgate/cmd/optgate").CombinedOutput()
	if err != nil {
		t.Fatalf("build optgate: %v\n%s", err, out)
	}
	return path
}

// process is a running "optgate demo".
type process struct {
	cmd  *exec.Cmd
	out  *bytes.Buffer
	url  string
	done chan struct{} // closed when the process has ended
}

// startDemo starts the program's demo on addr and waits until it is ready.
func startDemo(t *testing.T, path, addr string, args ...string) *process {
	t.Helper()
	p := &process{out: new(bytes.Buffer), url: "http://" + addr, done: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), path, append([]string{"demo", "--addr", addr}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	must(t, "start optgate", p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // it is killed, never asked how it went
		close(p.done)
	}()
	t.Cleanup(p.kill)
	eventually(t, "optgate is ready", func() bool {
		r, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close() // only the status counts
		return r.StatusCode == http.StatusOK
	})
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it has ended
	<-p.done
}

// setupLink returns the link that the process printed. Call it after kill.
func (p *process) setupLink(t *testing.T) string {
	t.Helper()
	link := regexp.MustCompile(`http://\S+/admin/setup/\S+`).FindString(p.out.String())
	if link == "" {
		t.Fatalf("there is no set-up link in:\n%s", p.out)
	}
	return link
}

// freeAddr returns an address of this machine on which nothing listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l := listen(t)
	must(t, "close a port", l.Close())
	return l.Addr().String()
}
