package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Append implements [optgate.Ledger]. It is one round trip, unless another
// process appended to the partition since this one did.
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Entry, bool, error) {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	op, p, err := newOp(ctx, &r)
	if err != nil {
		return optgate.Entry{}, false, fmt.Errorf("redisstore: append record: %w", err)
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	if s.closed {
		return optgate.Entry{}, false, fmt.Errorf("redisstore: append record %s: %w", r.ID, redis.ErrClosed)
	}
	answer := s.appends.append(op, r.Site, p)
	if answer.err != nil {
		return optgate.Entry{}, false, fmt.Errorf("redisstore: append record %s: %w", r.ID, answer.err)
	}
	return answer.entry, answer.created, nil
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Entry, error) {
	found, _, err := s.records(ctx, site, visitor, 1)
	if err == nil && len(found) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("redisstore: current record: %w", err)
	}
	return found[0], nil
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Entry, error) {
	found, _, err := s.records(ctx, site, visitor, 0)
	if err != nil {
		return nil, fmt.Errorf("redisstore: records of a visitor: %w", err)
	}
	return found, nil
}

// records returns a visitor's newest records, or all of them for 0, and the head
// of her partition at that moment.
func (s *Store) records(ctx context.Context, site optgate.SiteID, visitor string, newest int) ([]optgate.Entry, optgate.Head, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return nil, optgate.Head{}, ctx.Err() // what cannot be a visitor's id has no records
	}
	p, bucket := visitorKey(site, v)
	reply, err := s.run(ctx, recordsScript, []string{entriesKey(site, p), bucket}, v[:], newest).Slice()
	if err != nil {
		return nil, optgate.Head{}, err
	}
	head, err := parseHead(site, p, reply[0], reply[1])
	if err != nil {
		return nil, optgate.Head{}, err
	}
	var found []optgate.Entry
	for pair := range slices.Chunk(reply[2:], 2) {
		seq, _ := pair[0].(int64)
		raw, _ := pair[1].(string)
		if raw == "" {
			continue // somebody deleted it past Optgate
		}
		e, err := parseEntry(optgate.Place{Site: site, Partition: p, Seq: uint64(seq)}, raw)
		if err == nil && (e.Record == nil || e.Record.Visitor != visitor) {
			err = fmt.Errorf("entry %d of partition %d is not the visitor's: %w", seq, p, packed.ErrDamaged)
		}
		if err != nil {
			return nil, optgate.Head{}, err
		}
		found = append(found, e)
	}
	return found, head, nil
}

// EntryAt implements [optgate.Ledger].
func (s *Store) EntryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	e, err := s.entryAt(ctx, p)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("redisstore: entry %d of partition %d of %s: %w", p.Seq, p.Partition, p.Site, err)
	}
	return e, nil
}

func (s *Store) entryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	if p.Partition < 0 || p.Partition >= partitions || p.Seq == 0 {
		return optgate.Entry{}, errors.Join(ctx.Err(), optgate.ErrNotFound)
	}
	raw, err := s.rdb.LIndex(ctx, entriesKey(p.Site, p.Partition), int64(p.Seq)-1).Result()
	if err != nil {
		return optgate.Entry{}, notFound(err)
	}
	return parseEntry(p, raw)
}

// Heads implements [optgate.Ledger].
func (s *Store) Heads(ctx context.Context, site optgate.SiteID) ([]optgate.Head, error) {
	replies, err := s.everyPartition(ctx, headScript, func(p int) ([]string, []any) {
		return []string{entriesKey(site, p)}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("redisstore: heads of %s: %w", site, err)
	}
	var heads []optgate.Head
	for p, reply := range replies {
		head, err := parseHead(site, p, reply[0], reply[1])
		if err != nil {
			return nil, fmt.Errorf("redisstore: heads of %s: %w", site, err)
		}
		if head.Seq > 0 {
			heads = append(heads, head)
		}
	}
	return heads, nil
}

// everyPartition runs a script that only reads for every partition of a site, in
// one round trip.
func (s *Store) everyPartition(ctx context.Context, script *redis.Script, call func(p int) ([]string, []any)) ([partitions][]any, error) {
	var replies [partitions][]any
	var cmds [partitions]*redis.Cmd
	pipe := s.rdb.Pipeline()
	for p := range partitions {
		keys, args := call(p)
		cmds[p] = script.EvalSha(ctx, pipe, keys, args...)
	}
	pipe.Exec(ctx) // every command has its own error
	for p, cmd := range cmds {
		if redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
			keys, args := call(p)
			cmd = s.run(ctx, script, keys, args...)
		}
		var err error
		if replies[p], err = cmd.Slice(); err != nil {
			return replies, err
		}
	}
	return replies, nil
}

// findPage is how many entries of a partition one call of findScript looks at.
const findPage = 2000

// findBefore is how long before the time in its id a record may have been taken:
// clocks of visitors go wrong by minutes.
const findBefore = 10 * time.Minute

// Find implements [optgate.Ledger].
func (s *Store) Find(ctx context.Context, site optgate.SiteID, id string) (optgate.Entry, error) {
	e, err := s.find(ctx, site, id)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("redisstore: find a record of %s: %w", site, err)
	}
	return e, nil
}

func (s *Store) find(ctx context.Context, site optgate.SiteID, id string) (optgate.Entry, error) {
	wanted, err := packed.ParseID("id", id)
	if err != nil {
		return optgate.Entry{}, errors.Join(ctx.Err(), optgate.ErrNotFound)
	}
	at := time.UnixMilli(int64(wanted.Time()))
	from, to := at.Add(-findBefore).UnixMicro(), at.Add(optgate.FindWithin).UnixMicro()
	var goOn [partitions]any
	for p := range goOn {
		goOn[p] = ""
	}
	for open := partitions; open > 0; {
		replies, err := s.everyPartition(ctx, findScript, func(p int) ([]string, []any) {
			return []string{entriesKey(site, p)}, []any{wanted[:], from, to, goOn[p], findPage}
		})
		if err != nil {
			return optgate.Entry{}, err
		}
		open = 0
		for p, reply := range replies {
			switch len(reply) {
			case 2:
				seq, _ := reply[0].(int64)
				raw, _ := reply[1].(string)
				return parseEntry(optgate.Place{Site: site, Partition: p, Seq: uint64(seq)}, raw)
			case 1:
				goOn[p] = reply[0]
				open++
			default:
				goOn[p] = int64(1) << 50 // behind every end
			}
		}
	}
	return optgate.Entry{}, optgate.ErrNotFound
}

// Answered implements [optgate.Ledger].
func (s *Store) Answered(ctx context.Context, site optgate.SiteID) (map[int]int, error) {
	cmds := make([]*redis.MapStringIntCmd, partitions)
	pipe := s.rdb.Pipeline()
	for p := range cmds {
		cmds[p] = redis.NewMapStringIntCmd(ctx, "hgetall", answeredKey(site, p))
		pipe.Process(ctx, cmds[p])
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("redisstore: visitors of %s by revision: %w", site, err)
	}
	visitors := map[int]int{}
	for _, cmd := range cmds {
		for revision, n := range cmd.Val() {
			if len(revision) != 4 {
				return nil, fmt.Errorf("redisstore: visitors of %s by revision: %w", site, packed.ErrDamaged)
			}
			if n > 0 {
				visitors[int(binary.BigEndian.Uint32([]byte(revision)))] += int(n)
			}
		}
	}
	return visitors, nil
}
