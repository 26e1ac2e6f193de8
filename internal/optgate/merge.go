package optgate

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Item is a part of a configuration that is changed and merged as one: a
// category, a service, a tag, the texts of a language, a setting, or the order of
// a list.
type Item struct {
	Subject string // "category", "service", "tag", "texts", "setting", "order"
	Name    string // its id; of a setting its name in a site file, such as "policy.url"
}

// Key returns the item in one word, for forms.
func (i Item) Key() string { return i.Subject + "/" + i.Name }

// Items returns what happened to each item between two configurations. A change
// of order alone is one of an item "order".
func Items(before, after *Config) map[Item]ChangeKind {
	a, b := parse(before), parse(after)
	kinds := map[Item]ChangeKind{}
	for _, item := range itemsOf(a, b) {
		was, is := a.parts[item], b.parts[item]
		switch {
		case same(was, is):
		case was == nil && item.Subject != "setting":
			kinds[item] = Added
		case is == nil && item.Subject != "setting":
			kinds[item] = Removed
		default:
			kinds[item] = Changed
		}
	}
	for list := range subjects {
		from, to := a.order[list], b.order[list]
		if !slices.Equal(without(from, without(from, to)), without(to, without(to, from))) {
			kinds[Item{"order", list}] = Changed
		}
	}
	return kinds
}

// Merge applies what mine changed of base to theirs, item by item. Clashes are
// the items that both changed, each in its own way: of these the merged
// configuration has theirs if taken says so, otherwise mine. It can have faults
// that none of the three has, so validate it; clone it to edit it.
func Merge(base, mine, theirs *Config, taken map[Item]bool) (merged *Config, clashes []Item) {
	my, other := Items(base, mine), Items(base, theirs)
	a, b := parse(mine), parse(theirs)
	out := newDoc()
	for _, item := range itemsOf(a, b) {
		from := b
		if my[item] != "" {
			from = a
			if other[item] != "" && !same(a.parts[item], b.parts[item]) {
				clashes = append(clashes, item)
				if taken[item] {
					from = b
				}
			}
		}
		if part := from.parts[item]; part != nil {
			out.put(item, part)
		}
	}
	for _, list := range lists {
		lead, rest, item := b.order[list], a.order[list], Item{"order", list}
		if my[item] != "" {
			clash := other[item] != "" && !slices.Equal(without(lead, without(lead, rest)), without(rest, without(rest, lead)))
			if clash {
				clashes = append(clashes, item)
			}
			if !clash || !taken[item] {
				lead, rest = rest, lead
			}
		}
		for _, id := range append(slices.Clone(lead), without(rest, lead)...) {
			if out.parts[Item{subjects[list], id}] != nil {
				out.order[list] = append(out.order[list], id)
			}
		}
	}
	return out.config(), clashes
}

// Lists of items, and settings that are made of others, by their names in JSON.
// Whatever else a configuration has, now or later, is one setting each.
var (
	lists    = []string{"categories", "services", "tags", "texts"}
	subjects = map[string]string{"categories": "category", "services": "service", "tags": "tag", "texts": "texts"}
	composed = []string{"controller", "cookie", "policy", "signals", "theme"}
)

// doc is a configuration in its parts.
type doc struct {
	items []Item       // in the order in which they were met
	parts map[Item]any // JSON of settings, a Category, Service, Tag or Texts of others
	order map[string][]string
}

func newDoc() doc { return doc{parts: map[Item]any{}, order: map[string][]string{}} }

// parse takes a configuration apart. Only settings go through JSON: the lists of
// a big site are what takes long.
func parse(c *Config) doc {
	d := newDoc()
	addAll(&d, "categories", c.Categories, categoryKey)
	addAll(&d, "services", c.Services, serviceKey)
	addAll(&d, "tags", c.Tags, tagKey)
	addAll(&d, "texts", c.Texts, func(t Texts) string { return t.Language })
	rest := *c
	rest.Categories, rest.Services, rest.Tags, rest.Texts = nil, nil, nil, nil
	var fields map[string]json.RawMessage
	transcode(rest, &fields)
	for _, name := range without(keysOf(fields, nil), lists) {
		if !slices.Contains(composed, name) {
			d.put(Item{"setting", name}, fields[name])
			continue
		}
		var parts map[string]json.RawMessage
		transcode(fields[name], &parts)
		for _, part := range keysOf(parts, nil) {
			d.put(Item{"setting", name + "." + part}, parts[part])
		}
	}
	return d
}

func addAll[T any](d *doc, list string, all []T, id func(T) string) {
	for _, one := range all {
		d.put(Item{subjects[list], id(one)}, one)
		d.order[list] = append(d.order[list], id(one))
	}
}

func (d *doc) put(i Item, part any) {
	d.items = append(d.items, i)
	d.parts[i] = part
}

// same reports whether two parts say the same. An empty list says what none does.
func same(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if service, ok := a.(Service); ok {
		b = shareTexts(service, b.(Service))
	}
	if reflect.DeepEqual(a, b) {
		return true
	}
	var one, other json.RawMessage
	transcode(a, &one)
	transcode(b, &other)
	return bytes.Equal(one, other)
}

// shareTexts returns to with those texts of from that say the same, which
// [reflect.DeepEqual] then need not read: it is slow at maps, and a service has
// texts in every language.
func shareTexts(from, to Service) Service {
	share := func(from Text, to *Text) {
		if maps.Equal(from, *to) {
			*to = from
		}
	}
	share(from.Purpose, &to.Purpose)
	share(from.Reason, &to.Reason)
	to.Cookies = slices.Clone(to.Cookies)
	for i := range min(len(from.Cookies), len(to.Cookies)) {
		share(from.Cookies[i].Purpose, &to.Cookies[i].Purpose)
	}
	return to
}

// itemsOf returns the items of both, each once.
func itemsOf(a, b doc) []Item {
	all := slices.Clone(a.items)
	for _, i := range b.items {
		if a.parts[i] == nil {
			all = append(all, i)
		}
	}
	return all
}

// config puts the parts together again.
func (d doc) config() *Config {
	fields := map[string]any{}
	for _, item := range d.items {
		if item.Subject != "setting" {
			continue
		}
		group, name, grouped := strings.Cut(item.Name, ".")
		if !grouped {
			fields[item.Name] = d.parts[item]
			continue
		}
		parts, _ := fields[group].(map[string]any)
		if parts == nil {
			parts = map[string]any{}
			fields[group] = parts
		}
		parts[name] = d.parts[item]
	}
	var c Config
	transcode(fields, &c)
	c.Categories = listOf[Category](d, "categories")
	c.Services = listOf[Service](d, "services")
	c.Tags = listOf[Tag](d, "tags")
	c.Texts = listOf[Texts](d, "texts")
	return &c
}

func listOf[T any](d doc, list string) []T {
	var all []T
	for _, id := range d.order[list] {
		all = append(all, d.parts[Item{subjects[list], id}].(T))
	}
	return all
}

// transcode writes from as JSON and reads it into to.
func transcode(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic("optgate: a Config is JSON and made of JSON: " + err.Error())
	}
}
