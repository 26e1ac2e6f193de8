package ledger

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Format is how an export is written.
type Format string

// The formats.
const (
	JSONLines Format = "jsonl"    // one record a line, with what a check needs
	CSV       Format = "csv"      // records alone, for spreadsheets
	ISO27560  Format = "iso27560" // consent records by ISO/IEC TS 27560:2023, as JSON-LD
)

// Formats lists every format.
var Formats = []Format{JSONLines, CSV, ISO27560}

// Type returns the media type of a format.
func (f Format) Type() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case ISO27560:
		return "application/ld+json"
	}
	return "application/jsonl; charset=utf-8"
}

// Filter says which records an export has. The zero value lets all pass. What is
// filtered cannot be checked from end to end, as it has gaps.
type Filter struct {
	From, To time.Time // From included, To not; zero: no bound
	Action   optgate.Action
	Revision int // 0: any
}

// All reports whether f lets all pass.
func (f Filter) All() bool { return f == Filter{} }

// Passes reports whether f lets a record pass.
func (f Filter) Passes(r *optgate.Record) bool {
	return (f.From.IsZero() || !r.At.Before(f.From)) && (f.To.IsZero() || r.At.Before(f.To)) &&
		(f.Action == "" || r.Action == f.Action) && (f.Revision == 0 || r.Revision == f.Revision)
}

// Parse reads a filter from texts, as flags and query parameters have them: times
// as RFC 3339 or as days in UTC. It returns [optgate.InvalidErrors] or nil.
func (f *Filter) Parse(from, to, action, revision string) error {
	var bad optgate.InvalidErrors
	f.From = parseTime(&bad, "from", from)
	f.To = parseTime(&bad, "to", to)
	if f.Action = optgate.Action(action); action != "" && !slices.Contains(optgate.Actions, f.Action) {
		bad = append(bad, &optgate.InvalidError{Field: "action", Msg: "is accept_all, reject_all, save or withdraw"})
	}
	if revision != "" {
		n, err := strconv.Atoi(revision)
		if err != nil || n < 1 {
			bad = append(bad, &optgate.InvalidError{Field: "revision", Msg: "is the number of a revision, 1 or more"})
		}
		f.Revision = n
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

func parseTime(bad *optgate.InvalidErrors, field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	*bad = append(*bad, &optgate.InvalidError{Field: field, Msg: "is a day such as 2026-11-23, or a time such as 2026-11-23T12:00:00Z"})
	return time.Time{}
}

// Export is one export of a site's ledger.
type Export struct {
	Site      optgate.SiteID
	Format    Format
	Filter    Filter
	Cursor    string // of a former export's end; "": from the start
	Ledger    optgate.Ledger
	Revisions interface { // for [ISO27560]
		Revision(ctx context.Context, site optgate.SiteID, number int) (*optgate.Revision, error)
	}

	// Checkpoint signs the end of a whole export in JSON Lines; nil: it has none.
	Checkpoint func(heads []optgate.Head) (string, error)
}

// Write writes the export, a batch of entries at a time, and returns how many
// records it has. An error from w ends it.
func (x *Export) Write(ctx context.Context, w io.Writer) (int, error) {
	return x.write(ctx, w, Entries(ctx, x.Ledger, x.Site, x.Cursor))
}

// WritePage writes what passes of the next limit entries and returns the cursor
// to go on from, also for what is recorded later.
func (x *Export) WritePage(ctx context.Context, w io.Writer, limit int) (next string, err error) {
	entries, next, err := x.Ledger.Scan(ctx, x.Site, x.Cursor, limit)
	if err != nil {
		return "", fmt.Errorf("ledger: scan %s: %w", x.Site, err)
	}
	page := *x
	page.Checkpoint = nil // it would be that of a part
	_, err = page.write(ctx, w, func(yield func(*optgate.Entry, error) bool) {
		for i := range entries {
			if !yield(&entries[i], nil) {
				return
			}
		}
	})
	return next, err
}

func (x *Export) write(ctx context.Context, w io.Writer, entries iter.Seq2[*optgate.Entry, error]) (int, error) {
	out := bufio.NewWriter(w)
	write, end, err := x.writer(ctx, out)
	if err != nil {
		return 0, err
	}
	records := 0
	for e, err := range entries {
		if err != nil {
			return records, err
		}
		if e.Record != nil && x.Filter.Passes(e.Record) {
			records++
		} else if e.Record != nil || !x.Filter.All() {
			continue
		}
		if err := write(e); err != nil {
			return records, fmt.Errorf("ledger: write export of %s: %w", x.Site, err)
		}
	}
	if err := errors.Join(end(), out.Flush()); err != nil {
		return records, fmt.Errorf("ledger: write export of %s: %w", x.Site, err)
	}
	return records, nil
}

// writer returns what writes one entry, and what ends the export.
func (x *Export) writer(ctx context.Context, w io.Writer) (write func(*optgate.Entry) error, end func() error, err error) {
	switch x.Format {
	case JSONLines:
		write, end = x.lines(w)
	case CSV:
		write, end = table(w)
	case ISO27560:
		write, end = x.consentRecords(ctx, w)
	default:
		err = &optgate.InvalidError{Field: "format", Msg: "is jsonl, csv or iso27560"}
	}
	return write, end, err
}

// lines writes JSON Lines. The checkpoint goes with the last line, so that every
// line is one entry; it is known to be the last when nothing follows.
func (x *Export) lines(w io.Writer) (write func(*optgate.Entry) error, end func() error) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	var heads [optgate.Partitions]optgate.Head
	var last *optgate.Entry
	write = func(e *optgate.Entry) error {
		before := last
		last = e
		heads[e.Partition] = e.Link
		if before == nil {
			return nil
		}
		return encoder.Encode(newLine(x.Site, before))
	}
	end = func() error {
		if last == nil {
			return nil
		}
		l := newLine(x.Site, last)
		if x.Checkpoint != nil && x.Filter.All() && x.Cursor == "" {
			var seen []optgate.Head
			for _, h := range heads {
				if h.Seq > 0 {
					seen = append(seen, h)
				}
			}
			var err error
			if l.Checkpoint, err = x.Checkpoint(seen); err != nil {
				return err
			}
		}
		return encoder.Encode(l)
	}
	return write, end
}

var columns = []string{"id", "site", "visitor", "revision", "language", "action", "source", "choices", "at", "panel", "partition", "seq", "chain"}

// table writes records as comma-separated values.
func table(w io.Writer) (write func(*optgate.Entry) error, end func() error) {
	out, begun := csv.NewWriter(w), false
	header := func() error {
		if begun {
			return nil
		}
		begun = true
		return out.Write(columns)
	}
	write = func(e *optgate.Entry) error {
		r := e.Record
		if r == nil {
			return nil
		}
		if err := header(); err != nil {
			return err
		}
		choices := make([]string, 0, len(r.Choices))
		for id, yes := range r.Choices {
			choices = append(choices, string(id)+":"+strconv.FormatBool(yes))
		}
		slices.Sort(choices)
		return out.Write([]string{
			r.ID, string(r.Site), r.Visitor, strconv.Itoa(r.Revision), r.Language, string(r.Action), r.Source, strings.Join(choices, " "),
			r.At.UTC().Format(stampForm), r.Panel, strconv.Itoa(e.Partition), strconv.FormatUint(e.Seq, 10), e.Chain.String(),
		})
	}
	end = func() error {
		err := header()
		out.Flush()
		return errors.Join(err, out.Error())
	}
	return write, end
}
