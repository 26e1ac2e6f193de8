package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
	"github.com/optgate/optgate/internal/words"
	"github.com/optgate/optgate/static"
)

// gateConfig is what the gate must know of a revision, inlined before its code;
// web/gate/config.ts is its twin. The keys are short because every page view
// of every site pays for them. Two more keys are in [gateScript]: by category, "e"
// is what counts of [optgate.Timing] and "w" what will.
type gateConfig struct {
	Site       optgate.SiteID             `json:"s"`
	Revision   int                        `json:"r"`
	Asked      []optgate.CategoryID       `json:"c"`
	Labels     labels                     `json:"l"` // of the control that stays; the first language is the default
	PiecesHash string                     `json:"h"`
	MaxAge     int                        `json:"x"` // of a choice, seconds
	Domain     string                     `json:"d,omitempty"`
	Path       string                     `json:"p,omitempty"`
	Cookie     string                     `json:"n,omitempty"`
	Tags       []gateTag                  `json:"t,omitempty"`
	GPC        map[optgate.CategoryID]int `json:"g,omitempty"` // 1 by category
	Paused     map[optgate.CategoryID]int `json:"z,omitempty"` // 1 by category
	Regions    map[optgate.Region]int     `json:"y,omitempty"` // see [optgate.Config.RegionTable]
	Version    string                     `json:"v"`
}

// gateTag is a tag of a category that is on. Neither is paused.
type gateTag struct {
	Category optgate.CategoryID `json:"c"`
	Kind     int                `json:"k"`
	Src      string             `json:"u,omitempty"`
	Code     string             `json:"b,omitempty"`
	Target   string             `json:"q,omitempty"`
	Title    string             `json:"n,omitempty"`
	Fresh    int                `json:"r,omitempty"` // see [optgate.Revision.Fresh]
}

// gateKinds numbers the kinds of tag for the gate.
var gateKinds = map[optgate.TagKind]int{
	optgate.TagPixel: 0, optgate.TagScript: 1, optgate.TagInline: 2, optgate.TagIframe: 3,
}

// label is the control's label in a language.
type label struct{ language, text string }

// labels are encoded as an object that keeps their order.
type labels []label

