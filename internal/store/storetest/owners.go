package storetest

import (
	"errors"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// testLastOwner takes roles and users away until nobody else is an owner.
func testLastOwner(t *testing.T, b Backend) {
	s := b.open(t)
	named := func(name string, role optgate.Role) optgate.User {
		return optgate.User{Name: name, Role: role, Created: start}
	}
	external := func(name string, role optgate.Role) optgate.User {
		u := named(name, role)
		u.External = &optgate.External{Issuer: "https://idp.example", Subject: name}
		return u
	}
	for _, u := range []optgate.User{named("anna", optgate.Owner), named("bert", ""), external("cleo", optgate.Owner), named("dora", optgate.Viewer)} {
		if err := s.CreateUser(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	change := func(u optgate.User, version int) error {
		u.Version = version
		return s.UpdateUser(t.Context(), u)
	}
	for i, c := range []struct {
		what string
		do   func() error
		want error
	}{
		{"one of three owners changes", func() error { return change(named("anna", optgate.Editor), 0) }, nil},
		{"one of two is removed", func() error { return s.DeleteUser(t.Context(), "cleo") }, nil},
		{"the last one is removed", func() error { return s.DeleteUser(t.Context(), "bert") }, optgate.ErrLastOwner},
		{"the last one changes", func() error { return change(named("bert", optgate.Viewer), 0) }, optgate.ErrLastOwner},
		{"to a role of which nothing is known", func() error { return change(named("bert", "king"), 0) }, optgate.ErrLastOwner},
		{"something else of the last one", func() error { return change(named("bert", optgate.Owner), 0) }, nil},
		{"an earlier version of the last one", func() error { return change(named("bert", optgate.Viewer), 0) }, optgate.ErrConflict},
		{"nobody is removed", func() error { return s.DeleteUser(t.Context(), "nobody") }, optgate.ErrNotFound},
		{"others still go", func() error { return s.DeleteUser(t.Context(), "dora") }, nil},
		{"another owner", func() error { return change(named("anna", optgate.Owner), 1) }, nil},
		{"now the former one goes", func() error { return s.DeleteUser(t.Context(), "bert") }, nil},
		{"whom a provider makes a viewer", func() error { return change(external("anna", optgate.Viewer), 2) }, nil},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%d, %s: %v, want %v", i, c.what, err, c.want)
		}
	}
}

// testTwoLastOwners lets two owners go at each other by two processes at once.
func testTwoLastOwners(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	names := []string{"anna", "bert"}
	for round := range 10 {
		for _, name := range names {
			makeOwner(t, stores[0], name)
		}
		refused := 0
		for _, err := range concurrently(2, func(i int) error {
			if round%2 == 0 {
				return stores[i].DeleteUser(t.Context(), names[1-i])
			}
			other, err := stores[i].User(t.Context(), names[1-i])
			if err != nil {
				return err
			}
			other.Role = optgate.Viewer
			return stores[i].UpdateUser(t.Context(), other)
		}) {
			if errors.Is(err, optgate.ErrLastOwner) {
				refused++
			} else if err != nil {
				t.Errorf("round %d: %v, want ErrLastOwner", round, err)
			}
		}
		if refused != 1 {
			t.Errorf("round %d: %d of two were refused, want 1", round, refused)
		}
	}
}

// makeOwner makes the user of that name, or an owner of her.
func makeOwner(t *testing.T, s optgate.Store, name string) {
	t.Helper()
	u, err := s.User(t.Context(), name)
	if errors.Is(err, optgate.ErrNotFound) {
		err = s.CreateUser(t.Context(), optgate.User{Name: name, Role: optgate.Owner, Created: start})
	} else if err == nil && u.Role != optgate.Owner {
		u.Role = optgate.Owner
		err = s.UpdateUser(t.Context(), u)
	}
	if err != nil {
		t.Fatal(err)
	}
}
