package publish

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
)

// A Piece is one of the scripts that the gate loads when it is needed, by the
// name of its file below static/panel. Each brings its own markup, if any, in one
// language, and styles.
type Piece string

// The pieces.
const (
	Panel        Piece = "panel"        // the first layer, and what records
	Notice       Piece = "notice"       // the first layer where all loads until the visitor objects
	Preferences  Piece = "preferences"  // the second layer, and what clears
	Placeholders Piece = "placeholders" // what held frames say
	Scripts      Piece = "scripts"      // what runs released scripts
)

// Pieces returns all pieces.
func Pieces() []Piece { return []Piece{Panel, Notice, Preferences, Placeholders, Scripts} }

// piecesOf returns the pieces that a site has.
func piecesOf(c *optgate.Config) []Piece {
	return slices.DeleteFunc(Pieces(), func(p Piece) bool { return p == Notice && !c.HasRule(optgate.OptOut) })
}

// pieceScript returns a piece for r in lang, which says with each decision that
// panel was shown. element is JavaScript for the piece's script element.
func pieceScript(p Piece, r *optgate.Revision, lang, shown, element string) ([]byte, error) {
	c := &r.Config
	var markup templ.Component
	names, values := "__SELF,__HTML,__SHOWN", []any{map[int]string{r.Number: shown}}
	switch p {
	case Scripts:
		return withArguments("panel/scripts.js", "__SELF", []byte(element))
	case Notice:
		markup = panel.Notice(c, lang)
	case Preferences:
		markup = panel.Preferences(c, lang)
		names, values = names+",__SERVICES", append(values, storers(c))
	case Placeholders:
		markup = panel.Placeholder(c, lang)
		names, values = names+",__SERVICES,__TITLES", append(values, speakers(c), panel.Titles(c, lang))
	default:
		markup = panel.Banner(r, lang)
	}
	var html bytes.Buffer
	if err := markup.Render(context.Background(), &html); err != nil {
		return nil, fmt.Errorf("publish: render %s of %s in %s: %w", p, c.Site, lang, err)
	}
	arguments := [][]byte{[]byte(element), scriptString(html.Bytes())}
	for _, v := range values {
		argument, err := plainjson.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("publish: encode arguments of %s: %w", c.Site, err)
		}
		arguments = append(arguments, argument)
	}
	return withArguments("panel/"+string(p)+".js", names, arguments...)
}

// What a piece is told to be its script element: itself, where it is a script of
// its own, or what the gate calls it with, see [bringing].
const (
	ownElement   = "document.currentScript"
	givenElement = "e"
)

// bringing returns a piece as what the gate can be given: a function by language.
func bringing(p Piece, r *optgate.Revision, lang, shown string) ([]byte, error) {
	script, err := pieceScript(p, r, lang, shown, givenElement)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "{%q:(function(%s){%s})}", lang, givenElement, bytes.TrimSpace(script)), nil
}

// storer is what the preferences must know of a service.
type storer struct {
	Category optgate.CategoryID `json:"c"`
	Stored   []string           `json:"k"` // a digit for the kind, then the name
}

// storedKinds numbers the kinds of what a script can clear; the empty one is a
// cookie. A pixel keeps nothing.
var storedKinds = map[string]string{"": "0", "cookie": "0", "local": "1", "session": "2", "indexeddb": "3"}

// storers returns the services of c that keep something: what the essential ones
// keep must be known to be left alone.
func storers(c *optgate.Config) []storer {
	all := []storer{}
	for _, s := range c.Services {
		k := storer{Category: s.Category}
		for _, e := range s.Cookies {
			if kind, ok := storedKinds[e.Kind]; ok {
				k.Stored = append(k.Stored, kind+e.Name)
			}
		}
		if k.Stored != nil {
			all = append(all, k)
		}
	}
	return all
}

// speaker is what placeholders must know of a service.
type speaker struct {
	ID     string   `json:"i"`
	Name   string   `json:"n"`
	Hosts  []string `json:"h,omitempty"`
	Frames []string `json:"f,omitempty"` // addresses of its tags that are frames
}

// speakers returns the services of c that may be behind a held frame.
func speakers(c *optgate.Config) []speaker {
	all := []speaker{}
	for _, s := range c.Services {
		if s.Category == optgate.Essential {
			continue
		}
		p := speaker{ID: s.ID, Name: s.Name, Hosts: s.Hosts}
		for _, t := range c.Tags {
			if t.Service == s.ID && t.Kind == optgate.TagIframe {
				p.Frames = append(p.Frames, t.Src)
			}
		}
		all = append(all, p)
	}
	return all
}
