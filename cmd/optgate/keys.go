package main

import (
	"context"
	"fmt"

	"github.com/optgate/optgate/internal/config"
)

// keysCommand rotates the keys of cookies and receipts.
func keysCommand(ctx context.Context, p *program) error {
	c, rest, err := config.Parse("keys", storeFlags, behindVerb(p.args), p.env, p.stdout, nil)
	if err != nil {
		return err
	}
	if len(rest) > 0 || len(p.args) == 0 || p.args[0] != "rotate" {
		return config.Faults{{Name: "optgate keys", Msg: "needs to know what to do", Hint: "optgate keys rotate"}}
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.keys.Rotate(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, "New keys are in use; running servers follow within a minute. What the old ones signed stays valid.")
	return err
}

// behindVerb returns what stands behind a command's own first word.
func behindVerb(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	return args[1:]
}
