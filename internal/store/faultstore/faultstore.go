// Package faultstore wraps a store so that tests can let its methods fail, in
// both ways in which a write can fail: without having happened, and after.
package faultstore

import (
	"context"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var _ optgate.Store = (*Store)(nil)

// Store passes every call on to Inner unless Fault says otherwise.
type Store struct {
	Inner optgate.Store

	// Fault is asked before each call; op is the method's name. If err is nil the
	// call is passed on. Otherwise the caller gets err, and apply says whether
	// Inner is called all the same, as when only the answer was lost. Fault is
	// called by several goroutines at once and may be nil.
	Fault func(op string) (apply bool, err error)
}

// do makes a call that returns only an error.
func (s *Store) do(op string, call func() error) error {
	_, err := get(s, op, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// get makes a call that returns a value, which a fault withholds.
func get[T any](s *Store, op string, call func() (T, error)) (T, error) {
	var none T
	if s.Fault == nil {
		return call()
	}
	apply, err := s.Fault(op)
	if err == nil {
		return call()
	}
	if apply {
		if _, failed := call(); failed != nil {
			return none, failed
		}
	}
	return none, err
}

// Append implements [optgate.Ledger].
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Entry, bool, error) {
	var created bool
	stored, err := get(s, "Append", func() (stored optgate.Entry, err error) {
		stored, created, err = s.Inner.Append(ctx, r)
		return stored, err
	})
	return stored, created && err == nil, err
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Entry, error) {
	return get(s, "Current", func() (optgate.Entry, error) { return s.Inner.Current(ctx, site, visitor) })
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Entry, error) {
	return get(s, "Records", func() ([]optgate.Entry, error) { return s.Inner.Records(ctx, site, visitor) })
}

// EntryAt implements [optgate.Ledger].
func (s *Store) EntryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	return get(s, "EntryAt", func() (optgate.Entry, error) { return s.Inner.EntryAt(ctx, p) })
}

// Find implements [optgate.Ledger].
func (s *Store) Find(ctx context.Context, site optgate.SiteID, id string) (optgate.Entry, error) {
	return get(s, "Find", func() (optgate.Entry, error) { return s.Inner.Find(ctx, site, id) })
}

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, r optgate.EraseRequest) (int, error) {
	return get(s, "Erase", func() (int, error) { return s.Inner.Erase(ctx, r) })
}

// Expire implements [optgate.Ledger].
func (s *Store) Expire(ctx context.Context, r optgate.ExpireRequest) (int, bool, error) {
	var more bool
	n, err := get(s, "Expire", func() (n int, err error) {
		n, more, err = s.Inner.Expire(ctx, r)
		return n, err
	})
	return n, more && err == nil, err
}

