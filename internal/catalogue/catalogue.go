// Package catalogue knows services that websites commonly use, so that an admin
// begins with an entry that is nearly right instead of an empty form. All that
// it knows is in services.yaml.
package catalogue

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/optgate/optgate/internal/optgate"
)

//go:embed services.yaml
var document []byte

// Service is one entry.
type Service struct {
	ID       string
	Name     string
	Category optgate.CategoryID
	Provider string
	Country  string // ISO 3166-1 alpha-2; empty where it is the site's own
	Policy   string // address
	Hosts    []string
	Signal   string       // the consent signal that the vendor understands; empty: none
	Purpose  optgate.Text // one sentence
	Reason   optgate.Text // of essential services
	Mark     string       // the vendor's tag as a page marks it; {id} is the site's own part
	Cookies  []Cookie
}

// Cookie is what a service stores in a browser.
type Cookie struct {
	Name     string // or a pattern such as "_ga_*"
	Kind     string // as [optgate.StoredCookie] has it
	Duration string
	For      string // key of a purpose

	purpose optgate.Text
}

// file is services.yaml.
type file struct {
	Purposes map[string]optgate.Text
	Services []Service
}

// Read reads a catalogue in the form of services.yaml. An unknown key, and a
// cookie of an unknown purpose, is an error.
func Read(doc []byte) ([]Service, error) {
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(doc), yaml.DisallowUnknownField()).Decode(&f); err != nil {
		return nil, fmt.Errorf("catalogue: read: %w", err)
	}
	for _, s := range f.Services {
		for i, k := range s.Cookies {
			purpose, ok := f.Purposes[k.For]
			if !ok {
				return nil, fmt.Errorf("catalogue: read: service %s: cookie %s is for %q, which is no purpose", s.ID, k.Name, k.For)
			}
			s.Cookies[i].purpose = purpose
		}
	}
	return f.Services, nil
}

// All returns all entries, ordered by name without regard to capitals. They are
// shared: read them only.
var All = sync.OnceValue(func() []Service {
	all, err := Read(document)
	if err != nil {
		panic(err) // the document is part of the program
	}
	slices.SortFunc(all, func(a, b Service) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all
})

// Find returns the entry of that id.
func Find(id string) (Service, bool) {
	all := All()
	i := slices.IndexFunc(all, func(s Service) bool { return s.ID == id })
	if i < 0 {
		return Service{}, false
	}
	return all[i], true
}

// Entry returns s as a site's own entry, with words in the languages that the
// catalogue has of those given.
func (s Service) Entry(languages []string) optgate.Service {
	in := func(t optgate.Text) optgate.Text {
		words := optgate.Text{}
		for _, lang := range languages {
			primary, _, _ := strings.Cut(lang, "-")
			if text := t.In(lang, primary); text != "" {
				words[lang] = text
			}
		}
		if len(words) == 0 {
			return nil
		}
		return words
	}
	e := optgate.Service{
		ID: s.ID, Name: s.Name, Category: s.Category, Provider: s.Provider, Country: s.Country, Policy: s.Policy,
		Purpose: in(s.Purpose), Reason: in(s.Reason), Hosts: slices.Clone(s.Hosts),
	}
	for _, k := range s.Cookies {
		e.Cookies = append(e.Cookies, optgate.StoredCookie{Name: k.Name, Kind: k.Kind, Duration: k.Duration, Purpose: in(k.purpose)})
	}
	return e
}
