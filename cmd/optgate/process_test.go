package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a running optgate.
type process struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{} // closed when the process has ended
	err  error         // of the end; read it only after done
	out  *bytes.Buffer // likewise
}

// freeAddr returns a loopback address on which nothing listens.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// asProgram returns the program, ready to be run with args.
func asProgram(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asOptgate+"=1")
	return cmd
}

// runOptgate runs a command to its end and returns what it printed.
func runOptgate(t testing.TB, args ...string) []byte {
	t.Helper()
	cmd := asProgram(t.Context(), args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("optgate %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out
}

// startServer starts "optgate serve" and waits until it is ready.
func startServer(t testing.TB, addr string, args ...string) *process {
	t.Helper()
	return start(t, addr, append([]string{"serve", "--addr", addr}, args...)...)
}

// start starts a command that serves on addr and waits until it is ready.
func start(t testing.TB, addr string, args ...string) *process {
	t.Helper()
	p := &process{
		cmd: asProgram(t.Context(), args...), url: "http://" + addr,
		done: make(chan struct{}), out: new(bytes.Buffer),
	}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	for deadline := time.Now().Add(30 * time.Second); ; {
		if r, err := http.Get(p.url + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case <-p.done:
			t.Fatalf("optgate ended: %v\n%s", p.err, p.out.String())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("optgate was not ready within 30 s")
		}
	}
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	return p
}

// end sends a signal and waits for the end.
func (p *process) end(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // fails only if it has ended
	<-p.done
}

// writeSite writes a site file and returns its path.
func writeSite(t testing.TB) string {
	t.Helper()
	path := t.TempDir() + "/shop.yaml"
	const site = `
site: shop
name: Shop
origins: [https://shop.example]
languages: [en]
controller: {name: Shop Ltd.}
categories: [{id: essential}, {id: functional}, {id: marketing}]
`
	if err := os.WriteFile(path, []byte(site), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// postDecision records a decision and returns the status, or 0 if no answer
// came.
func postDecision(client *http.Client, url, id, visitor string) int {
	body := fmt.Sprintf(`{"id":%q,"visitor":%q,"revision":1,"language":"en","action":"save","source":"banner","choices":{"functional":true,"marketing":false}}`, id, visitor)
	r, err := client.Post(url+"/s/shop/choices", "application/json", strings.NewReader(body))
	if err != nil {
		return 0
	}
	defer func() { _ = r.Body.Close() }()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return 0
	}
	return r.StatusCode
}

// exportedIDs returns how often each record id stands in the export.
func exportedIDs(t *testing.T, args ...string) map[string]int {
	t.Helper()
	out := runOptgate(t, append([]string{"export", "--site", "shop"}, args...)...)
	ids := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var r struct{ ID string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		ids[r.ID]++
	}
	return ids
}
