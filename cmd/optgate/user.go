package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
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

// userCommand manages the users of the admin.
func userCommand(ctx context.Context, p *program) error {
	how := config.Faults{{
		Name: "optgate user", Msg: "needs to know what to do, and with whom",
		Hint: "optgate user add NAME [--role ROLE], passwd NAME [--keep passkeys,tokens,second-step], role NAME --role ROLE, remove-second-step NAME, remove NAME, or list",
	}}
	if len(p.args) == 0 {
		return how
	}
	action, args := p.args[0], p.args[1:]
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append(slices.Clone(args[1:]), args[0]) // the name may stand before the flags
	}
	var role, keep string
	c, rest, err := config.Parse("user "+action, storeFlags, args, p.env, p.stdout, func(f *flag.FlagSet) {
		if action == "add" || action == "role" {
			f.StringVar(&role, "role", "", "owner, editor, viewer or auditor")
		}
		if action == "passwd" {
			f.StringVar(&keep, "keep", "", "what stays beside the password, with commas between: passkeys, tokens, second-step")
		}
	})
	if err != nil {
		return err
	}
	change, known := map[string]func(userChange) error{
		"add": userChange.add, "passwd": userChange.setPassword, "role": userChange.setRole,
		"remove-second-step": userChange.removeSecondStep, "remove": userChange.remove,
	}[action]
	if action == "list" && len(rest) == 0 {
		return listUsers(ctx, p, c)
	}
	if !known || len(rest) != 1 {
		return how
	}
	u := userChange{ctx: ctx, name: rest[0], role: optgate.Owner}
	if keep != "" {
		u.keep = strings.Split(keep, ",")
	}
	for _, what := range u.keep {
		if !slices.Contains(keepable, what) {
			return &optgate.InvalidError{Field: "keep", Msg: "is of " + strings.Join(keepable, ", ") + ", with commas between"}
		}
	}
	if err := optgate.ValidateUserName(u.name); err != nil {
		return err
	}
	if role != "" || action == "role" {
		if u.role, err = optgate.ParseRole(role); err != nil {
			return err
		}
	}
	if action == "add" || action == "passwd" {
		if u.hash, err = askPasswordHash(p); err != nil {
			return err
		}
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	u.store = w.store
	if err := change(u); err != nil {
		return err
	}
	said := map[string]string{
		"add": "%s can sign in at /admin/\n", "passwd": "%s can sign in at /admin/\n", "role": "%s is now " + role + "\n",
		"remove-second-step": "%s can sign in by the password alone\n", "remove": "%s can no longer sign in\n",
	}
	_, err = fmt.Fprintf(p.stdout, said[action], u.name)
	return err
}

// listUsers writes the name and the role of each user.
func listUsers(ctx context.Context, p *program, c *config.Config) error {
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	users, err := w.store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if _, err := fmt.Fprintf(p.stdout, "%s %s\n", u.Name, u.Role.OrOwner()); err != nil {
			return err
		}
	}
	return nil
}

// userChange is one change of one user.
type userChange struct {
	ctx   context.Context
	store optgate.UserStore
	name  string
	role  optgate.Role
	hash  string // of the password
	keep  []string
}

// keepable is what may outlive a password.
var keepable = []string{"passkeys", "tokens", "second-step"}

func (c userChange) add() error {
	err := c.store.CreateUser(c.ctx, optgate.User{
		Name: c.name, Password: c.hash, Role: c.role, Created: time.Now().UTC().Truncate(time.Millisecond),
	})
	if errors.Is(err, optgate.ErrConflict) {
		return fmt.Errorf("there is a user %s already (hint: optgate user passwd %s sets another password)", c.name, c.name)
	}
	return err
}

// setPassword also ends the user's sessions, and what else lets somebody in unless
// it is to be kept: who sets a password from here may have reason to.
func (c userChange) setPassword() error {
	u, err := c.store.User(c.ctx, c.name)
	if err == nil && u.External != nil {
		return fmt.Errorf("%s signs in by single sign-on (hint: optgate user add makes somebody who has a password)", c.name)
	}
	return c.update(func(u *optgate.User) {
		u.Password, u.Sessions = c.hash, nil
		if !slices.Contains(c.keep, "passkeys") {
			u.Passkeys = nil
		}
		if !slices.Contains(c.keep, "tokens") {
			u.Tokens = nil
		}
		if !slices.Contains(c.keep, "second-step") {
			u.Authenticator = nil
		}
	})
}

func (c userChange) setRole() error {
	return c.update(func(u *optgate.User) { u.Role = c.role })
}

// removeSecondStep is for the last owner who lost phone and recovery codes.
func (c userChange) removeSecondStep() error {
	return c.update(func(u *optgate.User) { u.Authenticator = nil })
}

func (c userChange) update(change func(*optgate.User)) error {
	u, err := c.store.User(c.ctx, c.name)
	if errors.Is(err, optgate.ErrNotFound) {
		return c.unknown()
	} else if err != nil {
		return err
	}
	change(&u)
	err = c.store.UpdateUser(c.ctx, u)
	if errors.Is(err, optgate.ErrConflict) {
		return fmt.Errorf("%s was changed at the same time (hint: run this again)", c.name)
	}
	return c.lastOwner(err)
}

func (c userChange) remove() error {
	err := c.store.DeleteUser(c.ctx, c.name)
	if errors.Is(err, optgate.ErrNotFound) {
		return c.unknown()
	}
	return c.lastOwner(err)
}

// lastOwner says in an operator's words that somebody has to be an owner.
func (c userChange) lastOwner(err error) error {
	if errors.Is(err, optgate.ErrLastOwner) {
		return fmt.Errorf("%s is the only owner (hint: optgate user role NAME --role owner makes somebody else one first)", c.name)
	}
	return err
}

func (c userChange) unknown() error {
	return fmt.Errorf("there is no user %s (hint: optgate user add %s)", c.name, c.name)
}

// askPasswordHash asks for a password that is good enough and returns its hash.
func askPasswordHash(p *program) (string, error) {
	secret, err := askPassword(p)
	if err != nil {
		return "", err
	}
	if err := password.Check(secret); err != nil {
		return "", err
	}
	return password.Hash(secret)
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
