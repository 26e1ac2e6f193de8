package ledger_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func now() time.Time { return start }

func open(t testing.TB) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(context.Background(), t.TempDir(), sqlitestore.Options{})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openKeys(t testing.TB, s optgate.KeyStore) *keys.Keys {
	t.Helper()
	k, err := keys.Open(context.Background(), s, now)
	must(t, err)
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// id returns the nth ULID.
func id(n int) string {
	var u ulid.ULID
	if err := u.SetTime(uint64(start.UnixMilli() + int64(n))); err != nil {
		panic(err)
	}
	u[15], u[14] = byte(n), byte(n>>8)
	return u.String()
}

// record returns the nth record. Each visitor has two.
func record(n int) optgate.Record {
	r := optgate.Record{
		ID: id(n), Site: "shop", Visitor: id(100000 + n/2), Revision: 1, Language: "en", Action: optgate.AcceptAll, Source: "banner",
		Choices: optgate.Choices{"functional": true, "analytics": true, "marketing": true}, At: start.Add(time.Duration(n) * time.Second),
	}
	if n%2 == 1 {
		r.Action, r.Choices = optgate.Withdraw, optgate.Choices{"functional": false, "analytics": false, "marketing": false}
	}
	return r
}

// fill records decisions and returns what the ledger holds then.
func fill(t testing.TB, s optgate.Ledger, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		_, _, err := s.Append(t.Context(), record(n))
		must(t, err)
	}
}

func entries(t testing.TB, s optgate.Ledger) []optgate.Entry {
	t.Helper()
	var all []optgate.Entry
	for e, err := range ledger.Entries(t.Context(), s, "shop", "") {
		must(t, err)
		all = append(all, *e)
	}
	return all
}

// check checks entries against what was promised.
func check(all []optgate.Entry, promised ...keys.Checkpoint) error {
	c := ledger.NewCheck("shop")
	for _, k := range promised {
		if err := c.ExpectCheckpoint("the checkpoint", k); err != nil {
			return err
		}
	}
	for i := range all {
		if err := c.Next(&all[i]); err != nil {
			return err
		}
	}
	return c.End()
}

