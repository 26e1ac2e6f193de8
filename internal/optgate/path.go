package optgate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Path returns where the item is in a site file: "services.chat", "theme.logo".
func (i Item) Path() string {
	for list, subject := range subjects {
		if subject == i.Subject {
			return list + "." + i.Name
		}
	}
	return i.Name
}

// itemAt returns the item of a path.
func itemAt(path string) Item {
	list, id, _ := strings.Cut(path, ".")
	if subject, ok := subjects[list]; ok {
		return Item{subject, id}
	}
	return Item{"setting", path}
}

// IsSetting reports whether a path such as "theme.logo" is that of a setting.
func IsSetting(path string) bool { return slices.Contains(settingPaths, path) }

// settingPaths are the paths of all settings.
var settingPaths = func() (all []string) {
	for _, name := range jsonNames(reflect.TypeFor[Config]()) {
		if slices.Contains(lists, name) {
			continue
		}
		if !slices.Contains(composed, name) {
			all = append(all, name)
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		for _, part := range jsonNames(field.Type) {
			all = append(all, name+"."+part)
		}
	}
	return all
}()

// jsonNames returns the names of a struct's fields in JSON.
func jsonNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// Says reports whether c has anything at a path such as "services.chat" or
// "theme.logo".
func (c *Config) Says(path string) bool {
	d := parse(c)
	return d.says(itemAt(path))
}

// says reports whether d has anything of an item. A setting that is empty is
// none, whether or not JSON leaves it out.
func (d doc) says(i Item) bool {
	part := d.parts[i]
	if raw, ok := part.(json.RawMessage); ok {
		return !oneOf(string(raw), []string{"null", `""`, "[]"})
	}
	return part != nil
}

// isOrphan reports whether what an item belongs to is not in d: a service's
// category, a tag's service or category, the language of texts.
func (d doc) isOrphan(i Item, part any) bool {
	switch part := part.(type) {
	case Service:
		return d.parts[Item{"category", string(part.Category)}] == nil
	case Tag:
		return part.Service != "" && d.parts[Item{"service", part.Service}] == nil ||
			part.Category != "" && d.parts[Item{"category", string(part.Category)}] == nil
	case Texts:
		var languages []string
		if raw := d.parts[Item{"setting", "languages"}]; raw != nil {
			transcode(raw, &languages)
		}
		return !slices.Contains(languages, i.Name)
	}
	return false
}

// inOrderOf returns d with its lists in the order that they have in other.
func (d doc) inOrderOf(other doc) doc {
	d.order = map[string][]string{}
	for _, list := range lists {
		for _, id := range other.order[list] {
			if d.parts[Item{subjects[list], id}] != nil {
				d.order[list] = append(d.order[list], id)
			}
		}
	}
	return d
}

// quote returns a short form of what somebody wrote, for a message.
func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40])
	}
	return strconv.Quote(s)
}
