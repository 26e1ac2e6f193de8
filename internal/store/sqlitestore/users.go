package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// encodeUser returns the document of a user as it is stored.
func encodeUser(u optgate.User) ([]byte, error) {
	u.Created = u.Created.UTC().Truncate(time.Millisecond)
	return json.Marshal(u)
}

// CreateUser implements [optgate.UserStore]. Creating the very same user again
// succeeds, so that an uncertain outcome can be repeated.
func (s *Store) CreateUser(ctx context.Context, u optgate.User) error {
	doc, err := encodeUser(u)
	if err != nil {
		return fmt.Errorf("sqlitestore: create user %s: %w", u.Name, err)
	}
	err = s.submit(ctx, func(b *batch) error {
		added, err := b.change(b.w.addUser, u.Name, doc)
		if err != nil || added == 1 {
			return err
		}
		var there []byte
		if err := b.get(b.w.findUser, []any{u.Name}, &there); err != nil {
			return err
		}
		if !bytes.Equal(there, doc) {
			return optgate.ErrConflict
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: create user %s: %w", u.Name, err)
	}
	return nil
}

// UpdateUser implements [optgate.UserStore].
func (s *Store) UpdateUser(ctx context.Context, u optgate.User) error {
	read := u.Version
	u.Version++
	doc, err := encodeUser(u)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error { return b.updateUser(u, doc, read) })
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: update user %s: %w", u.Name, err)
	}
	return nil
}

// updateUser makes doc the document of u if the version that was read is still
// there.
func (b *batch) updateUser(u optgate.User, doc []byte, read int) error {
	var there []byte
	err := b.get(b.w.findUser, []any{u.Name}, &there)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return optgate.ErrNotFound
	case err != nil || bytes.Equal(there, doc):
		return err
	}
	var before optgate.User
	if err := json.Unmarshal(there, &before); err != nil {
		return err
	}
	if before.Version != read {
		return optgate.ErrConflict
	}
	if u.Role.OrOwner() != optgate.Owner && u.External == nil {
		if err := b.checkOtherOwner(u.Name); err != nil {
			return err
		}
	}
	return b.exec(b.w.updateUser, doc, u.Name)
}

// checkOtherOwner returns [optgate.ErrLastOwner] if that user is an owner and
// nobody else is.
func (b *batch) checkOtherOwner(name string) error {
	var last bool
	const owners = "SELECT name FROM users WHERE coalesce(json_extract(CAST(doc AS TEXT), '$.role'), 'owner') = 'owner'"
	err := b.w.conn.QueryRowContext(context.Background(), "SELECT ? IN ("+owners+") AND (SELECT count(*) FROM ("+owners+")) = 1", name).Scan(&last)
	if err != nil {
		return b.fail(err)
	}
	if last {
		return optgate.ErrLastOwner
	}
	return nil
}

// DeleteUser implements [optgate.UserStore].
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	err := s.submit(ctx, func(b *batch) error {
		if err := b.checkOtherOwner(name); err != nil {
			return err
		}
		return oneRow(b.change(b.w.deleteUser, name))
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: delete user %s: %w", name, err)
	}
	return nil
}

// User implements [optgate.UserStore].
func (s *Store) User(ctx context.Context, name string) (optgate.User, error) {
	u, err := queryDoc[optgate.User](ctx, s.reads.user, name)
	if err != nil {
		return optgate.User{}, fmt.Errorf("sqlitestore: user %s: %w", name, err)
	}
	return u, nil
}

// Users implements [optgate.UserStore].
func (s *Store) Users(ctx context.Context) ([]optgate.User, error) {
	all, err := queryDocs[optgate.User](ctx, s.reads.users)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: users: %w", err)
	}
	return all, nil
}

// PutToken implements [optgate.UserStore].
func (s *Store) PutToken(ctx context.Context, t optgate.Token) error {
	err := s.submit(ctx, func(b *batch) error {
		return b.exec(b.w.putToken, t.Hash, t.Expires.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: put token: %w", err)
	}
	return nil
}

// TakeToken implements [optgate.UserStore]. It also drops tokens that expired.
func (s *Store) TakeToken(ctx context.Context, hash string, now time.Time) error {
	err := s.submit(ctx, func(b *batch) error {
		if err := oneRow(b.change(b.w.takeToken, hash, now.UnixMilli())); err != nil {
			return err
		}
		return b.exec(b.w.dropTokens, now.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: take token: %w", err)
	}
	return nil
}

// HasToken implements [optgate.UserStore].
func (s *Store) HasToken(ctx context.Context, hash string, now time.Time) error {
	var one int
	err := s.reads.token.QueryRowContext(ctx, hash, now.UnixMilli()).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: has token: %w", err)
	}
	return nil
}

// Guess implements [optgate.GuessStore]. What is kept of a key is when all its
// guesses will have come back; a clock that was set back makes nobody wait for
// longer than that takes.
func (s *Store) Guess(ctx context.Context, key string, limit optgate.GuessLimit, now time.Time) (wait time.Duration, err error) {
	err = s.submit(ctx, func(b *batch) error {
		if err := b.rare("DELETE FROM guesses WHERE back <= ?", now.UnixMilli()); err != nil {
			return err
		}
		var kept int64
		err := b.w.conn.QueryRowContext(context.Background(), "SELECT back FROM guesses WHERE key = ?", key).Scan(&kept)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return b.fail(err)
		}
		every, all := limit.Every.Milliseconds(), limit.Every.Milliseconds()*int64(limit.Burst)
		back := min(max(kept, now.UnixMilli()), now.UnixMilli()+all)
		if wait = time.Duration(back+every-all-now.UnixMilli()) * time.Millisecond; wait > 0 {
			return nil
		}
		wait = 0
		return b.rare("INSERT OR REPLACE INTO guesses (key, back) VALUES (?, ?)", key, back+every)
	})
	if err != nil {
		return 0, fmt.Errorf("sqlitestore: guess: %w", err)
	}
	return wait, nil
}

// oneRow returns [optgate.ErrNotFound] if no row was changed.
func oneRow(changed int64, err error) error {
	if err == nil && changed == 0 {
		return optgate.ErrNotFound
	}
	return err
}
