package redisstore

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// cursorKind marks this store's cursors.
const cursorKind = "redis"

// streamID is the id of a stream's entry, in the bytes of a cursor 6 and 4.
type streamID struct{ ms, n uint64 }

const streamIDSize = 6 + 4

func (a streamID) compare(b streamID) int {
	return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.n, b.n))
}

// next returns the first id that an entry behind a can have.
func (a streamID) next() streamID { return streamID{a.ms, a.n + 1} }

func (a streamID) String() string {
	return strconv.FormatUint(a.ms, 10) + "-" + strconv.FormatUint(a.n, 10)
}

func parseStreamID(s string) (streamID, error) {
	ms, n, _ := strings.Cut(s, "-")
	var id streamID
	var err error
	if id.ms, err = strconv.ParseUint(ms, 10, 48); err != nil {
		return id, err
	}
	id.n, err = strconv.ParseUint(n, 10, 32)
	return id, err
}

// lane is one partition in a scan: what was read of it and not handed out yet.
type lane struct {
	stream string
	last   streamID         // the last entry that was handed out
	ahead  []redis.XMessage // what follows it
	head   streamID         // the id of the first of these
	atEnd  bool             // there was nothing behind them
}

// Scan implements [optgate.Ledger]. It merges the partitions in the order of
// their stream ids, which come from Redis's clock. The cursor holds the last id
// of each partition rather than one for all: so nothing is left out, even if a
// record appears in one partition under an earlier id than one already met in
// another, as may happen while records are being appended, on the clocks of a
// cluster, and after a clock was set back.
func (s *Store) Scan(ctx context.Context, site optgate.SiteID, cursor string, limit int) ([]optgate.Record, string, error) {
	if limit < 1 {
		return nil, "", &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"}
	}
	lanes, err := parseCursor(site, cursor)
	if err != nil {
		return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
	}
	var page []optgate.Record
	// A page is spread evenly; a lane that runs out is read again.
	ahead := limit/partitions*5/4 + 4
	for len(page) < limit {
		if err := s.readAhead(ctx, lanes, ahead); err != nil {
			return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
		}
		next := firstLane(lanes)
		if next == nil {
			break
		}
		packedRecord, _ := next.ahead[0].Values["r"].(string)
		r, err := packed.ParseRecord(site, []byte(packedRecord))
		if err != nil {
			return nil, "", fmt.Errorf("redisstore: scan %s: entry %s of %s: %w", site, next.head, next.stream, err)
		}
		page = append(page, r)
		next.last = next.head
		next.ahead = next.ahead[1:]
		if err := next.setHead(); err != nil {
			return nil, "", fmt.Errorf("redisstore: scan %s: %w", site, err)
		}
	}
	return page, makeCursor(site, lanes), nil
}

// readAhead reads on in every lane of which nothing is left, in one round trip.
func (s *Store) readAhead(ctx context.Context, lanes []lane, count int) error {
	type reply struct {
		lane *lane
		cmd  *redis.XMessageSliceCmd
	}
	var replies []reply
	pipe := s.rdb.Pipeline()
	for i := range lanes {
		if l := &lanes[i]; len(l.ahead) == 0 && !l.atEnd {
			replies = append(replies, reply{l, pipe.XRangeN(ctx, l.stream, l.last.next().String(), "+", int64(count))})
		}
	}
	if len(replies) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for _, r := range replies {
		l := r.lane
		l.ahead = r.cmd.Val()
		l.atEnd = len(l.ahead) < count
		if err := l.setHead(); err != nil {
			return err
		}
	}
	return nil
}

// setHead reads the id of the lane's next entry.
func (l *lane) setHead() (err error) {
	if len(l.ahead) > 0 {
		l.head, err = parseStreamID(l.ahead[0].ID)
	}
	return err
}

// firstLane returns the lane with the earliest entry, or nil if all are empty.
func firstLane(lanes []lane) *lane {
	var first *lane
	for i := range lanes {
		if l := &lanes[i]; len(l.ahead) > 0 && (first == nil || l.head.compare(first.head) < 0) {
			first = l
		}
	}
	return first
}

// parseCursor returns the lanes from where the cursor left them.
func parseCursor(site optgate.SiteID, cursor string) ([]lane, error) {
	place := make([]byte, partitions*streamIDSize)
	if cursor != "" {
		var err error
		if place, err = packed.ParseCursor(cursorKind, site, cursor, len(place)); err != nil {
			return nil, err
		}
	}
	lanes := make([]lane, partitions)
	for p := range lanes {
		b := place[p*streamIDSize:]
		id := streamID{binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)), uint64(binary.BigEndian.Uint32(b[6:]))}
		lanes[p] = lane{stream: streamKey(site, p), last: id}
	}
	return lanes, nil
}

// makeCursor returns the cursor behind what the lanes have handed out.
func makeCursor(site optgate.SiteID, lanes []lane) string {
	place := make([]byte, 0, partitions*streamIDSize+8)
	for _, l := range lanes {
		place = append(place, binary.BigEndian.AppendUint64(nil, l.last.ms)[2:]...)
		place = binary.BigEndian.AppendUint32(place, uint32(l.last.n))
	}
	return packed.Cursor(cursorKind, site, place)
}
