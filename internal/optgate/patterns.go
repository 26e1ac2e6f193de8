package optgate

import (
	"regexp"
	"slices"
	"strings"
)

var (
	siteIDPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	categoryIDPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	itemIDPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	languagePattern   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)
	cookieNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	cookiePathPattern = regexp.MustCompile(`^/[A-Za-z0-9._~/-]{0,200}$`)
	colourPattern     = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	countryPattern    = regexp.MustCompile(`^[A-Z]{2}$`)
	regionPattern     = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
	userNamePattern   = regexp.MustCompile(`^[\pL\pN._@+-]{1,64}$`)
	hostPattern       = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

// IsSiteID reports whether s can be a [SiteID].
func IsSiteID(s string) bool { return siteIDPattern.MatchString(s) }

// IsGroupID reports whether s can be a [GroupID].
func IsGroupID(s string) bool { return siteIDPattern.MatchString(s) }

// IsCategoryID reports whether s can be a [CategoryID].
func IsCategoryID(s string) bool { return categoryIDPattern.MatchString(s) }

// isLanguage reports whether s is a language tag (BCP 47: language, script,
// region) in its usual spelling.
func isLanguage(s string) bool { return languagePattern.MatchString(s) }

// oneOf reports whether x is among all.
func oneOf[S ~[]E, E comparable](x E, all S) bool { return slices.Contains(all, x) }

// list returns all in words, for a message.
func list[E ~string](all []E) string {
	words := make([]string, len(all))
	for i, x := range all {
		words[i] = string(x)
	}
	return strings.Join(words, ", ")
}
