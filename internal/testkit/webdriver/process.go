package webdriver

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// process is a program that says where it listens.
type process struct {
	cmd *exec.Cmd
	at  string // what it said

	mu     sync.Mutex
	output strings.Builder
}

// start runs a program, which setting may name another for. Unless says is nil,
// it waits until the program has printed something of that form, and keeps what
// is in its parentheses.
func start(ctx context.Context, setting, program string, says *regexp.Regexp, env []string, args ...string) (*process, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv(setting), program))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...) // it may outlive the first test
	cmd.Env = append(os.Environ(), env...)
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	_ = in.Close() // the program has its own
	if err != nil {
		_ = out.Close() // nothing comes
		return nil, err
	}
	p := &process{cmd: cmd}
	said := make(chan string, 1)
	if says == nil {
		said <- ""
	}
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			p.print(lines.Text())
			if says == nil {
				continue
			}
			if m := says.FindStringSubmatch(lines.Text()); m != nil {
				said <- m[1]
				says = nil
			}
		}
		_ = out.Close() // it was read to its end
	}()
	select {
	case p.at = <-said:
		return p, nil
	case <-ctx.Done():
		p.stop()
		return nil, fmt.Errorf("%s does not say that it is ready: %w; it printed %q", program, ctx.Err(), p.printed())
	}
}

func (p *process) print(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.output.WriteString(line + "\n")
}

// printed returns all that the program printed so far.
func (p *process) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill() // fails only if it has ended
	_ = p.cmd.Wait()         // it is killed, never asked how it went
}

// shared is a process that the tests of a package share.
type shared struct {
	mu      sync.Mutex
	process *process
	more    func() // what else to do in the end
}

// get returns the process, which launch starts if there is none.
func (s *shared) get(launch func() (*process, error)) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return s.process, nil
	}
	p, err := launch()
	if err == nil {
		s.process = p
	}
	return p, err
}

func (s *shared) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.stop()
		s.process = nil
	}
	if s.more != nil {
		s.more()
		s.more = nil
	}
}
