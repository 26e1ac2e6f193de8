package optgate

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ChoiceCookie is the content of the readable cookie, by which the gate knows
// the choice without asking the server.
type ChoiceCookie struct {
	Revision int
	At       time.Time // whole seconds
	Choices  Choices
}

// maxChoiceCookie bounds what is parsed; browsers cut cookies at 4096 bytes.
const maxChoiceCookie = 4096

// String returns the value of the cookie,
// "1.<revision>.<unix seconds>.<category>:<0|1>,...", categories sorted.
func (c ChoiceCookie) String() string {
	var b strings.Builder
	b.WriteString("1." + strconv.Itoa(c.Revision) + "." + strconv.FormatInt(c.At.Unix(), 10) + ".")
	ids := make([]CategoryID, 0, len(c.Choices))
	for id := range c.Choices {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(id) + ":")
		if c.Choices[id] {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

// ParseChoiceCookie reads what [ChoiceCookie.String] wrote. Anything else, of
// which only the order of the categories is excepted, is an [InvalidError]: a
// cookie in doubt is no choice. web/gate/cookie.ts is its twin, and both run
// testdata/vectors/cookie.json.
func ParseChoiceCookie(s string) (ChoiceCookie, error) {
	bad := &InvalidError{"og", "is not a choice cookie"}
	if len(s) > maxChoiceCookie {
		return ChoiceCookie{}, bad
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != "1" {
		return ChoiceCookie{}, bad
	}
	revision, ok1 := parseNatural(parts[1], 9)
	unix, ok2 := parseNatural(parts[2], 12)
	if !ok1 || !ok2 || revision == 0 {
		return ChoiceCookie{}, bad
	}
	c := ChoiceCookie{Revision: int(revision), At: time.Unix(unix, 0).UTC(), Choices: Choices{}}
	if parts[3] == "" {
		return c, nil
	}
	for _, pair := range strings.Split(parts[3], ",") {
		id, yes, ok := strings.Cut(pair, ":")
		if _, twice := c.Choices[CategoryID(id)]; !ok || twice || !IsCategoryID(id) || yes != "0" && yes != "1" {
			return ChoiceCookie{}, bad
		}
		c.Choices[CategoryID(id)] = yes == "1"
	}
	return c, nil
}

// parseNatural reads a decimal number without sign or leading zeros.
func parseNatural(s string, maxDigits int) (int64, bool) {
	if s == "" || len(s) > maxDigits || len(s) > 1 && s[0] == '0' || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
