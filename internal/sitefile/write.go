package sitefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/optgate/optgate/internal/optgate"
)

// Of returns the file that says what a revision does: of a site of a group, what
// the site says itself.
func Of(r *optgate.Revision) *File {
	if r.Own != nil {
		return &File{Own: r.Own}
	}
	return &File{Site: &r.Config}
}

// Marshal writes c, a site of no group, as a site file, without comments. [Parse]
// reads it back.
func Marshal(c *optgate.Config) ([]byte, error) { return Write(&File{Site: c}) }

// Write writes a file without comments. [Read] reads it back.
func Write(f *File) ([]byte, error) {
	doc, err := yaml.MarshalWithOptions(f.written(), yaml.OmitEmpty(), yaml.OmitZero(), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("sitefile: write %s: %w", f.name(), err)
	}
	if f.reads(doc) {
		return doc, nil
	}
	// The library loses, for example, the indentation of a text's first line.
	// JSON is YAML, too: less pleasant to read, but exact.
	return WriteJSON(f)
}

// WriteJSON writes a file that is JSON.
func WriteJSON(f *File) ([]byte, error) {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	v, err := f.json()
	if err == nil {
		err = lines.Encode(v)
	}
	if err != nil {
		return nil, fmt.Errorf("sitefile: write %s: %w", f.name(), err)
	}
	if !f.reads(b.Bytes()) {
		return nil, fmt.Errorf("sitefile: write %s: what was written reads differently", f.name())
	}
	return b.Bytes(), nil
}

// name returns what the file is about.
func (f *File) name() string {
	switch {
	case f.Group != nil:
		return string(f.Group.ID)
	case f.Own != nil:
		return string(f.Own.Says.Site)
	}
	return string(f.Site.Site)
}

// Same reports whether both files say the same.
func (f *File) Same(other *File) bool {
	switch {
	case f.Site != nil && other.Site != nil:
		return f.Site.Hash() == other.Site.Hash()
	case f.Group != nil && other.Group != nil:
		return f.Group.ID == other.Group.ID && f.Group.Settings.Hash() == other.Group.Settings.Hash()
	}
	return f.Own != nil && f.Own.Same(other.Own)
}

// reads reports whether doc reads as f.
func (f *File) reads(doc []byte) bool {
	again, err := Read(doc)
	return err == nil && f.Same(again)
}

// written returns what f says in the words that site files have.
func (f *File) written() *optgate.Own {
	const hold = "hold"
	var o optgate.Own
	switch {
	case f.Group != nil:
		o.Says = f.Group.Settings
		o.Says.Group = f.Group.ID
	case f.Own != nil:
		o = *f.Own
		if o.Says.Hold == "" && slices.Contains(o.Without, hold) {
			o.Says.Hold = off
			o.Without = slices.DeleteFunc(slices.Clone(o.Without), func(path string) bool { return path == hold })
		}
		return &o
	default:
		o.Says = *f.Site
	}
	if o.Says.Hold == optgate.HoldOff {
		o.Says.Hold = off
	}
	return &o
}

// json returns what to encode. In a file of a group and its sites, what is empty
// would be said.
func (f *File) json() (any, error) {
	o := f.written()
	if f.Site != nil {
		return &o.Says, nil
	}
	doc, err := json.Marshal(struct {
		*optgate.Config
		Without []string      `json:"without,omitempty"`
		Order   optgate.Order `json:"order,omitzero"`
	}{&o.Says, o.Without, o.Order})
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, err
	}
	for key, value := range fields {
		if value == nil || value == "" {
			delete(fields, key)
		}
	}
	if c := o.Says.Controller; c == (optgate.Controller{}) {
		delete(fields, "controller")
	} else if c.Name == "" {
		delete(fields["controller"].(map[string]any), "name")
	}
	return fields, nil
}