// MarshalJSON implements [json.Marshaler].
func (l labels) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		language, _ := json.Marshal(k.language) // a string has an encoding
		text, _ := json.Marshal(k.text)
		b.Write(language)
		b.WriteByte(':')
		b.Write(text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// withTiming adds a key to an object of JavaScript, unless it has no entries. The
// numbers of what is scheduled are conditions on the time, which the browser
// works out when it reads them: that takes no code in the gate.
func withTiming(object []byte, key string, entries []string) []byte {
	if len(entries) == 0 {
		return object
	}
	return fmt.Appendf(object[:len(object)-1], `,%q:{%s}}`, key, strings.Join(entries, ","))
}

// gateScript is the gate of a site in parts.
type gateScript struct {
	signals []byte // what tells vendors, before it
	file    string // its code
	config  []byte
	hold    []byte // what holds unmarked tags, behind it
}

// with returns the script, which brings a piece if that is not empty.
func (g *gateScript) with(piece []byte) ([]byte, error) {
	arguments := [][]byte{g.config}
	if piece != nil {
		arguments = append(arguments, piece)
	}
	gate, err := withArguments(g.file, "__OG,__PANEL", arguments...)
	if err != nil {
		return nil, err
	}
	return slices.Concat(calledOnLoad, g.signals, gate, g.hold), nil
}

// newGateScript returns the gate with s inlined, as its revision is for earlier
// visitors by timing.
func newGateScript(s *Site, timing optgate.Timing, version string) (*gateScript, error) {
	r, c := &s.Revision, &s.Revision.Config
	g := gateConfig{
		Site: c.Site, Revision: r.Number, Asked: c.Asked(), PiecesHash: s.PiecesHash,
		MaxAge: c.ChoiceLifetimeDays() * 24 * 60 * 60,
		Domain: c.Cookie.Domain, Path: c.Cookie.Path, Cookie: c.Cookie.Name, Version: version,
		GPC: map[optgate.CategoryID]int{}, Paused: map[optgate.CategoryID]int{}, Regions: c.RegionTable(),
	}
	for _, p := range s.Paused.Pauses {
		if p.Category != "" {
			g.Paused[p.Category] = 1
		}
	}
	if g.Asked == nil {
		g.Asked = []optgate.CategoryID{}
	}
	for _, id := range c.GPCCategories() {
		g.GPC[id] = 1
	}
	var since, later []string
	for _, id := range g.Asked {
		counts := strconv.Itoa(timing.Since[id])
		if s, ok := timing.Later[id]; ok {
			early := fmt.Sprintf("Date.now()<%d?", s.From.UnixMilli())
			later = append(later, fmt.Sprintf("%q:%s%d:0", id, early, s.Revision))
			counts = fmt.Sprintf("%s%s:%d", early, counts, s.Revision)
		}
		if counts != "0" {
			since = append(since, fmt.Sprintf("%q:%s", id, counts))
		}
	}
	for _, lang := range c.Languages {
		w, _ := words.For(lang)
		g.Labels = append(g.Labels, label{lang, w.Control})
	}
	for _, t := range c.Tags {
		id := c.TagCategory(t)
		if k, ok := c.Category(id); !ok || k.Off || s.Paused.Stops(c, t) {
			continue
		}
		tag := gateTag{id, gateKinds[t.Kind], t.Src, t.Code, t.Target, t.Title, 0}
		if timing.Later[id].Revision > 0 {
			tag.Fresh = r.Fresh[t.ID]
		}
		g.Tags = append(g.Tags, tag)
	}
	config, err := plainjson.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("publish: encode gate configuration: %w", err)
	}
	config = withTiming(withTiming(config, "e", since), "w", later)
	hold, err := holdScript(c)
	if err != nil {
		return nil, err
	}
	signals, err := signalScripts(c, s.Paused)
	if err != nil {
		return nil, err
	}
	return &gateScript{signals: signals, file: gateFile(&g), config: config, hold: hold}, nil
}

// gateFile returns the variant of the gate that has what g needs.
func gateFile(g *gateConfig) string {
	languages, tags := len(g.Labels) > 1, len(g.Tags) > 0
	switch {
	case len(g.Regions) > 0 && len(g.Paused) > 0:
		return "gate/gate.regions.paused.js"
	case len(g.Regions) > 0:
		return "gate/gate.regions.js"
	case len(g.Paused) > 0:
		return "gate/gate.paused.js"
	case languages && tags:
		return "gate/gate.js"
	case languages:
		return "gate/gate.languages.js"
	case tags:
		return "gate/gate.tags.js"
	}
	return "gate/gate.plain.js"
}

// javaScript is the type of the gate and the pieces.
const javaScript = "text/javascript; charset=utf-8"

// calledOnLoad lets Chromium compile a script's functions ahead, away from the
// page's thread, instead of each when it is first called
// (https://github.com/WICG/explicit-javascript-compile-hints-file-based). It stands
// first.
var calledOnLoad = []byte("//# allFunctionsCalledOnLoad\n")

// withArguments returns a built script as a function that is called with values
// as the names, joined by commas, that the script knows them by.
func withArguments(file, names string, values ...[]byte) ([]byte, error) {
	f, err := asFunction(file, names)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s(%s);\n", f, bytes.Join(values, []byte(","))), nil
}

// asFunction returns a built script as a function of names.
func asFunction(file, names string) ([]byte, error) {
	code, err := fs.ReadFile(static.FS, file)
	if err != nil {
		return nil, fmt.Errorf("publish: read script: %w", err)
	}
	return fmt.Appendf(nil, "(function(%s){%s})", names, bytes.TrimSpace(code)), nil
}

// scriptString returns text as a string of JavaScript. Markup is full of double
// quotes, so it stands in single ones.
func scriptString(text []byte) []byte {
	escaped := scriptEscapes.Replace(string(text))
	return []byte("'" + escaped + "'")
}

var scriptEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\u2028", `\u2028`, "\u2029", `\u2029`)
