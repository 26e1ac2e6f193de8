package redisstore

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Two years of counts are 47,000 hashes, one for each day and partition. What the
// partitions have of a day that is over is therefore summed once, and the sums
// are kept under [sumsKey]: a field for each month, and one for sumHead, by which
// it is known whether they still are the sums of what the partitions have. So
// they may be lost or overwritten at any time by anybody who wrote them whole.
const (
	// overAfter is how many days after it a day is taken to be over. What is counted
	// under it later, by a clock that is wrong or by an import, makes the sums be
	// made again.
	overAfter = 2

	// sumsYears is for how long sums are made again that nobody asked for.
	sumsYears = 3

	sumsHead    = "head"    // field
	sumsMonth   = "2006-01" // layout of the others
	headVersion = 1
)

// sumHead says which days were summed, and how many decisions there were in each
// partition on these and all days before. That number is never counted: it is
// how many entries a partition has, less those that are in no count, less the
// decisions of later days. It is compared with the same of today. So whatever is
// counted under a day that was summed, by whom and by whatever clock, shows at
// the next look, and appending a record costs nothing for it. Entries that an
// older Optgate left out of [uncountedKey] are in both alike.
//
// What hides is a record of a summed day in the same partition and between the
// same two looks as one that was counted under a day of the future, at the first
// look, and that is no longer one at the second. Clocks that are right within a
// day never do that.
type sumHead struct {
	from, to time.Time
	before   [partitions]uint64
}

func (h *sumHead) append(b []byte) []byte {
	b = append(b, headVersion)
	b = binary.AppendVarint(binary.AppendVarint(b, h.from.Unix()), h.to.Unix())
	for _, n := range h.before {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// parseSumHead returns nil for what it cannot read: then there are no sums.
func parseSumHead(text string) *sumHead {
	b := []byte(text)
	if len(b) == 0 || b[0] != headVersion {
		return nil
	}
	b = b[1:]
	var times [2]int64
	for i := range times {
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil
		}
		times[i], b = v, b[n:]
	}
	h := sumHead{from: time.Unix(times[0], 0).UTC(), to: time.Unix(times[1], 0).UTC()}
	for p := range h.before {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil
		}
		h.before[p], b = v, b[n:]
	}
	return &h
}

// sums are what is kept of a site's days that are over.
type sums struct {
	head *sumHead // nil: nothing is kept
	days []optgate.DayCount
}

// recent are the counts of days that may change, with what they say of those
// before them.
type recent struct {
	days   []optgate.DayCount
	before [partitions]uint64 // as [sumHead] has it
	each   map[string]*[partitions]uint64
}

// countBySums returns the counts of days, those that are over from their sums,
// which it makes if they are not there.
func (s *Store) countBySums(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	now, err := s.rdb.Time(ctx).Result()
	if err != nil {
		return nil, err
	}
	today := now.UTC().Truncate(oneDay)
	over, last := today.AddDate(0, 0, -overAfter), today.AddDate(0, 0, 1)
	if from.After(over) {
		return s.countAll(ctx, site, from, to)
	}
	kept, err := s.keptSums(ctx, site, earlier(from, over.AddDate(0, 0, -daysAtOnce)), later(to, over))
	if err != nil {
		return nil, err
	}
	known, news, err := s.currentSums(ctx, site, kept, from, over, last)
	if err != nil {
		return nil, err
	}
	days := between(slices.Concat(known.days, news.days), from, to)
	if to.After(last) {
		ahead, err := s.countAll(ctx, site, last.AddDate(0, 0, 1), to)
		if err != nil {
			return nil, err
		}
		days = append(days, ahead...)
	}
	return days, nil
}

// currentSums returns the sums of the days from from on, as they are now, and the
// counts of the days behind them up to last. What is new of the sums up to the
// day over is kept.
func (s *Store) currentSums(ctx context.Context, site optgate.SiteID, kept sums, from, over, last time.Time) (sums, recent, error) {
	if h := kept.head; h != nil && !h.from.After(from) && over.Sub(h.to) <= daysAtOnce*oneDay {
		news, err := s.recent(ctx, site, h.to.AddDate(0, 0, 1), last)
		if err != nil {
			return sums{}, recent{}, err
		}
		if news.before == h.before {
			if h.to.Before(over) {
				s.keepSums(ctx, site, extended(kept, news, over), h.to.AddDate(0, 0, 1))
			}
			return kept, news, nil
		}
	}
	if h := kept.head; h != nil && h.from.Before(from) {
		from = later(h.from, earlier(from, over.AddDate(-sumsYears, 0, 0)))
	}
	// What is counted in between is in the sums and not in their head: then they are
	// made again at the next look.
	news, err := s.recent(ctx, site, over.AddDate(0, 0, 1), last)
	if err != nil {
		return sums{}, recent{}, err
	}
	days, err := s.countAll(ctx, site, from, over)
	if err != nil {
		return sums{}, recent{}, err
	}
	made := sums{&sumHead{from: from, to: over, before: news.before}, days}
	if kept.head != nil || len(days) > 0 {
		s.keepSums(ctx, site, made, from)
	}
	return made, news, nil
}