// TestTampering does to a ledger what somebody could who gets at the store, and
// to an export. Each must be found, and the place be named.
func TestTampering(t *testing.T) {
	s := open(t)
	fill(t, s, 0, 400)
	older := entries(t, s)
	heads, err := s.Heads(t.Context(), "shop")
	must(t, err)
	early := keys.Checkpoint{Site: "shop", At: start, Heads: heads}
	fill(t, s, 400, 600)
	_, err = s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: record(10).Visitor, Reason: optgate.ErasedByVisitor, At: start})
	must(t, err)
	whole := entries(t, s)
	heads, err = s.Heads(t.Context(), "shop")
	must(t, err)
	late := keys.Checkpoint{Site: "shop", At: start.Add(time.Hour), Heads: heads}

	// An entry in the middle of its partition, and the ones around it there.
	at := slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Record != nil && e.Seq == 4 })
	p := whole[at].Partition
	of := func(seq uint64) int {
		return slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Partition == p && e.Seq == seq })
	}
	tombstone := slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Record == nil && e.Erasure == nil })
	note := slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Erasure != nil })
	elsewhere := slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Partition != p && e.Seq == 4 && e.Record != nil })
	newest := slices.IndexFunc(whole, func(e optgate.Entry) bool { return e.Link == whole[len(whole)-1].Link })
	changed := func(e optgate.Entry) optgate.Entry {
		r := *e.Record
		r.Choices = optgate.Choices{"functional": true, "analytics": true, "marketing": true}
		r.Action, r.Source = optgate.AcceptAll, "api"
		e.Record = &r
		return e
	}

	tests := []struct {
		name   string
		tamper func(all []optgate.Entry) []optgate.Entry
		want   string // in the fault
		place  optgate.Link
	}{
		{"an answer edited", func(a []optgate.Entry) []optgate.Entry { a[at] = changed(a[at]); return a }, "was altered", whole[at].Link},
		{"an answer edited, its leaf with it", func(a []optgate.Entry) []optgate.Entry {
			a[at] = changed(a[at])
			a[at].Leaf = a[at].Record.Leaf()
			return a
		}, "was altered", whole[at].Link},
		{"an answer edited, its hash too", func(a []optgate.Entry) []optgate.Entry {
			a[at] = changed(a[at])
			a[at].Leaf = a[at].Record.Leaf()
			a[at].Link = a[of(3)].Next(a[at].Leaf)
			return a
		}, "was altered, or the one before it", optgate.Link{Partition: p, Seq: 5}},
		{"the whole partition written anew", func(a []optgate.Entry) []optgate.Entry {
			head := optgate.Genesis("shop", p)
			for i := range a {
				if a[i].Partition == p {
					if i == at {
						a[i] = changed(a[i])
						a[i].Leaf = a[i].Record.Leaf()
					}
					head = head.Next(a[i].Leaf)
					a[i].Link = head
				}
			}
			return a
		}, "than the checkpoint of", optgate.Link{Partition: p}},
		{"a record deleted", func(a []optgate.Entry) []optgate.Entry { return slices.Delete(a, at, at+1) }, "is missing", whole[at].Link},
		{"the first deleted", func(a []optgate.Entry) []optgate.Entry { i := of(1); return slices.Delete(a, i, i+1) }, "is missing", optgate.Link{Partition: p, Seq: 1}},
		{"a record inserted", func(a []optgate.Entry) []optgate.Entry {
			r := record(900)
			r.Visitor = a[at].Record.Visitor
			forged := optgate.Entry{Link: a[of(3)].Next(r.Leaf()), Leaf: r.Leaf(), Record: &r}
			return slices.Insert(a, at, forged)
		}, "is there twice or out of order", whole[at].Link},
		{"a record twice", func(a []optgate.Entry) []optgate.Entry { return slices.Insert(a, at, a[at]) }, "is there twice", whole[at].Link},
		{"two swapped", func(a []optgate.Entry) []optgate.Entry {
			a[at], a[of(5)] = a[of(5)], a[at]
			return a
		}, "is missing", whole[at].Link},
		{"two of different partitions swapped", func(a []optgate.Entry) []optgate.Entry {
			a[at].Record, a[elsewhere].Record = a[elsewhere].Record, a[at].Record
			a[at].Leaf, a[elsewhere].Leaf = a[elsewhere].Leaf, a[at].Leaf
			return a
		}, "was altered", optgate.Link{}},
		{"taken to another partition", func(a []optgate.Entry) []optgate.Entry { a[at].Partition = (p + 1) % 64; return a }, "was altered", optgate.Link{}},
		{"the end cut off", func(a []optgate.Entry) []optgate.Entry { return slices.Delete(a, newest, newest+1) }, "is missing", whole[newest].Link},
		{"an older backup", func([]optgate.Entry) []optgate.Entry { return slices.Clone(older) }, "is missing", optgate.Link{}},
		{"nothing left", func([]optgate.Entry) []optgate.Entry { return nil }, "is missing", optgate.Link{}},
		{"two records made tombstones", func(a []optgate.Entry) []optgate.Entry {
			a[of(9)].Record, a[at].Record = nil, nil
			return a
		}, "is a tombstone that no erasure explains", whole[at].Link},
		{"a record made a tombstone", func(a []optgate.Entry) []optgate.Entry { a[at].Record = nil; return a }, "is a tombstone that no erasure explains", whole[at].Link},
		{"a tombstone given another record", func(a []optgate.Entry) []optgate.Entry { a[tombstone].Record = a[at].Record; return a }, "was altered", whole[tombstone].Link},
		{"the note of an erasure edited", func(a []optgate.Entry) []optgate.Entry {
			e := *a[note].Erasure
			e.Reason = optgate.ErasedByAdmin
			a[note].Erasure = &e
			return a
		}, "was altered", whole[note].Link},
		{"a record of another site", func(a []optgate.Entry) []optgate.Entry {
			r := *a[at].Record
			r.Site = "other"
			a[at].Record, a[at].Leaf = &r, r.Leaf()
			return a
		}, "was altered", whole[at].Link},
	}
	if err := check(slices.Clone(whole), early, late); err != nil {
		t.Fatalf("the ledger as it is: %v", err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.tamper(slices.Clone(whole)), early, late)
			fault, ok := errors.AsType[*ledger.Fault](err)
			if !ok || !strings.Contains(fault.Msg, tt.want) {
				t.Fatalf("got %v, want a fault that %q", err, tt.want)
			}
			if tt.place.Seq > 0 && (fault.Place.Partition != tt.place.Partition || fault.Place.Seq != tt.place.Seq) {
				t.Errorf("got %v, want entry %d of partition %d named", err, tt.place.Seq, tt.place.Partition)
			}
		})
	}
}

