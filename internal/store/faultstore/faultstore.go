// Package faultstore makes any store fail, for tests: also in the way that is
// hardest to handle, a write that happened and reported failure.
package faultstore

import (
	"context"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Store is an [optgate.Store] whose operations on records can be made to fail.
type Store struct {
	optgate.Store

	// Fault, if set, runs before each operation, which it is given by its
	// method's name. It returns the error that the caller gets and whether the
	// operation is carried out all the same, as when an answer is lost. Set it
	// only while nobody calls the store.
	Fault func(operation string) (apply bool, err error)
}

// through carries out an operation unless Fault is against it.
func through[T any](s *Store, operation string, do func() (T, error)) (T, error) {
	if s.Fault == nil {
		return do()
	}
	var none T
	apply, fault := s.Fault(operation)
	if !apply {
		return none, fault
	}
	result, err := do()
	if fault != nil {
		return none, fault
	}
	return result, err
}

// appended is what Append returns beside its error.
type appended struct {
	record  optgate.Record
	created bool
}

// Append implements [optgate.Ledger].
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Record, bool, error) {
	a, err := through(s, "Append", func() (appended, error) {
		stored, created, err := s.Store.Append(ctx, r)
		return appended{stored, created}, err
	})
	return a.record, a.created, err
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Record, error) {
	return through(s, "Current", func() (optgate.Record, error) { return s.Store.Current(ctx, site, visitor) })
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Record, error) {
	return through(s, "Records", func() ([]optgate.Record, error) { return s.Store.Records(ctx, site, visitor) })
}

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, site optgate.SiteID, visitor string) (int, error) {
	return through(s, "Erase", func() (int, error) { return s.Store.Erase(ctx, site, visitor) })
}

// Counts implements [optgate.Ledger].
func (s *Store) Counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	return through(s, "Counts", func() ([]optgate.DayCount, error) { return s.Store.Counts(ctx, site, from, to) })
}

// Latest implements [optgate.RevisionStore].
func (s *Store) Latest(ctx context.Context) ([]optgate.Revision, error) {
	return through(s, "Latest", func() ([]optgate.Revision, error) { return s.Store.Latest(ctx) })
}

// Publish implements [optgate.RevisionStore].
func (s *Store) Publish(ctx context.Context, r optgate.Revision) error {
	_, err := through(s, "Publish", func() (struct{}, error) { return struct{}{}, s.Store.Publish(ctx, r) })
	return err
}

// User implements [optgate.UserStore].
func (s *Store) User(ctx context.Context, name string) (optgate.User, error) {
	return through(s, "User", func() (optgate.User, error) { return s.Store.User(ctx, name) })
}

// Ping implements [optgate.Store].
func (s *Store) Ping(ctx context.Context) error {
	_, err := through(s, "Ping", func() (struct{}, error) { return struct{}{}, s.Store.Ping(ctx) })
	return err
}

var _ optgate.Store = (*Store)(nil)
