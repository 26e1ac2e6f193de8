package httpd

import "testing"

func TestMatchesName(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"_ga", "_ga", true},
		{"_ga", "_gat", false},
		{"_ga", "_g", false},
		{"_ga_*", "_ga_", true},
		{"_ga_*", "_ga_ABC", true},
		{"_ga_*", "x_ga_ABC", false},
		{"*_id", "a_id", true},
		{"*_id", "_id_", false},
		{"a*a", "a", false}, // one letter is not both ends
		{"a*a", "aa", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "acb", false},
		{"a**c", "ac", true},
		{"*", "", true},
		{"*", "anything", true},
		{"a.c", "abc", false}, // nothing but "*" means more than itself
		{"", "", true},
		{"", "a", false},
	} {
		if got := matchesName(c.pattern, c.name); got != c.want {
			t.Errorf("matchesName(%q, %q) = %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}
