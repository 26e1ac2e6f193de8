// Package evidence finds a decision in the ledger and shows it: what the visitor
// saw, and what she clicked.
package evidence

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// Most is how many decisions of one visitor [Sources.Find] returns at most.
const Most = 20

// Sources are where evidence lies.
type Sources struct {
	Ledger   optgate.Ledger
	Panels   optgate.PanelStore
	Revision func(ctx context.Context, site optgate.SiteID, number int) (*optgate.Revision, error)
}

// Evidence is one decision and what it answered.
type Evidence struct {
	Site     optgate.SiteID
	Entry    optgate.Entry
	Revision *optgate.Revision // nil if the record was erased
	Panel    []byte            // what the record says was shown; nil if that is not known
}

// Found is what [Sources.Find] found, the newest first.
type Found struct {
	Decisions []Evidence
	More      int // older ones of the same visitor
}

// Find returns what is named: a decision, by its record's id or by its receipt,
// or all decisions of a visitor, by her id. Text that can be none of these is an
// [optgate.InvalidError] of field "record", and so is a receipt that the ledger
// contradicts. Nothing found is [optgate.ErrNotFound]. A record's id alone is
// searched for by time; see [optgate.Ledger].
func (s Sources) Find(ctx context.Context, site optgate.SiteID, named string) (Found, error) {
	named = strings.TrimSpace(named)
	entries, more, err := s.entries(ctx, site, named)
	if err != nil {
		return Found{}, err
	}
	found := Found{More: more}
	for _, entry := range entries {
		e := Evidence{Site: site, Entry: entry}
		if err := s.complete(ctx, &e); err != nil {
			return Found{}, err
		}
		found.Decisions = append(found.Decisions, e)
	}
	return found, nil
}

func (s Sources) entries(ctx context.Context, site optgate.SiteID, named string) (entries []optgate.Entry, more int, err error) {
	if id, err := ulid.ParseStrict(named); err != nil || id.String() != named {
		entry, err := s.byReceipt(ctx, site, named)
		return []optgate.Entry{entry}, 0, err
	}
	all, err := s.Ledger.Records(ctx, site, named)
	if err != nil {
		return nil, 0, fmt.Errorf("evidence: records of a visitor: %w", err)
	}
	if len(all) == 0 {
		entry, err := s.Ledger.Find(ctx, site, named)
		if err != nil {
			return nil, 0, fmt.Errorf("evidence: find record: %w", err)
		}
		return []optgate.Entry{entry}, 0, nil
	}
	slices.Reverse(all)
	shown := min(len(all), Most)
	return all[:shown], len(all) - shown, nil
}

// complete adds what the record of e leads to.
func (s Sources) complete(ctx context.Context, e *Evidence) error {
	r := e.Entry.Record
	if r == nil {
		return nil
	}
	var err error
	if e.Revision, err = s.Revision(ctx, e.Site, r.Revision); err != nil {
		return fmt.Errorf("evidence: revision of a record: %w", err)
	}
	if r.Panel == "" {
		return nil
	}
	e.Panel, err = s.Panels.Panel(ctx, r.Panel)
	if err != nil && !errors.Is(err, optgate.ErrNotFound) {
		return fmt.Errorf("evidence: panel of a record: %w", err)
	}
	return nil
}

// receipt is what a receipt says about where its record is.
type receipt struct {
	optgate.Link
	ID   string         `json:"id"`
	Site optgate.SiteID `json:"site"`
}

// parseReceipt reads the payload of a compact JWS. Its signature is not looked
// at: the receipt only says where to look, and the chain's hash in it, which
// covers the record, is compared with the ledger's.
func parseReceipt(text string) (receipt, error) {
	bad := &optgate.InvalidError{Field: "record", Msg: "is neither the id of a record or of a visitor, 26 characters, nor a whole receipt"}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return receipt{}, bad
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var r receipt
	if err != nil || json.Unmarshal(payload, &r) != nil || r.ID == "" {
		return receipt{}, bad
	}
	return r, nil
}

// SiteOf returns the site that a receipt names, or the empty string for text that
// is no receipt.
func SiteOf(named string) optgate.SiteID {
	r, err := parseReceipt(strings.TrimSpace(named))
	if err != nil {
		return ""
	}
	return r.Site
}

// byReceipt returns the entry that a receipt names.
func (s Sources) byReceipt(ctx context.Context, site optgate.SiteID, text string) (optgate.Entry, error) {
	r, err := parseReceipt(text)
	if err != nil {
		return optgate.Entry{}, err
	}
	if r.Site != site {
		return optgate.Entry{}, &optgate.InvalidError{Field: "record", Msg: fmt.Sprintf("is a receipt of the site %.70q", string(r.Site))}
	}
	if r.Seq == 0 { // of before the ledger was chained
		entry, err := s.Ledger.Find(ctx, site, r.ID)
		if err != nil {
			return optgate.Entry{}, fmt.Errorf("evidence: find record: %w", err)
		}
		return entry, nil
	}
	entry, err := s.Ledger.EntryAt(ctx, optgate.Place{Site: site, Partition: r.Partition, Seq: r.Seq})
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("evidence: entry of a receipt: %w", err)
	}
	if entry.Chain != r.Chain || entry.Record != nil && entry.Record.ID != r.ID {
		return optgate.Entry{}, &optgate.InvalidError{Field: "record", Msg: "is a receipt of something else than the ledger holds in its place: " +
			"the receipt is forged, or the ledger was changed; optgate verify tells"}
	}
	return entry, nil
}
