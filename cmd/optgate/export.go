package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
)

// exportBatch is how many records are in memory at once.
const exportBatch = 500

// exportCommand writes a site's records, in the order in which the store took
// them.
func exportCommand(ctx context.Context, p *program) error {
	var site, format string
	c, rest, err := config.Parse("export", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&site, "site", "", "site whose records to write")
		f.StringVar(&format, "format", "jsonl", "jsonl or csv")
	})
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	write := map[string]func(io.Writer) recordWriter{"jsonl": newJSONLines, "csv": newCSV}[format]
	var faults config.Faults
	if write == nil {
		faults = append(faults, config.Fault{Name: "--format", Msg: fmt.Sprintf("%q is not a format", format), Hint: "jsonl or csv"})
	}
	if !optgate.IsSiteID(site) {
		faults = append(faults, config.Fault{Name: "--site", Msg: "is not the id of a site", Hint: "optgate export --site tiertime"})
	}
	if len(faults) > 0 {
		return faults
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	if _, ok := w.registry.Site(optgate.SiteID(site)); !ok {
		return fmt.Errorf("there is no site %s (hint: optgate apply makes one)", site)
	}
	if err := export(ctx, w.store, optgate.SiteID(site), write(out)); err != nil {
		return err
	}
	return out.Flush()
}

// recordWriter writes one record.
type recordWriter func(*optgate.Record) error

func export(ctx context.Context, ledger optgate.Ledger, site optgate.SiteID, write recordWriter) error {
	cursor := ""
	for {
		entries, next, err := ledger.Scan(ctx, site, cursor, exportBatch)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Record == nil {
				continue
			}
			if err := write(e.Record); err != nil {
				return err
			}
		}
		if len(entries) < exportBatch {
			return nil
		}
		cursor = next
	}
}

func newJSONLines(w io.Writer) recordWriter {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(r *optgate.Record) error { return encoder.Encode(r) }
}

func newCSV(w io.Writer) recordWriter {
	out, begun := csv.NewWriter(w), false
	return func(r *optgate.Record) error {
		if !begun {
			begun = true
			if err := out.Write([]string{"id", "site", "visitor", "revision", "language", "action", "source", "choices", "at", "panel"}); err != nil {
				return err
			}
		}
		choices := make([]string, 0, len(r.Choices))
		for id, yes := range r.Choices {
			choices = append(choices, string(id)+":"+strconv.FormatBool(yes))
		}
		slices.Sort(choices)
		err := out.Write([]string{
			r.ID, string(r.Site), r.Visitor, strconv.Itoa(r.Revision), r.Language, string(r.Action), r.Source,
			strings.Join(choices, " "), r.At.Format(time.RFC3339Nano), r.Panel,
		})
		out.Flush()
		if err == nil {
			err = out.Error()
		}
		return err
	}
}
