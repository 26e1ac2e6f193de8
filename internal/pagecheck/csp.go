package pagecheck

import (
	"net/url"
	"slices"
	"strings"
)

// contentPolicy is a Content-Security-Policy: sources by directive. It is read as
// far as the gate is concerned.
type contentPolicy map[string][]string

func parsePolicy(text string) contentPolicy {
	p := contentPolicy{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, again := p[name]; !again {
			p[name] = words[1:]
		}
	}
	return p
}

// sources returns those of the first directive that there is.
func (p contentPolicy) sources(names []string) ([]string, bool) {
	for _, name := range names {
		if sources, ok := p[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

var scriptDirectives = []string{"script-src-elem", "script-src", "default-src"}

// script reports whether a page may run a script that stands in its HTML.
func (p contentPolicy) script(script, page *url.URL, nonce string) bool {
	sources, ok := p.sources(scriptDirectives)
	if !ok || nonce != "" && slices.Contains(sources, "'nonce-"+nonce+"'") {
		return true
	}
	if slices.Contains(sources, "'strict-dynamic'") {
		return false // then addresses count for nothing
	}
	return p.allows(scriptDirectives, script, page)
}

// allows reports whether a page may load an address.
func (p contentPolicy) allows(names []string, u, page *url.URL) bool {
	sources, ok := p.sources(names)
	if !ok {
		return true
	}
	return slices.ContainsFunc(sources, func(source string) bool { return matchesSource(source, u, page) })
}

func matchesSource(source string, u, page *url.URL) bool {
	lower := strings.ToLower(source)
	switch {
	case lower == "*":
		return true
	case lower == "'self'":
		return u.Host == page.Host && (u.Scheme == page.Scheme || u.Scheme == "https")
	case strings.HasPrefix(lower, "'"):
		return false
	case strings.HasSuffix(lower, ":"):
		return u.Scheme+":" == lower || lower == "http:" && u.Scheme == "https"
	}
	rest := source
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !strings.EqualFold(scheme, u.Scheme) && !(strings.EqualFold(scheme, "http") && u.Scheme == "https") {
			return false
		}
		rest = after
	} else if u.Scheme != page.Scheme && u.Scheme != "https" {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	name, port, hasPort := strings.Cut(strings.ToLower(host), ":")
	if wild, ok := strings.CutPrefix(name, "*."); ok {
		if !strings.HasSuffix(strings.ToLower(u.Hostname()), "."+wild) {
			return false
		}
	} else if name != strings.ToLower(u.Hostname()) {
		return false
	}
	if hasPort && port != "*" && port != portOf(u) || !hasPort && u.Port() != "" {
		return false
	}
	path = "/" + path
	return path == "/" || path == u.Path || strings.HasSuffix(path, "/") && strings.HasPrefix(u.Path, path)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