func TestVerifyAndCheckpoints(t *testing.T) {
	s := open(t)
	k := openKeys(t, s)
	if text, err := ledger.TakeCheckpoint(t.Context(), s, k, "shop", start); text != "" || err != nil {
		t.Errorf("TakeCheckpoint of nothing = %q, %v", text, err)
	}
	for round := range 3 {
		fill(t, s, round*50, round*50+50)
		for again := range 2 {
			text, err := ledger.TakeCheckpoint(t.Context(), s, k, "shop", start)
			if err != nil || (text == "") != (again == 1) {
				t.Errorf("round %d, call %d: TakeCheckpoint = %q, %v", round, again, text, err)
			}
		}
	}
	must(t, k.Rotate(t.Context()))
	v, err := k.Verifier()
	must(t, err)
	c, err := ledger.Verify(t.Context(), s, "shop", v)
	if err != nil || c.Records() != 150 || c.Entries() != 150 {
		t.Errorf("Verify = %d records, %d entries, %v", c.Records(), c.Entries(), err)
	}
	other, err := openKeys(t, open(t)).Verifier()
	must(t, err)
	if _, err := ledger.Verify(t.Context(), s, "shop", other); !errors.Is(err, keys.ErrNotOurs) {
		t.Errorf("Verify with other keys = %v, want ErrNotOurs", err)
	}
	ahead := keys.Checkpoint{Site: "shop", At: start, Heads: []optgate.Head{{Partition: 3, Seq: 1000}}}
	if _, err := ledger.Verify(t.Context(), s, "shop", v, ahead); err == nil || !strings.Contains(err.Error(), "set back to an older copy") {
		t.Errorf("Verify against a later checkpoint = %v", err)
	}
	foreign := keys.Checkpoint{Site: "other"}
	if _, err := ledger.Verify(t.Context(), s, "shop", v, foreign); err == nil {
		t.Error("the checkpoint of another site is taken")
	}
}

// heads is a ledger whose store takes something else for its end.
type heads struct {
	ledger.Store
	now []optgate.Head
}

func (h heads) Heads(context.Context, optgate.SiteID) ([]optgate.Head, error) { return h.now, nil }

// TestVerifyAgainstTheEnd: somebody who cuts off the newest entries, which no
// checkpoint has seen, must also know where the store keeps how far it came.
func TestVerifyAgainstTheEnd(t *testing.T) {
	s := open(t)
	fill(t, s, 0, 200)
	v, err := openKeys(t, s).Verifier()
	must(t, err)
	whole, err := s.Heads(t.Context(), "shop")
	must(t, err)
	changed := func(f func(*optgate.Head)) []optgate.Head {
		heads := slices.Clone(whole)
		f(&heads[7])
		return heads
	}
	tests := []struct {
		name  string
		heads []optgate.Head
		want  string
		seq   uint64
	}{
		{"an entry was cut off", changed(func(h *optgate.Head) { *h = h.Next(optgate.Digest{}) }), "is missing", whole[7].Seq + 1},
		{"the end was altered", changed(func(h *optgate.Head) { h.Chain[3]++ }), "is another one than what the store takes for the end", whole[7].Seq},
		{"the end was taken away", slices.Delete(slices.Clone(whole), 7, 8), "is behind what the store takes for the end", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ledger.Verify(t.Context(), heads{s, tt.heads}, "shop", v)
			fault, ok := errors.AsType[*ledger.Fault](err)
			if !ok || !strings.Contains(fault.Msg, tt.want) || fault.Place.Partition != whole[7].Partition || fault.Place.Seq != tt.seq {
				t.Errorf("got %v, want entry %d of partition %d that %q", err, tt.seq, whole[7].Partition, tt.want)
			}
		})
	}
}

