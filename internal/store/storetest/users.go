package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var userTests = map[string]func(*testing.T, Backend){
	"Users":           testUsers,
	"UsersManyAtOnce": testUsersManyAtOnce,
	"LastOwner":       testLastOwner,
	"TwoLastOwners":   testTwoLastOwners,
	"Guesses":         testGuesses,
	"GuessesAtOnce":   testGuessesAtOnce,
	"Tokens":          testTokens,
	"TokensTakenOnce": testTokensTakenOnce,
	"Keys":            testKeys,
	"KeysManyAtOnce":  testKeysManyAtOnce,
}

func testUsers(t *testing.T, b Backend) {
	s := b.open(t)
	if got, err := s.Users(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("Users of nothing = %v, %v; want none", got, err)
	}
	zoe := optgate.User{Name: "zoe", Password: "$argon2id$z", Role: optgate.Editor, Created: start}
	anna := optgate.User{Name: "änna@example.com", Password: "$argon2id$a", Role: optgate.Viewer, Created: start, Sessions: []optgate.Session{{ID: "s", Since: start}}}
	if err := s.UpdateUser(t.Context(), zoe); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("UpdateUser of nobody = %v, want ErrNotFound", err)
	}
	for _, u := range []optgate.User{zoe, anna, anna} {
		if err := s.CreateUser(t.Context(), u); err != nil {
			t.Fatalf("CreateUser(%s) = %v", u.Name, err)
		}
	}
	taken := zoe
	taken.Password = "$argon2id$other"
	if err := s.CreateUser(t.Context(), taken); !errors.Is(err, optgate.ErrConflict) {
		t.Errorf("CreateUser with a name that is taken = %v, want ErrConflict", err)
	}
	for version := range 2 {
		zoe.Role, zoe.Password, zoe.Version = optgate.Editor, fmt.Sprint("$argon2id$new", version), version
		if err := s.UpdateUser(t.Context(), zoe); err != nil {
			t.Errorf("UpdateUser of version %d = %v", version, err)
		}
	}
	stale := zoe
	stale.Password, stale.Version = "$argon2id$stale", 0
	if err := s.UpdateUser(t.Context(), stale); !errors.Is(err, optgate.ErrConflict) {
		t.Errorf("UpdateUser of a version that is gone = %v, want ErrConflict", err)
	}
	zoe.Version = 2
	other := b.open(t)
	if got, err := other.User(t.Context(), "zoe"); err != nil || !reflect.DeepEqual(got, zoe) {
		t.Errorf("User = %+v, %v; want %+v", got, err, zoe)
	}
	for _, name := range []string{"", "ZOE", "nobody"} {
		if _, err := other.User(t.Context(), name); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("User(%q) = %v, want ErrNotFound", name, err)
		}
	}
	if got, err := other.Users(t.Context()); err != nil || !reflect.DeepEqual(got, []optgate.User{zoe, anna}) {
		t.Errorf("Users = %+v, %v; want %+v", got, err, []optgate.User{zoe, anna})
	}
	if err := other.DeleteUser(t.Context(), "zoe"); err != nil {
		t.Errorf("DeleteUser = %v", err)
	}
	for name, do := range map[string]func() error{
		"DeleteUser": func() error { return s.DeleteUser(t.Context(), "zoe") },
		"UpdateUser": func() error { return s.UpdateUser(t.Context(), zoe) },
	} {
		if err := do(); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("%s of a user who was deleted = %v, want ErrNotFound", name, err)
		}
	}
}

func testUsersManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	created := 0
	for i, err := range concurrently(16, func(i int) error {
		return stores[i%2].CreateUser(t.Context(), optgate.User{Name: "anna", Password: fmt.Sprint(i), Created: start})
	}) {
		switch {
		case err == nil:
			created++
			if u, err := stores[0].User(t.Context(), "anna"); err != nil || u.Password != fmt.Sprint(i) {
				t.Errorf("User = %+v, %v; want the one whose creator was told so, %d", u, err, i)
			}
		case !errors.Is(err, optgate.ErrConflict):
			t.Errorf("CreateUser = %v, want ErrConflict", err)
		}
	}
	if created != 1 {
		t.Errorf("%d creators won, want 1", created)
	}
}

