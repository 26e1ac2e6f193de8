// Package config reads what an operator sets, from flags and from the
// environment, and reports every fault at once.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/provider"
)

// Config is what an operator can set. Flags win over the environment.
type Config struct {
	Addr               string           // listen address of sites and admin
	Data               string           // directory of the embedded store
	Redis              string           // address of Redis; empty: the embedded store. Secret: it may hold a password
	RedisWait          int              // how many replicas must have a record before it is acknowledged
	PublicURL          *url.URL         // under which browsers reach the server; nil: as each request says
	AdminURL           *url.URL         // under which browsers reach the admin; nil: PublicURL
	AdminAddr          string           // listen address of the admin alone; empty: Addr
	MetricsAddr        string           // listen address of /metrics; empty: off
	DecisionsPerMinute int              // from one client address; 0: no limit
	TrustedProxies     []netip.Prefix   // whose X-Forwarded-For and -Proto are believed; nil: those of private addresses
	RegionHeaders      []string         // in which proxies say where a visitor is; empty: nobody does
	CheckLoopback      bool             // the admin may check pages of this machine
	SignOn             provider.Options // for single sign-on; without an issuer: none
	LogLevel           string           // debug, info, warn or error
	LogFormat          string           // text or json
}

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	Name string // of the flag or variable
	Msg  string
	Hint string // what to do about it
}

// Faults is everything that is wrong.
type Faults []Fault

// Error returns each fault with its hint on a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Name + ": " + x.Msg + " (hint: " + x.Hint + ")"
	}
	return strings.Join(lines, "\n")
}

// Variable returns the environment variable of a flag.
func Variable(name string) string {
	return "OPTGATE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Environment is how variables are read: [os.Getenv], or a test's own.
type Environment func(name string) string

// Parse reads the named settings from args and env, the others from their
// defaults. It returns what stands behind the flags, and all faults together as
// [Faults]. The text of -h goes to usage, with [flag.ErrHelp]. Further flags can
// be declared by extra.
func Parse(command string, names, args []string, env Environment, usage io.Writer, extra func(*flag.FlagSet)) (*Config, []string, error) {
	flags := flag.NewFlagSet("optgate "+command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	given := map[string]*string{}
	for _, o := range options {
		if slices.Contains(names, o.name) && o.name != clientSecret {
			given[o.name] = flags.String(o.name, "", o.usage)
		}
	}
	if extra != nil {
		extra(flags)
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		writeUsage(usage, flags)
		return nil, nil, err
	} else if err != nil {
		return nil, nil, Faults{{"optgate " + command, err.Error(), "optgate " + command + " -h lists the flags"}}
	}
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })

	var c Config
	var faults Faults
	for _, o := range options {
		value, name := o.value, "--"+o.name
		switch fromEnv, from, fault := o.fromEnv(env); {
		case !slices.Contains(names, o.name):
		case set[o.name]:
			value = *given[o.name]
		case fault != nil:
			faults = append(faults, *fault)
			continue
		case fromEnv != "":
			value, name = fromEnv, from
		}
		if fault := o.set(&c, value); fault != nil {
			fault.Name = name
			faults = append(faults, *fault)
		}
	}
	if len(faults) == 0 {
		faults = c.crossCheck()
	}
	if len(faults) > 0 {
		return nil, nil, faults
	}
	return &c, flags.Args(), nil
}

// fromEnv returns a setting's value from the environment and the variable that
// held it.
func (o *option) fromEnv(env Environment) (value, name string, fault *Fault) {
	name = Variable(o.name)
	value = env(name)
	if !o.secret || env(name+"_FILE") == "" {
		return value, name, nil
	}
	if value != "" {
		return "", name, &Fault{name, "is set, and " + name + "_FILE too", "set one of them"}
	}
	value, err := ReadSecret(env(name + "_FILE"))
	if err != nil {
		return "", name, &Fault{name + "_FILE", err.Error(), "name a readable file that holds the value"}
	}
	return value, name + "_FILE", nil
}

// ReadSecret returns the content of a file without the line break at its end.
func ReadSecret(path string) (string, error) {
	const limit = 64 << 10
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	doc, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(doc), "\r\n"), nil
}

// crossCheck finds settings that are each right but not together.
func (c *Config) crossCheck() Faults {
	var faults Faults
	if c.RedisWait > 0 && c.Redis == "" {
		faults = append(faults, Fault{"--redis-wait", "waits for replicas of Redis, but no Redis is given", "give --redis, or leave --redis-wait out"})
	}
	faults = append(faults, c.checkSignOn()...)
	listens := map[string]string{}
	for _, l := range []struct{ name, addr string }{{"--addr", c.Addr}, {"--admin-addr", c.AdminAddr}, {"--metrics-addr", c.MetricsAddr}} {
		if l.addr == "" || strings.HasSuffix(l.addr, ":0") {
			continue
		}
		if other, taken := listens[l.addr]; taken {
			faults = append(faults, Fault{l.name, "is the same address as " + other, "give each an address of its own"})
		}
		listens[l.addr] = l.name
	}
	return faults
}

func writeUsage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "Usage of %s:\n", flags.Name())
	flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "  --%s\n    \t%s\n", f.Name, f.Usage)
		for _, o := range options {
			if o.name != f.Name {
				continue
			}
			fmt.Fprintf(w, "    \tenvironment: %s", Variable(o.name))
			if o.secret {
				fmt.Fprintf(w, " or %s_FILE", Variable(o.name))
			}
			if o.value != "" {
				fmt.Fprintf(w, "; default: %s", o.value)
			}
			fmt.Fprintln(w)
		}
	})
}
