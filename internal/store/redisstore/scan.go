package redisstore

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// cursorKind marks this store's cursors.
const cursorKind = "redis"

// seqSize is how many bytes of a cursor are the seq of each partition.
const seqSize = 5

// scanLane is one partition in a scan: what was read of it and not handed out yet.
type scanLane struct {
	key   string
	last  uint64   // the seq of the last entry that was handed out
	ahead []string // what follows it
	atEnd bool     // there was nothing behind that
}

// time returns when the lane's next entry was taken.
func (l *scanLane) time() string { return l.ahead[0][:min(timeSize, len(l.ahead[0]))] }

// Scan implements [optgate.Ledger]. It merges the partitions in the order of the
// times of their entries, which are those of Redis's clock. The cursor holds the
// last place in each partition rather than one time for all: so nothing is left
// out, whatever clocks do.
func (s *Store) Scan(ctx context.Context, site optgate.SiteID, cursor string, limit int) ([]optgate.Entry, string, error) {
	if limit < 1 {
		return nil, "", &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"}
	}
	lanes, err := parseCursor(site, cursor)
	if err != nil {
		return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
	}
	var page []optgate.Entry
	// A page is spread evenly; a lane that runs out is read again.
	ahead := limit/partitions*5/4 + 4
	for len(page) < limit {
		if err := s.readAhead(ctx, lanes, ahead); err != nil {
			return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
		}
		p := firstLane(lanes)
		if p < 0 {
			break
		}
		next := &lanes[p]
		e, err := parseEntry(optgate.Place{Site: site, Partition: p, Seq: next.last + 1}, next.ahead[0])
		if err != nil {
			return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
		}
		page = append(page, e)
		next.last++
		next.ahead = next.ahead[1:]
	}
	return page, makeCursor(site, lanes), nil
}

// readAhead reads on in every lane of which nothing is left, in one round trip.
func (s *Store) readAhead(ctx context.Context, lanes []scanLane, count int) error {
	type reply struct {
		lane *scanLane
		cmd  *redis.StringSliceCmd
	}
	var replies []reply
	pipe := s.rdb.Pipeline()
	for i := range lanes {
		if l := &lanes[i]; len(l.ahead) == 0 && !l.atEnd {
			replies = append(replies, reply{l, pipe.LRange(ctx, l.key, int64(l.last), int64(l.last)+int64(count)-1)})
		}
	}
	if len(replies) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for _, r := range replies {
		r.lane.ahead = r.cmd.Val()
		r.lane.atEnd = len(r.lane.ahead) < count
	}
	return nil
}

// firstLane returns the partition with the earliest entry, or -1 if all are
// empty.
func firstLane(lanes []scanLane) int {
	first := -1
	for p := range lanes {
		if l := &lanes[p]; len(l.ahead) > 0 && (first < 0 || l.time() < lanes[first].time()) {
			first = p
		}
	}
	return first
}

// parseCursor returns the lanes from where the cursor left them.
func parseCursor(site optgate.SiteID, cursor string) ([]scanLane, error) {
	place := make([]byte, partitions*seqSize)
	if cursor != "" {
		var err error
		if place, err = packed.ParseCursor(cursorKind, site, cursor, len(place)); err != nil {
			return nil, err
		}
	}
	lanes := make([]scanLane, partitions)
	for p := range lanes {
		var b [8]byte
		copy(b[8-seqSize:], place[p*seqSize:])
		lanes[p] = scanLane{key: entriesKey(site, p), last: binary.BigEndian.Uint64(b[:])}
	}
	return lanes, nil
}

// makeCursor returns the cursor behind what the lanes have handed out.
func makeCursor(site optgate.SiteID, lanes []scanLane) string {
	place := make([]byte, 0, partitions*seqSize+8)
	for _, l := range lanes {
		place = append(place, binary.BigEndian.AppendUint64(nil, l.last)[8-seqSize:]...)
	}
	return packed.Cursor(cursorKind, site, place)
}
