package optgate

import (
	"fmt"
	"slices"
	"strings"
)

// GPC says what a site takes a browser's Global Privacy Control for: an answer
// to everything at once leaves these categories off. The signal alone never
// allows anything, and neither does its absence.
type GPC struct {
	Off        bool         `json:"off,omitempty" yaml:"off"`               // the signal is not taken for anything
	Categories []CategoryID `json:"categories,omitempty" yaml:"categories"` // what it is about; empty means marketing
}

// GPCCategories returns the categories that c's visitors are asked about and that
// Global Privacy Control is about, in the site's order; all of them, if it is about
// none and something loads before an answer, as the signal then has to be honoured.
// Nil means that the signal changes nothing there.
func (c *Config) GPCCategories() []CategoryID {
	if c.GPC.Off {
		return nil
	}
	about := slices.DeleteFunc(c.Asked(), func(id CategoryID) bool { return !slices.Contains(c.GPC.categories(), id) })
	if len(about) == 0 && c.LoadsBeforeAnswer() {
		return c.Asked()
	}
	return about
}

// categories returns what the signal is about, with the default written out.
func (g GPC) categories() []CategoryID {
	if len(g.Categories) == 0 {
		return []CategoryID{Marketing}
	}
	return g.Categories
}

// String returns g in a line.
func (g GPC) String() string {
	if g.Off {
		return "off"
	}
	return strings.Join(idsOf(g.categories(), func(id CategoryID) string { return string(id) }), ", ")
}

// gpc checks that visitors can be asked about what the signal is about.
func (v *validator) gpc() {
	for i, id := range v.c.GPC.Categories {
		field := fmt.Sprintf("gpc.categories[%d]", i)
		v.category(field, id)
		switch {
		case id == Essential:
			v.fail(field, "is not essential: what is essential is always on")
		case slices.Index(v.c.GPC.Categories, id) != i:
			v.fail(field, "is listed twice")
		}
	}
}
