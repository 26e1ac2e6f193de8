package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// Frame is a part of what was shown, as a document of its own.
type Frame struct {
	Title    string
	Document string   // HTML without scripts
	Styles   []string // the hashes of its styles, as a Content-Security-Policy names them
	Tall     bool
}

// The layers of a panel are told apart by their ids: each is shown alone, the
// second one open as it was. What was clicked gets a frame that is not the
// panel's own.
const (
	mark        = "{outline:3px dashed #d6006c!important;outline-offset:3px!important}"
	still       = "*{animation:none!important;transition:none!important}"
	firstLayer  = "#og-preferences{display:none!important}"
	secondLayer = "#og-panel{display:none!important}"
	heldLayer   = "#og-panel,#og-preferences{display:none!important}"
)

// buttons are the selectors of what is clicked, by action.
var buttons = map[string]string{
	"accept_all": `[data-og-accept],[name=action][value=accept_all]`,
	"reject_all": `[data-og-reject],[name=action][value=reject_all]`,
	"save":       `#og-save,[name=action][value=save]`,
	"withdraw":   `[name=action][value=withdraw]`,
}

// Frames returns what was shown, the layer in which she decided first.
func (e *Evidence) Frames() []Frame {
	if e.Panel == nil {
		return nil
	}
	r := e.Entry.Record
	clicked := buttons[string(r.Action)] + mark
	if e.isPage() {
		return []Frame{e.frame("The page", clicked, true)}
	}
	first, second := e.frame("First layer", firstLayer+clicked, false), e.frame("Second layer", secondLayer+clicked, true)
	switch r.Source {
	case "preferences":
		first = e.frame("First layer", firstLayer, false)
		return []Frame{second, first}
	case "placeholder":
		return []Frame{e.held(), first, second}
	}
	return []Frame{first, e.frame("Second layer", secondLayer, true)}
}

// isPage reports whether a whole page was shown, not a fragment in one.
func (e *Evidence) isPage() bool {
	return bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(e.Panel)), []byte("<!doctype"))
}

// frame returns the panel with styles more.
func (e *Evidence) frame(title, more string, tall bool) Frame {
	markup := string(e.Panel)
	if r := e.Entry.Record; r.Source == "preferences" || e.isPage() {
		markup = e.withSwitches(markup)
	}
	return document(title, strings.Replace(markup, "<dialog ", "<dialog open ", 1), more, tall)
}

// withSwitches sets the switches as they were saved. A click on one of the other
// buttons does not tell where they stood.
func (e *Evidence) withSwitches(markup string) string {
	r := e.Entry.Record
	if r.Action != "save" {
		return markup
	}
	for id, yes := range r.Choices {
		if name := `name="og-` + string(id) + `"`; yes {
			markup = strings.Replace(markup, name, name+" checked", 1)
		}
	}
	return markup
}

// held returns what stood in the place of a frame that was held.
func (e *Evidence) held() Frame {
	markup := string(e.Panel)
	_, inside, _ := strings.Cut(markup, "<template>")
	inside, _, _ = strings.Cut(inside, "</template>")
	return document("In the place of what was held", strings.Join(styleElement.FindAllString(markup, -1), "")+inside,
		heldLayer+"[data-og-always]"+mark, false)
}

var (
	styleElement = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	endOfHead    = regexp.MustCompile(`(?i)</head>`)
)

// document makes a document of what was shown. Nothing in it can run, load or
// lead away.
func document(title, markup, more string, tall bool) Frame {
	f := Frame{Title: title, Tall: tall}
	style := "<style>" + still + more + "</style>"
	if at := endOfHead.FindStringIndex(markup); at != nil {
		f.Document = markup[:at[0]] + style + markup[at[0]:]
	} else {
		f.Document = `<!doctype html><html><head><meta charset="utf-8">` + style + "</head><body>" + markup + "</body></html>"
	}
	for _, m := range styleElement.FindAllStringSubmatch(f.Document, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		f.Styles = append(f.Styles, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return f
}

// Styles returns the hashes of all styles of frames, each once.
func Styles(frames []Frame) []string {
	var all []string
	for _, f := range frames {
		all = append(all, f.Styles...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
