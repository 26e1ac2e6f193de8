package bilingual_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"
)

// verbs are those of package fmt.
var verbs = regexp.MustCompile(`%(?:\[\d+\])?[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)

// hasWords reports whether there is something to translate.
func hasWords(s string) bool {
	for _, r := range verbs.ReplaceAllString(s, "") {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// german returns the file, all parts together.
func german(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.ReadFile("de.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]map[string]string
	if err := yaml.Unmarshal(file, &parts); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

func TestEverySentenceHasItsGerman(t *testing.T) {
	said, all := newSources(t).said(t), german(t)
	for _, english := range slices.Sorted(maps.Keys(said)) {
		if all[english] == "" && hasWords(english) {
			t.Errorf("%s: no German in de.yaml, part %s, for %s", said[english].position, said[english].part(), strconv.Quote(english))
		}
	}
	for _, english := range slices.Sorted(maps.Keys(all)) {
		if _, ok := said[english]; !ok {
			t.Errorf("de.yaml: nobody says %s", strconv.Quote(english))
		}
	}
}

// A translation has to be about the same things.
func TestGermanIsAboutTheSame(t *testing.T) {
	for english, said := range german(t) {
		want, got := verbs.FindAllString(english, -1), verbs.FindAllString(said, -1)
		if number.MatchString(said + english) {
			want, got = unordered(want), unordered(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the German of %q is about %q, want %q", english, got, want)
		}
		if strings.HasPrefix(english, " ") != strings.HasPrefix(said, " ") || strings.HasSuffix(english, " ") != strings.HasSuffix(said, " ") {
			t.Errorf("the German of %q begins or ends with another space: %q", english, said)
		}
	}
}

// unordered returns which verbs there are, however often and in whichever order.
func unordered(all []string) []string {
	for i := range all {
		all[i] = number.ReplaceAllString(all[i], "")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// number is which value a verb is about.
var number = regexp.MustCompile(`\[\d+\]`)
