package config

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
)

// clientSecret is the one setting without a flag: flags are seen in the list of
// processes.
const clientSecret = "oidc-client-secret"

func setText(field func(*Config) *string) func(*Config, string) *Fault {
	return func(c *Config, value string) *Fault {
		*field(c) = value
		return nil
	}
}

// setIssuer takes plain http for this machine alone: whoever could change what a
// provider says could sign in as anybody.
func setIssuer(c *Config, value string) *Fault {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return &Fault{Msg: Shown(value) + " is not an https address", Hint: "write the issuer as the provider's documents name it, for example https://id.example.com/realms/staff"}
	}
	c.SignOn.Issuer = value
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func setScopes(c *Config, value string) *Fault {
	c.SignOn.Scopes = strings.Fields(value)
	if !slices.Contains(c.SignOn.Scopes, "openid") {
		return &Fault{Msg: "lacks openid", Hint: "write the scopes with spaces between them, for example openid profile email groups"}
	}
	return nil
}

// setRoles splits at the last equals sign: names of groups can hold some, as those
// of LDAP do.
func setRoles(c *Config, value string) *Fault {
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		i := strings.LastIndexByte(part, '=')
		if i < 1 {
			return &Fault{Msg: Shown(part) + " is not value=role", Hint: `for example "consent-admins=owner; marketing=editor"`}
		}
		role, err := optgate.ParseRole(strings.TrimSpace(part[i+1:]))
		if err != nil {
			return &Fault{Msg: Shown(part) + " names no role", Hint: "the roles are owner, editor, viewer, auditor"}
		}
		c.SignOn.Roles = append(c.SignOn.Roles, provider.Mapping{Value: strings.TrimSpace(part[:i]), Role: role})
	}
	return nil
}

// checkSignOn finds what single sign-on lacks.
func (c *Config) checkSignOn() Faults {
	o := c.SignOn
	if o.Issuer == "" {
		if o.ClientID != "" || len(o.Roles) > 0 {
			return Faults{{"--oidc-issuer", "is empty, but other settings of single sign-on are given", "name the provider, or leave them out"}}
		}
		return nil
	}
	var faults Faults
	if o.ClientID == "" {
		faults = append(faults, Fault{"--oidc-client-id", "is empty", "register this server with the provider, with the redirect address .../admin/sign-in/provider/back, and give the id that it gets there"})
	}
	if o.Claim == "" {
		faults = append(faults, Fault{"--oidc-role-claim", "is empty", "name the claim that holds people's groups"})
	}
	if len(o.Roles) == 0 {
		faults = append(faults, Fault{"--oidc-roles", "is empty, so nobody could sign in by the provider", `for example "consent-admins=owner; marketing=editor"`})
	}
	return faults
}