// extended returns sums with the days up to over, which are in news.
func extended(kept sums, news recent, over time.Time) sums {
	h := *kept.head
	h.to = over
	added := between(news.days, kept.head.to, over)
	for _, d := range added {
		for p, n := range news.each[d.Day] {
			h.before[p] += n
		}
	}
	return sums{&h, slices.Concat(kept.days, added)}
}

// keptSums returns what is kept of the months from that of first to that of last.
// What cannot be read, and sums of which a month is missing, are none.
func (s *Store) keptSums(ctx context.Context, site optgate.SiteID, first, last time.Time) (sums, error) {
	fields := append([]string{sumsHead}, months(first, last)...)
	values, err := s.rdb.HMGet(ctx, sumsKey(site), fields...).Result()
	if err != nil {
		return sums{}, err
	}
	text, _ := values[0].(string)
	h := parseSumHead(text)
	if h == nil {
		return sums{}, nil
	}
	covered := months(h.from, h.to)
	var days []optgate.DayCount
	for i, value := range values[1:] {
		if !slices.Contains(covered, fields[i+1]) {
			continue
		}
		text, _ := value.(string)
		month, err := packed.ParseDays([]byte(text))
		if err != nil {
			return sums{}, nil
		}
		days = append(days, month...)
	}
	return sums{h, between(days, h.from, h.to)}, nil
}

// keepSums keeps sums, of which the days from changed on are new. All is written
// in one step, and what another process has written before counts no more:
// whichever head is left tells whether the months fit. If it fails, they are made
// again at the next look.
func (s *Store) keepSums(ctx context.Context, site optgate.SiteID, made sums, changed time.Time) {
	values := []any{sumsHead, made.head.append(nil)}
	for _, month := range months(changed, made.head.to) {
		var days []optgate.DayCount
		for _, d := range made.days {
			if strings.HasPrefix(d.Day, month) {
				days = append(days, d)
			}
		}
		text, err := packed.AppendDays(nil, days)
		if err != nil {
			return
		}
		values = append(values, month, text)
	}
	s.rdb.HSet(ctx, sumsKey(site), values...)
}

// recent returns the counts of days, and of each partition's decisions before
// them, all of one moment in each partition.
func (s *Store) recent(ctx context.Context, site optgate.SiteID, first, last time.Time) (recent, error) {
	var days []time.Time
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	replies, err := s.everyPartition(ctx, recentScript, func(p int) ([]string, []any) {
		keys := []string{entriesKey(site, p), uncountedKey(site, p)}
		for _, day := range days {
			keys = append(keys, dayKey(site, p, day))
		}
		return keys, nil
	})
	if err != nil {
		return recent{}, err
	}
	news := recent{each: map[string]*[partitions]uint64{}}
	var tally packed.Tally
	for p, reply := range replies {
		if len(reply) != 2+len(days) {
			return recent{}, fmt.Errorf("reply of a script: %w", packed.ErrDamaged)
		}
		entries, _ := reply[0].(int64)
		uncounted, _ := reply[1].(int64)
		news.before[p] = uint64(entries - uncounted)
		for i, day := range days {
			name := day.Format(time.DateOnly)
			n, err := addCounts(&tally, name, reply[2+i])
			if err != nil {
				return recent{}, err
			}
			news.before[p] -= n
			if news.each[name] == nil {
				news.each[name] = &[partitions]uint64{}
			}
			news.each[name][p] = n
		}
	}
	news.days = tally.Days()
	return news, nil
}

// addCounts adds a hash of counts, as a script returns it, and returns how many
// decisions they are.
func addCounts(tally *packed.Tally, day string, hash any) (uint64, error) {
	pairs, _ := hash.([]any)
	all := uint64(0)
	for pair := range slices.Chunk(pairs, 2) {
		key, _ := pair[0].(string)
		text, _ := pair[len(pair)-1].(string)
		n, err := strconv.Atoi(text)
		if err == nil {
			err = tally.Add(day, []byte(key), n)
		}
		if err != nil {
			return 0, err
		}
		all += uint64(n)
	}
	return all, nil
}

// between returns those of days in order that are from first to last.
func between(days []optgate.DayCount, first, last time.Time) []optgate.DayCount {
	from, to := first.Format(time.DateOnly), last.Format(time.DateOnly)
	return slices.DeleteFunc(slices.Clone(days), func(d optgate.DayCount) bool { return d.Day < from || d.Day > to })
}

// months returns the names of the months from that of first to that of last.
func months(first, last time.Time) []string {
	var names []string
	year, month, _ := first.Date()
	for at := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC); !at.After(last); at = at.AddDate(0, 1, 0) {
		names = append(names, at.Format(sumsMonth))
	}
	return names
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
