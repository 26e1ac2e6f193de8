package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

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
	if err := s.createUser(ctx, u); err != nil {
		return fmt.Errorf("redisstore: create user %s: %w", u.Name, err)
	}
	return nil
}

func (s *Store) createUser(ctx context.Context, u optgate.User) error {
	doc, err := encodeUser(u)
	if err != nil {
		return err
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	isNew, err := write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.BoolCmd {
		return c.HSetNX(ctx, usersKey, u.Name, doc)
	}).Result()
	if err != nil || isNew {
		return err
	}
	there, err := s.rdb.HGet(ctx, usersKey, u.Name).Result()
	return swapped(there == string(doc), err)
}

// UpdateUser implements [optgate.UserStore].
func (s *Store) UpdateUser(ctx context.Context, u optgate.User) error {
	read := u.Version
	u.Version++
	doc, err := encodeUser(u)
	if err == nil {
		err = s.updateUser(ctx, u.Name, doc, read)
	}
	if err != nil {
		return fmt.Errorf("redisstore: update user %s: %w", u.Name, err)
	}
	return nil
}

func (s *Store) updateUser(ctx context.Context, name string, doc []byte, read int) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	outcome, err := s.runWrite(ctx, updateUserScript, []string{usersKey}, name, doc, read).Text()
	switch {
	case err != nil:
		return err
	case outcome == "missing":
		return optgate.ErrNotFound
	case outcome == "changed":
		return optgate.ErrConflict
	case outcome == "last":
		return optgate.ErrLastOwner
	}
	return nil
}

// DeleteUser implements [optgate.UserStore].
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	outcome, err := s.runWrite(ctx, deleteUserScript, []string{usersKey}, name).Text()
	switch {
	case err != nil:
	case outcome == "missing":
		err = optgate.ErrNotFound
	case outcome == "last":
		err = optgate.ErrLastOwner
	}
	if err != nil {
		return fmt.Errorf("redisstore: delete user %s: %w", name, err)
	}
	return nil
}

// User implements [optgate.UserStore].
func (s *Store) User(ctx context.Context, name string) (optgate.User, error) {
	u, err := readDoc[optgate.User](ctx, s, usersKey, name)
	if err != nil {
		return optgate.User{}, fmt.Errorf("redisstore: user %s: %w", name, err)
	}
	return u, nil
}

// Users implements [optgate.UserStore].
func (s *Store) Users(ctx context.Context) ([]optgate.User, error) {
	all, err := readDocs[optgate.User](ctx, s, usersKey)
	if err != nil {
		return nil, fmt.Errorf("redisstore: users: %w", err)
	}
	return all, nil
}

// PutToken implements [optgate.UserStore]. Tokens have no expiry in Redis:
// whether one has expired is judged by the time that its taker gives.
func (s *Store) PutToken(ctx context.Context, t optgate.Token) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	err := write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.IntCmd {
		return c.ZAdd(ctx, tokensKey, redis.Z{Score: float64(t.Expires.UnixMilli()), Member: t.Hash})
	}).Err()
	if err != nil {
		return fmt.Errorf("redisstore: put token: %w", err)
	}
	return nil
}

// TakeToken implements [optgate.UserStore]. It also drops tokens that expired.
func (s *Store) TakeToken(ctx context.Context, hash string, now time.Time) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	// It waits for no replicas: who is told that it failed cannot repeat it.
	if err := found(done(s.run(ctx, takeTokenScript, []string{tokensKey}, hash, now.UnixMilli()))); err != nil {
		return fmt.Errorf("redisstore: take token: %w", err)
	}
	return nil
}

// HasToken implements [optgate.UserStore].
func (s *Store) HasToken(ctx context.Context, hash string, now time.Time) error {
	expires, err := s.rdb.ZScore(ctx, tokensKey, hash).Result()
	if err == nil && int64(expires) <= now.UnixMilli() {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("redisstore: has token: %w", notFound(err))
	}
	return nil
}

// Guess implements [optgate.GuessStore]. It waits for no replicas: a guess that is
// forgotten in a failover costs nothing but one more guess.
func (s *Store) Guess(ctx context.Context, key string, limit optgate.GuessLimit, now time.Time) (time.Duration, error) {
	s.writing.RLock()
	defer s.writing.RUnlock()
	wait, err := s.run(ctx, guessScript, []string{guessesKey + key}, now.UnixMilli(), limit.Every.Milliseconds(), limit.Burst).Int64()
	if err != nil {
		return 0, fmt.Errorf("redisstore: guess: %w", err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// found says [optgate.ErrNotFound] for a script's false.
func found(yes bool, err error) error {
	if err == nil && !yes {
		return optgate.ErrNotFound
	}
	return err
}