// revisions has revision 1 of the shop.
type revisions struct{}

func (revisions) Revision(_ context.Context, site optgate.SiteID, number int) (*optgate.Revision, error) {
	if number != 1 {
		return nil, optgate.ErrNotFound
	}
	c := &optgate.Config{
		Site: site, Name: "Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en"}, Controller: optgate.Controller{Name: "Shop Ltd", Contact: "a@shop.example"},
		Policy:     optgate.Policy{URL: optgate.Text{"en": "https://shop.example/privacy"}},
		Categories: []optgate.Category{{ID: "essential"}, {ID: "functional"}, {ID: "analytics"}, {ID: "marketing"}},
		Services:   []optgate.Service{{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc", Country: "US", Policy: "https://ads.example/p", Cookies: []optgate.StoredCookie{{Name: "_ads"}}}},
	}
	r := optgate.NewRevision(c, 0, "test", "", start)
	return &r, nil
}

// sign signs checkpoints of the shop.
func sign(k *keys.Keys) func([]optgate.Head) (string, error) {
	return func(heads []optgate.Head) (string, error) {
		return k.SignCheckpoint(keys.Checkpoint{Site: "shop", At: start, Heads: heads})
	}
}

func export(t testing.TB, x ledger.Export) string {
	t.Helper()
	x.Site, x.Revisions = "shop", revisions{}
	var b bytes.Buffer
	_, err := x.Write(context.Background(), &b)
	must(t, err)
	return b.String()
}

// TestExportIsCheckedByItself checks an export with nothing but public keys, and
// imports it elsewhere.
func TestExportIsCheckedByItself(t *testing.T) {
	s := open(t)
	k := openKeys(t, s)
	fill(t, s, 0, 300)
	_, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: record(20).Visitor, Reason: optgate.ErasedByVisitor, At: start})
	must(t, err)
	text := export(t, ledger.Export{Format: ledger.JSONLines, Ledger: s, Checkpoint: sign(k)})
	v, err := k.Verifier()
	must(t, err)
	c, err := ledger.VerifyLines(strings.NewReader(text), v)
	if err != nil || c.Records() != 298 || c.Entries() != 301 {
		t.Fatalf("VerifyLines = %d records, %d entries, %v", c.Records(), c.Entries(), err)
	}
	if strings.Contains(text, record(20).Visitor) {
		t.Error("the export names a visitor who was erased")
	}

	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if !strings.Contains(text, `"at":"2026-11-23T12:00:07.000Z"`) || !strings.Contains(text, `"reason":"visitor","at":"2026-11-23T12:00:00.000Z"`) {
		t.Errorf("times are not written as they are hashed: %s", lines[7])
	}
	_, signed, _ := strings.Cut(lines[len(lines)-1], `,"checkpoint"`)
	cut := strings.Join(lines[:len(lines)-2], "") + strings.Replace(lines[len(lines)-2], "}\n", `,"checkpoint"`+signed+"\n", 1)
	for name, bad := range map[string]string{
		"more of the time":  strings.Replace(text, `"at":"2026-11-23T12:00:07.000Z"`, `"at":"2026-11-23T12:00:07.0009Z"`, 1),
		"another zone":      strings.Replace(text, `"at":"2026-11-23T12:00:07.000Z"`, `"at":"2026-11-23T13:00:07.000+01:00"`, 1),
		"words on a grave":  strings.Replace(text, `"erased":true`, `"erased":true,"action":"accept_all"`, 1),
		"a leaf besides":    strings.Replace(text, `"erased":true`, `"erased":true,"at":"2026-11-23T12:00:07.000Z"`, 1),
		"a record's leaf":   strings.Replace(text, `"action"`, `"leaf":"`+strings.Repeat("0", 64)+`","action"`, 1),
		"a signed end cut":  cut,
		"a line deleted":    strings.Join(slices.Delete(slices.Clone(lines), 100, 101), ""),
		"the end cut off":   strings.Join(lines[:len(lines)-1], ""),
		"half a line":       text[:len(text)-40],
		"an answer changed": strings.Replace(text, `"action":"withdraw"`, `"action":"reject_all"`, 1),
		"a stranger's key":  strings.Replace(text, `"source"`, `"sauce"`, 1),
		"a key twice":       strings.Replace(text, `"action":"`, `"action":"reject_all","action":"`, 1),
		"other capitals":    strings.Replace(text, `"action"`, `"Action"`, 1),
		"nothing":           "",
		"no JSON":           "hello\n",
		"two sites":         strings.Replace(text, `"site":"shop"`, `"site":"other"`, 1),
	} {
		if _, err := ledger.VerifyLines(strings.NewReader(bad), v); err == nil {
			t.Errorf("%s: is taken", name)
		}
	}

	if _, err := ledger.VerifyLines(strings.NewReader(cut), v); err == nil || !strings.Contains(err.Error(), "is missing: the checkpoint in the last line has seen entry") {
		t.Errorf("the end cut off before a checkpoint: %v", err)
	}
	to := open(t)
	for _, want := range []int{301, 0} {
		n, err := ledger.Import(t.Context(), to, "shop", ledger.OfSite("shop", ledger.Lines(strings.NewReader(text))))
		if err != nil || n != want {
			t.Errorf("Import = %d, %v; want %d", n, err, want)
		}
	}
	a, err := s.Heads(t.Context(), "shop")
	must(t, err)
	b, err := to.Heads(t.Context(), "shop")
	must(t, err)
	if !slices.Equal(a, b) {
		t.Error("the imported ledger ends elsewhere")
	}
	if _, err := ledger.Import(t.Context(), to, "other", ledger.OfSite("other", ledger.Lines(strings.NewReader(text)))); err == nil {
		t.Error("an export is imported into another site")
	}
	busy := open(t)
	fill(t, busy, 300, 310)
	if _, err := ledger.Import(t.Context(), busy, "shop", ledger.OfSite("shop", ledger.Lines(strings.NewReader(text)))); !errors.Is(err, optgate.ErrConflict) {
		t.Errorf("Import into a ledger with other records = %v, want ErrConflict", err)
	}
}

