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

// swept are the files all of whose sentences have their German.
var swept = []string{"components/admin/frame.go", "components/admin/frame_templ.go", "components/admin/signin_templ.go", "components/admin/confirm_templ.go", "components/admin/person_templ.go", "components/admin/sites_templ.go"}

func isSwept(file string) bool {
	return slices.ContainsFunc(swept, func(name string) bool { return strings.Contains(file, name) })
}

func TestEverySentenceHasItsGerman(t *testing.T) {
	said, all := newSources(t).said(t), german(t)
	for _, english := range slices.Sorted(maps.Keys(said)) {
		if all[english] == "" && isSwept(said[english].position) {
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
		for _, all := range [][]string{want, got} {
			for i := range all {
				all[i] = number.ReplaceAllString(all[i], "")
			}
		}
		if number.MatchString(english + said) {
			slices.Sort(want)
			slices.Sort(got)
			got, want = slices.Compact(got), slices.Compact(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the German of %q is about %q, want %q", english, got, want)
		}
		if strings.HasPrefix(english, " ") != strings.HasPrefix(said, " ") || strings.HasSuffix(english, " ") != strings.HasSuffix(said, " ") {
			t.Errorf("the German of %q begins or ends with another space: %q", english, said)
		}
	}
}

// number is which value a verb is about.
var number = regexp.MustCompile(`\[\d+\]`)
