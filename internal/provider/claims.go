package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/optgate/optgate/internal/optgate"
)

// claims returns what the provider says of a person: in the identity token, and
// what is not there by its address for it, where many keep names and groups.
func (p *Provider) claims(ctx context.Context, found *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (map[string]any, error) {
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: read claims: %w", ErrRefused, err)
	}
	if find(claims, p.options.Claim) != nil && nameIn(claims) != "" || found.UserInfoEndpoint() == "" {
		return claims, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("%w: ask who it is: %w", ErrDown, err)
	}
	if info.Subject != id.Subject {
		return nil, fmt.Errorf("%w: the provider told of somebody else", ErrRefused)
	}
	var more map[string]any
	if err := info.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: read who it is: %w", ErrRefused, err)
	}
	for name, value := range more {
		if _, signed := claims[name]; !signed {
			claims[name] = value
		}
	}
	return claims, nil
}

// find returns a claim: by its whole name, or else by a path through objects.
func find(claims map[string]any, path string) any {
	if value, ok := claims[path]; ok {
		return value
	}
	name, rest, ok := strings.Cut(path, ".")
	if inner, isObject := claims[name].(map[string]any); ok && isObject {
		return find(inner, rest)
	}
	return nil
}

// nameIn returns what a person is called.
func nameIn(claims map[string]any) string {
	for _, key := range []string{"preferred_username", "email"} {
		if name, ok := claims[key].(string); ok && name != "" {
			return name
		}
	}
	return ""
}

// roleIn returns the role of the first mapping that fits, or none.
func (p *Provider) roleIn(claims map[string]any) optgate.Role {
	has := map[string]bool{}
	switch value := find(claims, p.options.Claim).(type) {
	case string:
		has[value] = true
	case []any:
		for _, v := range value {
			if s, ok := v.(string); ok {
				has[s] = true
			}
		}
	}
	for _, m := range p.options.Roles {
		if has[m.Value] {
			return m.Role
		}
	}
	return ""
}