func TestFilters(t *testing.T) {
	s := open(t)
	fill(t, s, 0, 20)
	var f ledger.Filter
	must(t, f.Parse("2026-11-23T12:00:05Z", "2026-11-23T12:00:15Z", "withdraw", "1"))
	text := export(t, ledger.Export{Format: ledger.JSONLines, Ledger: s, Filter: f})
	if got := strings.Count(text, "\n"); got != 5 {
		t.Errorf("the export has %d lines, want 5:\n%s", got, text)
	}
	err := new(ledger.Filter).Parse("yesterday", "x", "buy", "0")
	for _, field := range []string{"from", "to", "action", "revision"} {
		if err == nil || !strings.Contains(err.Error(), field+": ") {
			t.Errorf("Parse = %v, want %s named", err, field)
		}
	}
}

func TestCSV(t *testing.T) {
	s := open(t)
	if got := export(t, ledger.Export{Format: ledger.CSV, Ledger: s}); !strings.HasPrefix(got, "id,site,visitor,") || strings.Count(got, "\n") != 1 {
		t.Errorf("the export of nothing is %q, want its header", got)
	}
	fill(t, s, 0, 3)
	rows, err := csv.NewReader(strings.NewReader(export(t, ledger.Export{Format: ledger.CSV, Ledger: s}))).ReadAll()
	must(t, err)
	if len(rows) != 4 || rows[1][7] != "analytics:true functional:true marketing:true" || rows[1][8] != "2026-11-23T12:00:00.000Z" {
		t.Errorf("the export is %q", rows)
	}
}

