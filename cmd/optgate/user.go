package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

// userCommand adds a user of the admin, or sets a user's password.
func userCommand(ctx context.Context, p *program) error {
	how := config.Faults{{Name: "optgate user", Msg: "needs to know what to do, and with whom", Hint: "optgate user add NAME, or optgate user passwd NAME"}}
	if len(p.args) == 0 {
		return how
	}
	action, args := p.args[0], p.args[1:]
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append(slices.Clone(args[1:]), args[0]) // the name may stand before the flags
	}
	c, rest, err := config.Parse("user "+action, storeFlags, args, p.env, p.stdout, nil)
	if err != nil {
		return err
	}
	if len(rest) != 1 || action != "add" && action != "passwd" {
		return how
	}
	name := rest[0]
	if err := optgate.ValidateUserName(name); err != nil {
		return err
	}
	secret, err := askPassword(p)
	if err != nil {
		return err
	}
	if err := password.Check(secret); err != nil {
		return err
	}
	hash, err := password.Hash(secret)
	if err != nil {
		return err
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	if action == "add" {
		err = w.addUser(ctx, name, hash)
	} else {
		err = w.setPassword(ctx, name, hash)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s can sign in at /admin/\n", name)
	return err
}

func (w *world) addUser(ctx context.Context, name, hash string) error {
	err := w.store.CreateUser(ctx, optgate.User{Name: name, Password: hash, Created: time.Now().UTC().Truncate(time.Millisecond)})
	if errors.Is(err, optgate.ErrConflict) {
		return fmt.Errorf("there is a user %s already (hint: optgate user passwd %s sets another password)", name, name)
	}
	return err
}

// setPassword also ends the user's sessions: who sets a password from here may
// have reason to.
func (w *world) setPassword(ctx context.Context, name, hash string) error {
	user, err := w.store.User(ctx, name)
	if errors.Is(err, optgate.ErrNotFound) {
		return fmt.Errorf("there is no user %s (hint: optgate user add %s)", name, name)
	} else if err != nil {
		return err
	}
	user.Password = hash
	user.Epoch++
	return w.store.UpdateUser(ctx, user)
}

// askPassword takes the password from OPTGATE_PASSWORD, from the file that
// OPTGATE_PASSWORD_FILE names, from the terminal without showing it, or from
// the first line of the standard input. There is no flag for it: flags are seen
// in the list of processes.
func askPassword(p *program) (string, error) {
	if secret := p.env("OPTGATE_PASSWORD"); secret != "" {
		return secret, nil
	}
	if file := p.env("OPTGATE_PASSWORD_FILE"); file != "" {
		return config.ReadSecret(file)
	}
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(p.stderr, "Password: ")
		secret, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.stderr)
		return string(secret), err
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if line == "" && err != nil {
		return "", errors.New("no password (hint: type it, pipe it in, or set OPTGATE_PASSWORD_FILE)")
	}
	return strings.TrimRight(line, "\r\n"), nil
}
