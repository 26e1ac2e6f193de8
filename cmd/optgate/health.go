package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/optgate/optgate/internal/config"
)

// healthCommand asks the server on this machine whether it can record: for
// containers, which have no curl.
func healthCommand(ctx context.Context, p *program) error {
	c, rest, err := config.Parse("health", []string{"addr"}, p.args, p.env, p.stdout, nil)
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	addr, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, localURL(addr)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%w (hint: is the server up, and is --addr the same as its own?)", err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s %s", answer.Status, body)
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", body)
	return err
}
