package optgate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// The bounds of what is kept of a site's unmarked tags. Which tags a site has is
// reported by browsers, which say what they like.
const (
	MaxUnmarked  = 200 // tags of a site
	UnmarkedDays = 30  // after which a tag that nobody saw again is taken for gone

	MaxUnmarkedPath = 200 // bytes of a path
)

// Unmarked is a tag in a page's own HTML that is held, or should have been, by
// its address alone. It holds nothing of the visitor: no query, no fragment.
type Unmarked struct {
	Kind string `json:"kind"` // name of the element: script, img, iframe, link and so on
	Host string `json:"host"` // as browsers write it, with a port that is not the usual one
	Path string `json:"path"`
}

// SeenUnmarked is an unmarked tag with the days on which it was seen.
type SeenUnmarked struct {
	Unmarked
	First, Last string // YYYY-MM-DD, UTC
}

var (
	unmarkedKindPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	unmarkedHostPattern = regexp.MustCompile(`^[a-z0-9_-][a-z0-9._-]{0,252}(:[0-9]{1,5})?$`)
	unmarkedPathPattern = regexp.MustCompile(`^/[!-~]{0,199}$`)
)

// Validate returns an [InvalidError] if u cannot be what a browser saw.
func (u Unmarked) Validate() error {
	for _, f := range []struct {
		name, value string
		pattern     *regexp.Regexp
		what        string
	}{
		{"kind", u.Kind, unmarkedKindPattern, "is the name of an element"},
		{"host", u.Host, unmarkedHostPattern, "is a host name in lower case"},
		{"path", u.Path, unmarkedPathPattern, "begins with a slash and has at most 200 characters of ASCII"},
	} {
		if !f.pattern.MatchString(f.value) {
			return &InvalidError{Field: f.name, Msg: f.what}
		}
	}
	if slices.Contains([]byte(u.Path), '?') || slices.Contains([]byte(u.Path), '#') {
		return &InvalidError{Field: "path", Msg: "has a query or a fragment, which may be about a person"}
	}
	return nil
}

// URL returns the address of u, without its query.
func (u Unmarked) URL() string { return "https://" + u.Host + u.Path }

// Compare orders tags by host, path and kind.
func (u Unmarked) Compare(v Unmarked) int {
	return cmp.Or(cmp.Compare(u.Host, v.Host), cmp.Compare(u.Path, v.Path), cmp.Compare(u.Kind, v.Kind))
}

// UnmarkedGone returns the day up to which a tag must have been seen last to be
// gone on day.
func UnmarkedGone(day string) (string, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "", fmt.Errorf("optgate: day of unmarked tags: %w", err)
	}
	return t.AddDate(0, 0, -UnmarkedDays).Format(time.DateOnly), nil
}
