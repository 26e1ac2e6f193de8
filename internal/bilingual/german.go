package bilingual

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed de.yaml
var file []byte

// elsewhere is the part of the file whose sentences other packages say in English,
// such as the domain, which knows no languages. See [Known].
const elsewhere = "elsewhere"

// german holds what the file says. The file is part of the program and tested, so
// that a fault in it is a fault of the build.
var german = func() dictionary {
	d, err := read(file)
	if err != nil {
		panic(err)
	}
	return d
}()

// dictionary is the German of English sentences.
type dictionary struct {
	all   map[string]string
	forms []form // of those that are known by their form alone
}

// read reads a file of parts, which have sentences with their German.
func read(file []byte) (dictionary, error) {
	var parts map[string]map[string]string
	if err := yaml.Unmarshal(file, &parts); err != nil {
		return dictionary{}, fmt.Errorf("bilingual: parse German: %w", err)
	}
	d := dictionary{all: map[string]string{}}
	for name, part := range parts {
		for english, said := range part {
			if _, twice := d.all[english]; twice {
				return dictionary{}, fmt.Errorf("bilingual: parse German: %q stands in two parts", english)
			}
			d.all[english] = said
			if name == elsewhere {
				d.forms = append(d.forms, formOf(english, said))
			}
		}
	}
	d.forms = slices.DeleteFunc(d.forms, func(f form) bool { return f.verbs == 0 })
	// The form that says most by itself is tried first: "%s" fits everything.
	slices.SortFunc(d.forms, func(a, b form) int { return len(b.english) - len(a.english) })
	return d, nil
}

// translated returns what lang says for an English sentence; English, if it has
// nothing.
func translated(lang, english string) string {
	if lang == "de" {
		if said, ok := german.all[english]; ok {
			return said
		}
	}
	return english
}