func TestISO27560(t *testing.T) {
	s := open(t)
	fill(t, s, 0, 2)
	for _, n := range []int{0, 2} {
		from := s
		if n == 0 {
			from = open(t)
		}
		var doc struct {
			Context map[string]any   `json:"@context"`
			Graph   []map[string]any `json:"@graph"`
		}
		must(t, json.Unmarshal([]byte(export(t, ledger.Export{Format: ledger.ISO27560, Ledger: from})), &doc))
		if len(doc.Graph) != n || doc.Context["dpv"] == nil {
			t.Fatalf("the document has %d records and the context %v, want %d", len(doc.Graph), doc.Context, n)
		}
		for i, r := range doc.Graph {
			for _, key := range []string{"schema_version", "record_id", "pii_principal_id", "processing", "party_identification", "event", "dct:conformsTo"} {
				if r[key] == nil {
					t.Errorf("record %d lacks %s", i, key)
				}
			}
			text := fmt.Sprint(r)
			want := []string{"dpv:ConsentGiven", "dpv:ConsentWithdrawn"}[i]
			for _, want := range []string{want, "eu-gdpr:A6-1-a", "dpv:DataController", "Ads Inc", "P180D", "https://shop.example/privacy", "_ads"} {
				if !strings.Contains(text, want) {
					t.Errorf("record %d lacks %s: %s", i, want, text)
				}
			}
		}
	}
}

// Of what a visitor said nothing, a consent record says nothing either.
func TestISO27560SaysNoMore(t *testing.T) {
	for _, tt := range []struct {
		choices optgate.Choices
		want    int
	}{{optgate.Choices{"marketing": false}, 1}, {optgate.Choices{}, 0}} {
		s, r := open(t), record(1)
		r.Action, r.Source, r.Choices = optgate.Save, "gpc", tt.choices
		_, _, err := s.Append(t.Context(), r)
		must(t, err)
		text := export(t, ledger.Export{Format: ledger.ISO27560, Ledger: s})
		if got := strings.Count(text, `"dpv:ConsentRefused"`); got != tt.want || strings.Contains(text, "analytics") || strings.Contains(text, "null") {
			t.Errorf("%v: got %d refusals, want %d: %s", tt.choices, got, tt.want, text)
		}
	}
}

func TestExpire(t *testing.T) {
	s := open(t)
	k := openKeys(t, s)
	fill(t, s, 0, 1200)
	_, err := ledger.TakeCheckpoint(t.Context(), s, k, "shop", start)
	must(t, err)
	before := start.Add(1100 * time.Second)
	for _, want := range []int{1100, 0} {
		if n, err := ledger.Expire(t.Context(), s, "shop", before, start.Add(time.Hour)); n != want || err != nil {
			t.Errorf("Expire = %d, %v; want %d", n, err, want)
		}
	}
	v, err := k.Verifier()
	must(t, err)
	if c, err := ledger.Verify(t.Context(), s, "shop", v); err != nil || c.Records() != 100 {
		t.Errorf("Verify afterwards = %d records, %v; want 100", c.Records(), err)
	}
}

func FuzzLines(f *testing.F) {
	s := open(f)
	fill(f, s, 0, 3)
	f.Add(export(f, ledger.Export{Format: ledger.JSONLines, Ledger: s}))
	f.Add(`{"site":"shop","partition":3,"seq":1,"chain":"00","erased":true,"leaf":"00"}`)
	f.Add(`{"erasure":{"seqs":[1]},"seq":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		c := ledger.NewCheck("shop")
		for l, err := range ledger.Lines(strings.NewReader(text)) {
			if err != nil {
				return
			}
			if c.Next(l.Entry) != nil {
				return
			}
		}
	})
}
