// Package redistest starts real Redis servers for tests. A test that needs one
// fails where there is none: it is never left out unseen.
package redistest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// startTimeout is how long a server may take to answer its first PING.
const startTimeout = 10 * time.Second

// Server is a redis-server on a port of its own, with its files in a directory
// that goes with the test.
type Server struct {
	t    testing.TB
	dir  string
	conf []string // what stands before all other arguments; nil: a server's own
	args []string

	mu   sync.Mutex
	port int
	cmd  *exec.Cmd
	log  *bytes.Buffer
	gone chan struct{} // closed when cmd has ended
}

// Start starts a server with further command line arguments, for example
// "--appendonly", "yes", waits until it answers and ends it with the test.
// Without arguments it keeps nothing on disk.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("redistest: redis-server is not installed: run `go tool task setup`, or apt-get install redis-server")
	}
	s := &Server{t: t, dir: t.TempDir(), args: args}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// start finds a port, starts the server on it and ends it with the test.
func (s *Server) start() error {
	s.t.Cleanup(s.Kill)
	// Between finding a free port and taking it, another process may take it.
	for range 5 {
		s.mu.Lock()
		s.port = FreePort(s.t)
		s.mu.Unlock()
		err := s.run()
		if err == nil {
			return nil
		} else if !strings.Contains(s.output(), "Address already in use") {
			return fmt.Errorf("redistest: start redis-server: %w\n%s", err, s.output())
		}
	}
	return errors.New("redistest: found no free port in five tries")
}

// startAll starts servers at the same time.
func startAll(t testing.TB, servers []*Server) {
	t.Helper()
	errs := make([]error, len(servers))
	var starting sync.WaitGroup
	for i, s := range servers {
		starting.Go(func() { errs[i] = s.start() })
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// Addr returns host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the server's address as a redis:// URL.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Kill ends the server by SIGKILL and waits until it is gone. Killing it twice
// does nothing.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Logf("redistest: kill redis-server: %v", err)
	}
	<-s.gone
	s.cmd = nil
}

// signal sends a signal to a server that runs.
func (s *Server) signal(sig os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return errors.New("the server does not run")
	}
	return s.cmd.Process.Signal(sig)
}

// Restart starts the server again, on the same port and files, and waits until
// it answers. It kills it first if it runs. It may be called from any goroutine;
// its error is the test's to judge.
func (s *Server) Restart() error {
	s.Kill()
	if err := s.run(); err != nil {
		return fmt.Errorf("redistest: restart redis-server: %w\n%s", err, s.output())
	}
	return nil
}

// run starts the process and waits until it answers.
func (s *Server) run() error {
	s.mu.Lock()
	args := append(slices.Clone(s.conf), "--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir)
	if s.conf == nil {
		args = append(args, "--save", "", "--appendonly", "no")
	}
	args = append(args, s.args...)
	s.log = &bytes.Buffer{}
	s.cmd = exec.Command("redis-server", args...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		s.mu.Unlock()
		return err
	}
	cmd, gone := s.cmd, make(chan struct{})
	s.gone = gone
	s.mu.Unlock()
	go func() {
		cmd.Wait() // the log says more than the exit code
		close(gone)
	}()

	deadline := time.NewTimer(startTimeout)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-gone:
			return errors.New("it ended at once")
		case <-deadline.C:
			return fmt.Errorf("it does not answer within %v", startTimeout)
		case <-tick.C:
			if s.answers() {
				return nil
			}
		}
	}
}

// answers reports whether the server takes commands. One that asks for a
// password does; one that still loads its data does not.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	reply := make([]byte, 64)
	n, err := conn.Read(reply)
	return err == nil && (strings.HasPrefix(string(reply[:n]), "+PONG") || strings.HasPrefix(string(reply[:n]), "-NOAUTH"))
}

// output returns what an ended server wrote.
func (s *Server) output() string {
	s.Kill()
	return s.log.String()
}

// FreePort returns a port that nothing listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: find a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
