// Command optgate asks a site's visitors what may be loaded, keeps proof of the
// answer, and serves the script that loads nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/optgate/optgate/internal/config"
)

const usage = `Usage: optgate <command> [flags]

  demo       two example sites, their visitors' trackers and the admin, on this machine
  serve      serve sites and the admin
  apply      publish site files: optgate apply -f site.yaml
             (--dry-run says what would change, and publishes nothing; the file of a
             group of sites is published to each of them)
  pull       write what is published as site files: optgate pull --site S -o site.yaml
             (--check fails if a file says something else; --server asks another Optgate)
  history    a site's revisions and what changed: optgate history --site S
  diff       what changed between two revisions: optgate diff --site S [3 7]
  rollback   publish an earlier revision again: optgate rollback --site S --to 3
  pause      stop a category or a tag at once: optgate pause --site S --category marketing
             (or --tag ID; without either it lists what is paused)
  resume     let it load again: optgate resume --site S --category marketing
  show       what a visitor saw and clicked, as a page: optgate show RECORD -o page.html
             (RECORD is the id of a record or of a visitor, or a receipt; --site S)
  export     write a site's records: optgate export --site S --format jsonl|csv|iso27560
  import     restore an export of another Optgate: optgate import --site S FILE
  verify     check that nothing recorded was changed: optgate verify --site S, or FILE
  migrate    fill a store from another: optgate migrate --from-data DIR --redis URL
  user       manage the admin's users: optgate user add|passwd|role|remove NAME, optgate user list
  keys       put new keys before the old ones: optgate keys rotate
  health     ask a running server whether it can record
  version    print the version

"optgate <command> -h" lists the flags and environment variables of a command.
`

// version is set by the linker in releases.
var version = "dev"

// program is what a command sees of the world outside.
type program struct {
	args   []string // behind the command's name
	env    config.Environment
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// errFailed is returned by a command that already said what went wrong.
var errFailed = errors.New("failed")

var commands = map[string]func(context.Context, *program) error{
	"demo": demoCommand, "serve": serveCommand, "apply": applyCommand, "pull": pullCommand, "show": showCommand,
	"export": exportCommand, "import": importCommand, "verify": verifyCommand, "migrate": migrateCommand,
	"history": historyCommand, "diff": diffCommand, "rollback": rollbackCommand,
	"pause": pauseCommand, "resume": resumeCommand,
	"user": userCommand, "keys": keysCommand, "health": healthCommand, "version": versionCommand,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := &program{env: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	code := run(ctx, p, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out a command line and returns the exit status: 0 for success, 2
// for a command line or configuration that cannot be, 1 for any other failure.
func run(ctx context.Context, p *program, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprint(p.stdout, usage)
		return 0
	}
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(p.stderr, "optgate: there is no command %q\n\n%s", args[0], usage)
		return 2
	}
	p.args = args[1:]
	err := command(ctx, p)
	faults, misconfigured := errors.AsType[config.Faults](err)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case misconfigured:
		fmt.Fprintf(p.stderr, "optgate: the configuration has faults:\n%s\n", faults)
		return 2
	case !errors.Is(err, errFailed):
		fmt.Fprintf(p.stderr, "optgate: %s\n", err)
	}
	return 1
}

// versionCommand prints the version.
func versionCommand(_ context.Context, p *program) error {
	_, err := fmt.Fprintf(p.stdout, "optgate %s %s %s/%s\n", fullVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// fullVersion is the release's version, or the module's if it was installed by
// "go install", or "dev".
func fullVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}