func testTokens(t *testing.T, b Backend) {
	s := b.open(t)
	expires := start.Add(time.Hour)
	for _, hash := range []string{"a", "b", "c"} {
		if err := s.PutToken(t.Context(), optgate.Token{Hash: hash, Expires: expires}); err != nil {
			t.Fatalf("PutToken: %v", err)
		}
	}
	ms := time.Millisecond
	for i, c := range []struct {
		take bool
		hash string
		now  time.Time
		want error
	}{
		{false, "a", start, nil},
		{false, "a", expires.Add(-ms), nil},
		{false, "a", expires, optgate.ErrNotFound},
		{false, "unknown", start, optgate.ErrNotFound},
		{true, "unknown", start, optgate.ErrNotFound},
		{true, "a", expires.Add(-ms), nil},
		{true, "a", start, optgate.ErrNotFound},
		{false, "a", start, optgate.ErrNotFound},
		{false, "b", start, nil},
		{true, "b", expires, optgate.ErrNotFound},
		{true, "c", expires.Add(ms), optgate.ErrNotFound},
	} {
		do, name := s.HasToken, "HasToken"
		if c.take {
			do, name = s.TakeToken, "TakeToken"
		}
		if err := do(t.Context(), c.hash, c.now); !errors.Is(err, c.want) {
			t.Errorf("%d: %s(%q, %v) = %v, want %v", i, name, c.hash, c.now, err, c.want)
		}
	}
	// A repeated put moves the end.
	for _, end := range []time.Time{start.Add(ms), start.Add(time.Hour)} {
		if err := s.PutToken(t.Context(), optgate.Token{Hash: "d", Expires: end}); err != nil {
			t.Fatalf("PutToken: %v", err)
		}
	}
	if err := s.TakeToken(t.Context(), "d", start.Add(time.Minute)); err != nil {
		t.Errorf("TakeToken after a second put = %v", err)
	}
}

func testTokensTakenOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	for round := range 5 {
		hash := fmt.Sprint("token", round)
		if err := stores[0].PutToken(t.Context(), optgate.Token{Hash: hash, Expires: start.Add(time.Hour)}); err != nil {
			t.Fatalf("PutToken: %v", err)
		}
		taken := 0
		for _, err := range concurrently(16, func(i int) error { return stores[i%2].TakeToken(t.Context(), hash, start) }) {
			switch {
			case err == nil:
				taken++
			case !errors.Is(err, optgate.ErrNotFound):
				t.Errorf("TakeToken = %v, want ErrNotFound", err)
			}
		}
		if taken != 1 {
			t.Errorf("%d callers took the token, want 1", taken)
		}
	}
}

func testKeys(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	if _, err := s.Keys(t.Context()); !errors.Is(err, optgate.ErrNotFound) {
		t.Fatalf("Keys of nothing = %v, want ErrNotFound", err)
	}
	one, two, three := []byte(`{"keys":[1]}`), []byte("{\"keys\":[2]}\x00\xff"), []byte(`{"keys":[3]}`)
	for i, c := range []struct {
		old, ring []byte
		want      error
		holds     []byte
	}{
		{one, two, optgate.ErrConflict, nil},
		{nil, one, nil, one},
		{nil, one, nil, one}, // repeated, as after a lost answer
		{nil, two, optgate.ErrConflict, one},
		{two, three, optgate.ErrConflict, one},
		{one, two, nil, two},
		{one, three, optgate.ErrConflict, two},
	} {
		if err := s.SwapKeys(t.Context(), c.old, c.ring); !errors.Is(err, c.want) {
			t.Errorf("%d: SwapKeys = %v, want %v", i, err, c.want)
		}
		if c.holds == nil {
			continue
		}
		if got, err := other.Keys(t.Context()); err != nil || !reflect.DeepEqual(got, c.holds) {
			t.Errorf("%d: Keys = %q, %v; want %q", i, got, err, c.holds)
		}
	}
}

func testKeysManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	var winner []byte
	for i, err := range concurrently(16, func(i int) error {
		return stores[i%2].SwapKeys(t.Context(), nil, fmt.Append(nil, "ring ", i))
	}) {
		switch {
		case err == nil && winner != nil:
			t.Error("two rings won")
		case err == nil:
			winner = fmt.Append(nil, "ring ", i)
		case !errors.Is(err, optgate.ErrConflict):
			t.Errorf("SwapKeys = %v, want ErrConflict", err)
		}
	}
	for _, s := range stores {
		if got, err := s.Keys(t.Context()); err != nil || !reflect.DeepEqual(got, winner) {
			t.Errorf("Keys = %q, %v; want the winner's, %q", got, err, winner)
		}
	}
}
