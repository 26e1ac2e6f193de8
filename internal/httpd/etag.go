package httpd

import "strings"

// matches reports whether an If-None-Match header (RFC 9110 §13.1.2) names the
// entity tag. It compares weakly, as that header asks.
func matches(header, etag string) bool {
	if strings.TrimSpace(header) == "*" {
		return true
	}
	for header != "" {
		var tag string
		tag, header, _ = strings.Cut(header, ",")
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == etag {
			return true
		}
	}
	return false
}
