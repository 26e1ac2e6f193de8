package redisstore

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// An entry lies in its partition's list as seven bytes of microseconds by
// Redis's clock, its chain hash, its content, and of a record the ids of the
// visitor and the record. Its seq is its place in the list.
const (
	timeSize = 7
	idsSize  = 2 * len(packed.ID{})
)

// parseEntry reads an entry of a list.
func parseEntry(p optgate.Place, raw string) (optgate.Entry, error) {
	b := []byte(raw)
	if len(b) < timeSize {
		return optgate.Entry{}, fmt.Errorf("entry %d of partition %d: %w", p.Seq, p.Partition, packed.ErrDamaged)
	}
	b = b[timeSize:]
	var ids []byte
	if packed.Kind(b) == packed.KindRecord && len(b) > idsSize {
		b, ids = b[:len(b)-idsSize], b[len(b)-idsSize:]
	}
	e, err := packed.ParseEntry(p, b, ids)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("entry %d of partition %d: %w", p.Seq, p.Partition, err)
	}
	return e, nil
}

// parseHead reads a length and a newest entry, as scripts return them.
func parseHead(site optgate.SiteID, p int, length, newest any) (optgate.Head, error) {
	n, ok := length.(int64)
	raw, isText := newest.(string)
	switch {
	case !ok || !isText:
		return optgate.Head{}, fmt.Errorf("head of partition %d: %w", p, packed.ErrDamaged)
	case n == 0:
		return optgate.Genesis(site, p), nil
	case len(raw) < timeSize+len(optgate.Digest{}):
		return optgate.Head{}, fmt.Errorf("entry %d of partition %d: %w", n, p, packed.ErrDamaged)
	}
	return optgate.Head{Partition: p, Seq: uint64(n), Chain: optgate.Digest([]byte(raw[timeSize : timeSize+len(optgate.Digest{})]))}, nil
}

// expected returns how scripts are told what head there should be.
func expected(h optgate.Head) []any {
	if h.Seq == 0 {
		return []any{0, ""}
	}
	return []any{h.Seq, h.Chain[:]}
}

// movedHead reads the reply of a script that appends: nil if it did, otherwise
// the head that there is.
func movedHead(cmd *redis.Cmd, site optgate.SiteID, p int) (*optgate.Head, error) {
	reply, err := cmd.Slice()
	if notFound(err) == optgate.ErrNotFound {
		return nil, nil // Lua's false is Redis's nil
	} else if err != nil {
		return nil, err
	}
	if len(reply) != 3 || reply[0] != "head" {
		return nil, fmt.Errorf("reply of a script: %w", packed.ErrDamaged)
	}
	head, err := parseHead(site, p, reply[1], reply[2])
	return &head, err
}
