package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// input is the standard input, which is not ours to close.
type input struct{ io.Reader }

// Close does nothing.
func (input) Close() error { return nil }

// verifier checks ledgers, exports, receipts and checkpoints.
type verifier struct {
	p     *program
	keys  keys.Verifier
	world *world // nil: offline
}

// verifyCommand checks a site's ledger, or files, and names the first thing that
// is not as it was recorded.
func verifyCommand(ctx context.Context, p *program) error {
	var site, jwks string
	var auditLog bool
	c, files, err := config.Parse("verify", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&site, "site", "", "check this site's ledger; files are then checkpoints, receipts and exports that it must bear out")
		f.StringVar(&jwks, "jwks", "", "file with the public keys, from /.well-known/jwks.json; without it those of the store")
		f.BoolVar(&auditLog, "audit", false, "check the audit log")
	})
	if err != nil {
		return err
	}
	if err := flagsFirst(files); err != nil {
		return err
	}
	if site == "" && len(files) == 0 && !auditLog || site != "" && !optgate.IsSiteID(site) {
		return config.Faults{{Name: "optgate verify", Msg: "needs to know what to check", Hint: "optgate verify --site tiertime, optgate verify records.jsonl, or optgate verify --jwks jwks.json receipt.txt"}}
	}
	v := &verifier{p: p}
	if jwks != "" {
		doc, err := os.ReadFile(jwks)
		if err != nil {
			return err
		}
		if v.keys, err = keys.ParseJWKS(doc); err != nil {
			return err
		}
	}
	if jwks == "" || site != "" || auditLog {
		if v.world, err = openWorld(ctx, c, newLogger(c, p.stderr)); err != nil {
			return err
		}
		defer v.world.close()
	}
	if jwks == "" {
		if v.keys, err = v.world.keys.Verifier(); err != nil {
			return err
		}
	}
	if auditLog {
		n, err := audit.Verify(ctx, v.world.store)
		if err != nil {
			return err
		}
		v.say("audit log: %d entries are as they were written", n)
	}
	if site != "" {
		return v.site(ctx, optgate.SiteID(site), files)
	}
	var faults []error
	for _, name := range files {
		if err := v.file(ctx, name); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

func (v *verifier) say(format string, args ...any) { fmt.Fprintf(v.p.stdout, format+"\n", args...) }

// site checks a ledger in the store against what files promise.
func (v *verifier) site(ctx context.Context, site optgate.SiteID, files []string) error {
	if _, ok := v.world.registry.Site(site); !ok {
		return noSite(site)
	}
	var outside []keys.Checkpoint
	for _, name := range files {
		promised, err := v.promise(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		outside = append(outside, promised)
	}
	check, err := ledger.Verify(ctx, v.world.store, site, v.keys, outside...)
	if err != nil {
		return err
	}
	v.say("%s: %d records in %d entries are as they were recorded", site, check.Records(), check.Entries())
	return nil
}

// promise reads a checkpoint, the one that an export ends with, or a receipt as one.
func (v *verifier) promise(name string) (keys.Checkpoint, error) {
	rest, text, err := v.read(name)
	if err != nil {
		return keys.Checkpoint{}, err
	}
	if text == "" {
		check, err := ledger.VerifyLines(rest, v.keys)
		if err != nil {
			return keys.Checkpoint{}, fmt.Errorf("neither a checkpoint nor a receipt nor a whole export: %w", err)
		}
		return check.Signed(), nil
	}
	k, err := v.keys.Checkpoint(text)
	if err == nil {
		return k, nil
	}
	r, _, err := v.keys.Receipt(text)
	if err != nil {
		return keys.Checkpoint{}, fmt.Errorf("neither a checkpoint nor a receipt nor a whole export: %w", err)
	}
	return keys.Checkpoint{Site: r.Site, At: r.At, Heads: []optgate.Head{r.Link}}, nil
}

// maxToken is more than a signed message has.
const maxToken = 1 << 20

// read returns a file, and its text if it is a signed message.
func (v *verifier) read(name string) (rest io.Reader, text string, err error) {
	f, err := openFile(v.p, name)
	if err != nil {
		return nil, "", err
	}
	in := bufio.NewReader(f)
	if start, _ := in.Peek(3); string(start) != "eyJ" { // every compact JWS begins so, and no export
		return in, "", nil
	}
	defer func() { _ = f.Close() }() // it was only read
	all, err := io.ReadAll(io.LimitReader(in, maxToken))
	return nil, strings.TrimSpace(string(all)), err
}

// file checks an export, a receipt or a checkpoint.
func (v *verifier) file(ctx context.Context, name string) error {
	rest, text, err := v.read(name)
	if err != nil {
		return err
	}
	if text == "" {
		check, err := ledger.VerifyLines(rest, v.keys)
		if err != nil {
			return err
		}
		v.say("%s: %d records in %d entries are as they were recorded, and the end is signed", name, check.Records(), check.Entries())
		return nil
	}
	if k, err := v.keys.Checkpoint(text); err == nil {
		v.say("%s: a checkpoint of %s of %s, signed by a known key", name, k.Site, k.At.Format("2 January 2006, 15:04 UTC"))
		return nil
	}
	r, _, err := v.keys.Receipt(text)
	if err != nil {
		return err
	}
	v.say("%s: a receipt of %s for %s by %s at %s, signed by a known key", name, r.ID, r.Site, r.Action, r.At.Format("2 January 2006, 15:04:05 UTC"))
	if v.world == nil {
		return nil
	}
	e, err := v.world.store.EntryAt(ctx, optgate.Place{Site: r.Site, Partition: r.Partition, Seq: r.Seq})
	switch {
	case errors.Is(err, optgate.ErrNotFound):
		return fmt.Errorf("the ledger has no entry %d of partition %d of %s: its end was cut off, or it was set back to an older copy", r.Seq, r.Partition, r.Site)
	case err != nil:
		return err
	case e.Link != r.Link:
		return fmt.Errorf("the ledger has another entry %d of partition %d than the receipt says", r.Seq, r.Partition)
	case e.Record == nil:
		v.say("%s: the record was erased since; its tombstone is in its place", name)
	default:
		v.say("%s: the record is in the ledger", name)
	}
	return nil
}
