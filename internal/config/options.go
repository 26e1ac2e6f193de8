package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// option is one line of the table of all that can be set.
type option struct {
	name   string // of the flag; the variable is OPTGATE_ and the name in capitals
	usage  string
	value  string // the default
	secret bool   // can also be in a file that OPTGATE_..._FILE names
	set    func(c *Config, value string) *Fault
}

// options is the one place where a setting is declared.
var options = []option{
	{"addr", "listen on this address", ":8080", false, setAddr(func(c *Config) *string { return &c.Addr })},
	{"data", "directory of the embedded store", "./optgate-data", false, setData},
	{"redis", "record in this Redis instead: redis://, rediss://, unix://, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port", "", true, setRedis},
	{"redis-wait", "acknowledge a record only when this many replicas of Redis have it (0: none)", "0", false, setRedisWait},
	{"public-url", "address under which browsers reach this server, for links and cookies", "", false, setURL(func(c *Config) **url.URL { return &c.PublicURL })},
	{"admin-url", "address under which browsers reach the admin, if it is not --public-url: for links, passkeys and single sign-on", "", false, setURL(func(c *Config) **url.URL { return &c.AdminURL })},
	{"admin-addr", "serve the admin on this address only (empty: beside the sites)", "", false, setOptionalAddr(func(c *Config) *string { return &c.AdminAddr })},
	{"metrics-addr", "serve /metrics on this address (empty: off)", "", false, setOptionalAddr(func(c *Config) *string { return &c.MetricsAddr })},
	{"decisions-per-minute", "how many decisions one client address may record a minute, loopback excepted (0: no limit)", "120", false, setDecisions},
	{"trusted-proxies", "believe X-Forwarded-For and X-Forwarded-Proto of these addresses and networks alone, with commas between; none: of nobody (empty: of every private address)", "", false, setProxies},
	{"region-header", "header in which a proxy that is believed says the visitor's country (CF-IPCountry), or country and part (US-CA); a second one behind a comma says the part (empty: nobody says it)", "", false, setRegionHeader},
	{"check-loopback", "let the admin check pages at this machine's own addresses, where a site is being made: no or yes", "no", false, setCheckLoopback},
	{"oidc-issuer", "let people sign in by this OpenID provider, for example https://id.example.com (its client's secret: OPTGATE_OIDC_CLIENT_SECRET or OPTGATE_OIDC_CLIENT_SECRET_FILE)", "", false, setIssuer},
	{"oidc-client-id", "what the OpenID provider knows this server by", "", false, setText(func(c *Config) *string { return &c.SignOn.ClientID })},
	{clientSecret, "", "", true, setText(func(c *Config) *string { return &c.SignOn.Secret })},
	{"oidc-name", "what the sign-in page calls the OpenID provider (empty: its host)", "", false, setText(func(c *Config) *string { return &c.SignOn.Name })},
	{"oidc-scopes", "what to ask the OpenID provider for", "openid profile email", false, setScopes},
	{"oidc-role-claim", "claim of the OpenID provider that says what a person may do; dots lead into objects", "groups", false, setText(func(c *Config) *string { return &c.SignOn.Claim })},
	{"oidc-roles", "role of each value of the claim, the first that fits: \"consent-admins=owner; marketing=editor\". Nobody else gets in", "", false, setRoles},
	{"log-level", "debug, info, warn or error", "info", false, setWord(func(c *Config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")},
	{"log-format", "text or json", "text", false, setWord(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
}

func setAddr(field func(*Config) *string) func(*Config, string) *Fault {
	return func(c *Config, value string) *Fault {
		*field(c) = value
		_, port, err := net.SplitHostPort(value)
		if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
			return &Fault{Msg: Shown(value) + " is not host:port", Hint: `for example ":8080" or "127.0.0.1:8080"`}
		}
		return nil
	}
}

func setOptionalAddr(field func(*Config) *string) func(*Config, string) *Fault {
	set := setAddr(field)
	return func(c *Config, value string) *Fault {
		if value == "" {
			return nil
		}
		return set(c, value)
	}
}

func setData(c *Config, value string) *Fault {
	c.Data = value
	if value == "" {
		return &Fault{Msg: "is empty", Hint: "name a directory; it is made if it does not exist"}
	}
	return nil
}

// Shown returns a wrong value as it can stand in a message: in quotation marks,
// unless it looks like an address with a password in it.
func Shown(value string) string {
	if strings.Contains(value, "@") {
		return "the given value"
	}
	return strconv.Quote(value)
}

// setRedis checks the address without ever repeating it: it may hold a password.
func setRedis(c *Config, value string) *Fault {
	c.Redis = value
	if value == "" {
		return nil
	}
	scheme, rest, ok := strings.Cut(value, "://")
	known := []string{"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}
	if !ok || rest == "" || !slices.Contains(known, scheme) {
		return &Fault{Msg: "is not the address of a Redis", Hint: "begin with " + strings.Join(known, "://, ") + "://"}
	}
	return nil
}

func setRedisWait(c *Config, value string) *Fault {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 10 {
		return &Fault{Msg: Shown(value) + " is not a number from 0 to 10", Hint: "1 where every master has at least two replicas, 0 waits for none"}
	}
	c.RedisWait = n
	return nil
}

func setURL(field func(*Config) **url.URL) func(*Config, string) *Fault {
	return func(c *Config, value string) *Fault {
		if value == "" {
			return nil
		}
		u, err := url.Parse(strings.TrimSuffix(value, "/"))
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return &Fault{Msg: Shown(value) + " is not an address of a server", Hint: "for example https://consent.example.com"}
		}
		*field(c) = u
		return nil
	}
}

func setDecisions(c *Config, value string) *Fault {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 1_000_000 {
		return &Fault{Msg: Shown(value) + " is not a number from 0 to 1000000", Hint: "120 is the default, 0 lifts the limit"}
	}
	c.DecisionsPerMinute = n
	return nil
}

func setProxies(c *Config, value string) *Fault {
	if value == "" {
		return nil
	}
	c.TrustedProxies = []netip.Prefix{}
	if value == "none" {
		return nil
	}
	for _, text := range strings.Split(value, ",") {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Zone() == "" {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return &Fault{Msg: Shown(text) + " is neither an address nor a network", Hint: "for example 10.0.3.7 or 10.0.3.0/24, or none"}
		}
		c.TrustedProxies = append(c.TrustedProxies, p)
	}
	return nil
}

// headerName is a name of a header, as HTTP has them.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")

func setRegionHeader(c *Config, value string) *Fault {
	if value == "" {
		return nil
	}
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if !headerName.MatchString(name) {
			return &Fault{Msg: Shown(name) + " is not the name of a header", Hint: "for example CF-IPCountry, or CloudFront-Viewer-Country,CloudFront-Viewer-Country-Region"}
		}
		c.RegionHeaders = append(c.RegionHeaders, name)
	}
	if len(c.RegionHeaders) > 2 {
		return &Fault{Msg: "names more than two headers", Hint: "one for the country, and if the part of it comes apart one for that"}
	}
	return nil
}

func setCheckLoopback(c *Config, value string) *Fault {
	if value != "no" && value != "yes" {
		return &Fault{Msg: Shown(value) + " is neither no nor yes", Hint: "yes lets the admin check a site that is being made on this machine"}
	}
	c.CheckLoopback = value == "yes"
	return nil
}

func setWord(field func(*Config) *string, words ...string) func(*Config, string) *Fault {
	return func(c *Config, value string) *Fault {
		*field(c) = value
		if !slices.Contains(words, value) {
			return &Fault{Msg: Shown(value) + " is none of " + strings.Join(words, ", "), Hint: "write one of these words"}
		}
		return nil
	}
}
