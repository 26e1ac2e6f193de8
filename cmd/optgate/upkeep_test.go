package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// Upkeep signs how far a ledger came and sums the days that are over, before
// somebody wants to see them.
func TestUpkeep(t *testing.T) {
	server := redistest.Start(t)
	store, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(t.Context(), store, nil, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	r := optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 1, Language: "de",
		Action: optgate.RejectAll, Source: "banner", At: time.Now().AddDate(-1, 0, 0), Choices: optgate.Choices{optgate.Analytics: false},
	}
	if _, _, err := store.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.keepLedger(t.Context(), &optgate.Config{Site: "shop"})
	if signed, err := store.Checkpoints(t.Context(), "shop", 0, 10); err != nil || len(signed) != 1 {
		t.Errorf("Checkpoints = %q, %v; want one", signed, err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()
	if n, err := rdb.HLen(t.Context(), "og:{sums:shop}").Result(); err != nil || n < 24 {
		t.Errorf("%d months are summed, %v; want two years", n, err)
	}
}
