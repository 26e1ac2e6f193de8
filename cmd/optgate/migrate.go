package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/ledger"
)

// migrateCommand fills the store from another one.
func migrateCommand(ctx context.Context, p *program) error {
	var from config.Config
	c, rest, err := config.Parse("migrate", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&from.Data, "from-data", "", "directory of the embedded store to copy")
		f.StringVar(&from.Redis, "from-redis", "", "URL of the Redis to copy; with a password, use OPTGATE_FROM_REDIS")
	})
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	if from.Redis == "" && from.Data == "" {
		from.Redis = p.env("OPTGATE_FROM_REDIS")
	}
	if (from.Data == "") == (from.Redis == "") {
		return config.Faults{{Name: "optgate migrate", Msg: "needs one store to copy", Hint: "optgate migrate --from-data ./optgate-data --redis redis://localhost:6379"}}
	}
	source, err := openStore(ctx, &from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // it was only read
	target, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	m, err := ledger.Migrate(ctx, source, target)
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "copied: %d sites, %d revisions, %d entries of ledgers, %d users, %d entries of the audit log; both ledgers of each site end alike\n",
		m.Sites, m.Revisions, m.Entries, m.Users, m.AuditEntries)
	return err
}
