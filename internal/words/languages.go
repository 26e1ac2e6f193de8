package words

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/language"
)

//go:embed panel/*.yaml
var files embed.FS

// all holds the words by language tag. The files are part of the program and
// tested, so that a fault in one is a fault of the build.
var all = func() map[string]*Words {
	words, err := load(files)
	if err != nil {
		panic(err)
	}
	return words
}()

// load reads every language of fsys; a key that Words does not know is an error.
func load(fsys fs.FS) (map[string]*Words, error) {
	names, err := fs.Glob(fsys, "panel/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("words: list languages: %w", err)
	}
	words := make(map[string]*Words, len(names))
	for _, name := range names {
		doc, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("words: read %s: %w", name, err)
		}
		lang := strings.TrimSuffix(strings.TrimPrefix(name, "panel/"), ".yaml")
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("words: parse language of %s: %w", name, err)
		}
		w := &Words{Language: lang, tag: tag}
		if err := yaml.NewDecoder(bytes.NewReader(doc), yaml.Strict()).Decode(w); err != nil {
			return nil, fmt.Errorf("words: parse %s: %w", name, err)
		}
		words[lang] = w
	}
	return words, nil
}

// Languages returns the tags of all languages that there are words for, sorted.
func Languages() []string {
	tags := make([]string, 0, len(all))
	for lang := range all {
		tags = append(tags, lang)
	}
	slices.Sort(tags)
	return tags
}

// For returns the words of lang, or of the language that it is a variant of
// ("de" for "de-AT", "zh-Hant" for "zh-TW"). If there are none, it returns the
// English ones and false.
func For(lang string) (*Words, bool) {
	if w, ok := all[lang]; ok {
		return w, true
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return all["en"], false
	}
	base, _ := tag.Base()
	script, _ := tag.Script()
	for _, variant := range []string{base.String(), base.String() + "-" + script.String()} {
		if w, ok := all[variant]; ok {
			return w, true
		}
	}
	return all["en"], false
}

// Direction returns "rtl" if lang is written from right to left, otherwise "ltr".
func Direction(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return "ltr"
	}
	script, _ := tag.Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi":
		return "rtl"
	}
	return "ltr"
}

// maxWanted bounds what is parsed of one wish, in bytes: an Accept-Language
// header comes from anybody.
const maxWanted = 512

// Match returns the one of offered that serves best whom wanted describes, see
// [Matcher.Match].
func Match(offered []string, wanted ...string) string { return NewMatcher(offered).Match(wanted...) }

// A Matcher knows which languages are offered.
type Matcher struct {
	offered []string
	matcher language.Matcher
}

// NewMatcher returns a matcher for language tags.
func NewMatcher(offered []string) *Matcher {
	supported := make([]language.Tag, len(offered))
	for i, s := range offered {
		supported[i] = language.Make(s)
	}
	return &Matcher{offered, language.NewMatcher(supported)}
}

// Match returns the one of the offered languages that serves best whom wanted
// describes. Each of wanted is a language tag or an Accept-Language header, the most
// important first; what cannot be understood is passed over. If nothing fits, it
// returns the first that is written in a script wanted, or else the first; and ""
// if nothing is offered.
func (m *Matcher) Match(wanted ...string) string {
	if len(m.offered) < 2 {
		return strings.Join(m.offered, "")
	}
	var wishes []language.Tag
	for _, s := range wanted {
		if len(s) > maxWanted {
			continue
		}
		if tags, _, err := language.ParseAcceptLanguage(s); err == nil {
			wishes = append(wishes, tags...)
		}
	}
	_, i, _ := m.matcher.Match(wishes...)
	return m.offered[i]
}