// Scan implements [optgate.Ledger].
func (s *Store) Scan(ctx context.Context, site optgate.SiteID, cursor string, limit int) ([]optgate.Entry, string, error) {
	var next string
	page, err := get(s, "Scan", func() (page []optgate.Entry, err error) {
		page, next, err = s.Inner.Scan(ctx, site, cursor, limit)
		return page, err
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// Counts implements [optgate.Ledger].
func (s *Store) Counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	return get(s, "Counts", func() ([]optgate.DayCount, error) { return s.Inner.Counts(ctx, site, from, to) })
}

// Answered implements [optgate.Ledger].
func (s *Store) Answered(ctx context.Context, site optgate.SiteID) (map[int]int, error) {
	return get(s, "Answered", func() (map[int]int, error) { return s.Inner.Answered(ctx, site) })
}

// Heads implements [optgate.Ledger].
func (s *Store) Heads(ctx context.Context, site optgate.SiteID) ([]optgate.Head, error) {
	return get(s, "Heads", func() ([]optgate.Head, error) { return s.Inner.Heads(ctx, site) })
}

// Restore implements [optgate.Ledger].
func (s *Store) Restore(ctx context.Context, site optgate.SiteID, entries []optgate.Entry) (int, error) {
	return get(s, "Restore", func() (int, error) { return s.Inner.Restore(ctx, site, entries) })
}

// PutCheckpoint implements [optgate.CheckpointStore].
func (s *Store) PutCheckpoint(ctx context.Context, site optgate.SiteID, text string) error {
	return s.do("PutCheckpoint", func() error { return s.Inner.PutCheckpoint(ctx, site, text) })
}

// Checkpoints implements [optgate.CheckpointStore].
func (s *Store) Checkpoints(ctx context.Context, site optgate.SiteID, after, limit int) ([]string, error) {
	return get(s, "Checkpoints", func() ([]string, error) { return s.Inner.Checkpoints(ctx, site, after, limit) })
}

// Publish implements [optgate.RevisionStore].
func (s *Store) Publish(ctx context.Context, r optgate.Revision) error {
	return s.do("Publish", func() error { return s.Inner.Publish(ctx, r) })
}

// Latest implements [optgate.RevisionStore].
func (s *Store) Latest(ctx context.Context) ([]optgate.Revision, error) {
	return get(s, "Latest", func() ([]optgate.Revision, error) { return s.Inner.Latest(ctx) })
}

// Revision implements [optgate.RevisionStore].
func (s *Store) Revision(ctx context.Context, site optgate.SiteID, number int) (optgate.Revision, error) {
	return get(s, "Revision", func() (optgate.Revision, error) { return s.Inner.Revision(ctx, site, number) })
}

// Paused implements [optgate.RevisionStore].
func (s *Store) Paused(ctx context.Context) ([]optgate.Paused, error) {
	return get(s, "Paused", func() ([]optgate.Paused, error) { return s.Inner.Paused(ctx) })
}

// SetPaused implements [optgate.RevisionStore].
func (s *Store) SetPaused(ctx context.Context, p optgate.Paused) error {
	return s.do("SetPaused", func() error { return s.Inner.SetPaused(ctx, p) })
}

// Watch implements [optgate.RevisionStore].
func (s *Store) Watch(ctx context.Context, changed func()) error {
	return s.do("Watch", func() error { return s.Inner.Watch(ctx, changed) })
}

// CreateUser implements [optgate.UserStore].
func (s *Store) CreateUser(ctx context.Context, u optgate.User) error {
	return s.do("CreateUser", func() error { return s.Inner.CreateUser(ctx, u) })
}

// UpdateUser implements [optgate.UserStore].
func (s *Store) UpdateUser(ctx context.Context, u optgate.User) error {
	return s.do("UpdateUser", func() error { return s.Inner.UpdateUser(ctx, u) })
}

// DeleteUser implements [optgate.UserStore].
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	return s.do("DeleteUser", func() error { return s.Inner.DeleteUser(ctx, name) })
}

// User implements [optgate.UserStore].
func (s *Store) User(ctx context.Context, name string) (optgate.User, error) {
	return get(s, "User", func() (optgate.User, error) { return s.Inner.User(ctx, name) })
}

// Users implements [optgate.UserStore].
func (s *Store) Users(ctx context.Context) ([]optgate.User, error) {
	return get(s, "Users", func() ([]optgate.User, error) { return s.Inner.Users(ctx) })
}

// PutToken implements [optgate.UserStore].
func (s *Store) PutToken(ctx context.Context, t optgate.Token) error {
	return s.do("PutToken", func() error { return s.Inner.PutToken(ctx, t) })
}

// TakeToken implements [optgate.UserStore].
func (s *Store) TakeToken(ctx context.Context, hash string, now time.Time) error {
	return s.do("TakeToken", func() error { return s.Inner.TakeToken(ctx, hash, now) })
}

// HasToken implements [optgate.UserStore].
func (s *Store) HasToken(ctx context.Context, hash string, now time.Time) error {
	return s.do("HasToken", func() error { return s.Inner.HasToken(ctx, hash, now) })
}

// Keys implements [optgate.KeyStore].
func (s *Store) Keys(ctx context.Context) ([]byte, error) {
	return get(s, "Keys", func() ([]byte, error) { return s.Inner.Keys(ctx) })
}

// SwapKeys implements [optgate.KeyStore].
func (s *Store) SwapKeys(ctx context.Context, old, ring []byte) error {
	return s.do("SwapKeys", func() error { return s.Inner.SwapKeys(ctx, old, ring) })
}

// Ping implements [optgate.Store].
func (s *Store) Ping(ctx context.Context) error {
	return s.do("Ping", func() error { return s.Inner.Ping(ctx) })
}

// Warnings implements [optgate.Store].
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	return get(s, "Warnings", func() ([]string, error) { return s.Inner.Warnings(ctx) })
}

// Close implements [optgate.Store]. It always reaches Inner.
func (s *Store) Close() error { return s.Inner.Close() }

// AppendAudit implements [optgate.AuditStore].
func (s *Store) AppendAudit(ctx context.Context, e optgate.AuditEntry) error {
	return s.do("AppendAudit", func() error { return s.Inner.AppendAudit(ctx, e) })
}

// Audit implements [optgate.AuditStore].
func (s *Store) Audit(ctx context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	return get(s, "Audit", func() ([]optgate.AuditEntry, error) { return s.Inner.Audit(ctx, before, limit) })
}
