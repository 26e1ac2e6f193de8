package bilingual_test

import (
	"html"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
)

// names are the words of pages that are the same in every language.
var names = []string{"Optgate", "– Optgate"}

// spoken are the attributes that people hear or see.
var spoken = []string{"alt", "aria-description", "aria-label", "placeholder", "title"}

func hasLetters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// Whatever a page says goes through [bilingual.Say], [bilingual.Count] or
// [bilingual.Rich]: none of its files has words of its own.
func TestPagesHaveNoWordsOfTheirOwn(t *testing.T) {
	files, err := filepath.Glob("../../components/admin/*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		page, err := parser.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range ownWords(page) {
			t.Errorf("%s: %q is said in English whoever reads it", name, words)
		}
	}
}

// ownWords returns what a page says without asking for the language.
func ownWords(page *parser.TemplateFile) []string {
	var all []string
	v := visitor.New()
	v.Text = func(n *parser.Text) error {
		if text := strings.TrimSpace(html.UnescapeString(n.Value)); hasLetters(text) && !slices.Contains(names, text) {
			all = append(all, text)
		}
		return nil
	}
	element := v.Element
	v.Element = func(n *parser.Element) error {
		if n.Name == "code" || n.Name == "pre" {
			return nil
		}
		return element(n)
	}
	v.ConstantAttribute = func(n *parser.ConstantAttribute) error {
		if key, ok := n.Key.(parser.ConstantAttributeKey); ok && slices.Contains(spoken, key.Name) && hasLetters(n.Value) {
			all = append(all, n.Value)
		}
		return nil
	}
	if err := page.Visit(v); err != nil {
		all = append(all, err.Error())
	}
	return all
}
