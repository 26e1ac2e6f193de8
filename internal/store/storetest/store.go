package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var storeTests = map[string]func(*testing.T, Backend){
	"Ping":           testPing,
	"ContextEnded":   testContextEnded,
	"CloseKeepsData": testCloseKeepsData,
}

func testPing(t *testing.T, b Backend) {
	s := b.open(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping = %v", err)
	}
	if _, err := s.Warnings(t.Context()); err != nil {
		t.Errorf("Warnings = %v", err)
	}
}

func testContextEnded(t *testing.T, b Backend) {
	s := b.open(t)
	visitor := newULID()
	kept := newRecord("shop", visitor)
	mustAppend(t, s, kept)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Append":  func() error { _, _, err := s.Append(ended, newRecord("shop", visitor)); return err },
		"Current": func() error { _, err := s.Current(ended, "shop", visitor); return err },
		"Records": func() error { _, err := s.Records(ended, "shop", visitor); return err },
		"Erase": func() error {
			_, err := s.Erase(ended, optgate.EraseRequest{Site: "shop", Visitor: visitor, Reason: optgate.ErasedByVisitor, At: start})
			return err
		},
		"Expire": func() error {
			_, _, err := s.Expire(ended, optgate.ExpireRequest{Site: "shop", Before: start.Add(time.Hour), At: start, Limit: 10})
			return err
		},
		"EntryAt": func() error {
			_, err := s.EntryAt(ended, optgate.Place{Site: "shop", Partition: 0, Seq: 1})
			return err
		},
		"Find":          func() error { _, err := s.Find(ended, "shop", kept.ID); return err },
		"Heads":         func() error { _, err := s.Heads(ended, "shop"); return err },
		"Restore":       func() error { _, err := s.Restore(ended, "forum", restorable("forum")); return err },
		"Answered":      func() error { _, err := s.Answered(ended, "shop"); return err },
		"PutCheckpoint": func() error { return s.PutCheckpoint(ended, "shop", "a") },
		"Checkpoints":   func() error { _, err := s.Checkpoints(ended, "shop", 0, 1); return err },
		"Scan":          func() error { _, _, err := s.Scan(ended, "shop", "", 10); return err },
		"Counts":        func() error { _, err := s.Counts(ended, "shop", start, start); return err },
		"Publish":       func() error { return s.Publish(ended, newRevision("shop", 1, "")) },
		"Latest":        func() error { _, err := s.Latest(ended); return err },
		"Revision":      func() error { _, err := s.Revision(ended, "shop", 1); return err },
		"Watch":         func() error { return s.Watch(ended, func() {}) },
		"PutPanel":      func() error { return s.PutPanel(ended, newPanel("shop", 1, "en", "shown")) },
		"Panel":         func() error { _, err := s.Panel(ended, newULID()); return err },
		"Panels":        func() error { _, err := s.Panels(ended, "shop", 1); return err },
		"Group":         func() error { _, err := s.Group(ended, "shops"); return err },
		"Groups":        func() error { _, err := s.Groups(ended); return err },
		"PutGroup":      func() error { return s.PutGroup(ended, optgate.Group{ID: "shops"}) },
		"CreateUser":    func() error { return s.CreateUser(ended, optgate.User{Name: "anna", Created: start}) },
		"UpdateUser":    func() error { return s.UpdateUser(ended, optgate.User{Name: "anna", Created: start}) },
		"User":          func() error { _, err := s.User(ended, "anna"); return err },
		"Users":         func() error { _, err := s.Users(ended); return err },
		"DeleteUser":    func() error { return s.DeleteUser(ended, "anna") },
		"Guess": func() error {
			_, err := s.Guess(ended, "a", optgate.GuessLimit{Every: time.Second, Burst: 1}, start)
			return err
		},
		"PutToken":  func() error { return s.PutToken(ended, optgate.Token{Hash: "a", Expires: start}) },
		"TakeToken": func() error { return s.TakeToken(ended, "a", start) },
		"HasToken":  func() error { return s.HasToken(ended, "a", start) },
		"Keys":      func() error { _, err := s.Keys(ended); return err },
		"SwapKeys":  func() error { return s.SwapKeys(ended, nil, []byte("ring")) },
		"Ping":      func() error { return s.Ping(ended) },
		"Warnings":  func() error { _, err := s.Warnings(ended); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that has ended = %v, want context.Canceled", name, err)
		}
	}
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{kept})
	if _, err := s.Keys(t.Context()); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Keys = %v, want ErrNotFound: nothing was to be written", err)
	}
}

// testCloseKeepsData closes a store under callers who append as fast as they can.
func testCloseKeepsData(t *testing.T, b Backend) {
	const writers = 32
	s := b.Open(t)
	var acknowledged [writers][]string
	var n atomic.Int32
	atWork := make(chan struct{})
	closeNow := sync.OnceFunc(func() { close(atWork) })
	for _, err := range concurrently(writers+1, func(i int) error {
		if i == writers {
			<-atWork
			return s.Close()
		}
		for {
			r := newRecord("shop", newULID())
			if _, _, err := s.Append(t.Context(), r); err != nil {
				select {
				case <-atWork:
					return nil
				default:
					closeNow()
					return err
				}
			}
			acknowledged[i] = append(acknowledged[i], r.ID)
			if n.Add(1) == 4*writers {
				closeNow()
			}
		}
	}) {
		if err != nil {
			t.Fatalf("Close under callers = %v", err)
		}
	}
	if _, _, err := s.Append(t.Context(), newRecord("shop", newULID())); err == nil {
		t.Error("Append on a closed store succeeded")
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close of a closed store = %v", err)
	}
	there := map[string]bool{}
	for _, e := range all(t, b.open(t), "shop", 100) {
		there[e.Record.ID] = true
	}
	for _, id := range slices.Concat(acknowledged[:]...) {
		if !there[id] {
			t.Errorf("acknowledged record %s is missing after Close", id)
		}
	}
}
