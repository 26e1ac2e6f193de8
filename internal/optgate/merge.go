package optgate

import (
	"bytes"
	"encoding/json"
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
		case bytes.Equal(was, is):
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
// that none of the three has, so validate it.
func Merge(base, mine, theirs *Config, taken map[Item]bool) (merged *Config, clashes []Item) {
	my, other := Items(base, mine), Items(base, theirs)
	a, b := parse(mine), parse(theirs)
	out := doc{parts: map[Item]json.RawMessage{}, order: map[string][]string{}}
	for _, item := range itemsOf(a, b) {
		from := b
		if my[item] != "" {
			from = a
			if other[item] != "" && !bytes.Equal(a.parts[item], b.parts[item]) {
				clashes = append(clashes, item)
				if taken[item] {
					from = b
				}
			}
		}
		if part := from.parts[item]; part != nil {
			out.parts[item] = part
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

// Settings that are made of others, and lists, by their names in JSON. Whatever
// else a configuration has, now or later, is one setting each.
var (
	lists    = []string{"categories", "services", "tags", "texts"}
	subjects = map[string]string{"categories": "category", "services": "service", "tags": "tag", "texts": "texts"}
	groups   = []string{"controller", "cookie", "policy", "signals", "theme"}
)

// doc is a configuration in its parts.
type doc struct {
	items []Item // in the order in which they were met
	parts map[Item]json.RawMessage
	order map[string][]string // ids, by list
}

func parse(c *Config) doc {
	d := doc{parts: map[Item]json.RawMessage{}, order: map[string][]string{}}
	var fields map[string]json.RawMessage
	transcode(c, &fields)
	for _, name := range keysOf(fields, nil) {
		switch {
		case subjects[name] != "":
			d.list(name, fields[name])
		case slices.Contains(groups, name):
			var parts map[string]json.RawMessage
			transcode(fields[name], &parts)
			for _, part := range keysOf(parts, nil) {
				d.put(Item{"setting", name + "." + part}, parts[part])
			}
		default:
			d.put(Item{"setting", name}, fields[name])
		}
	}
	return d
}

func (d *doc) list(name string, raw json.RawMessage) {
	var all []json.RawMessage
	transcode(raw, &all)
	for _, one := range all {
		var id struct{ ID, Language string }
		transcode(one, &id)
		d.put(Item{subjects[name], id.ID + id.Language}, one)
		d.order[name] = append(d.order[name], id.ID+id.Language)
	}
}

func (d *doc) put(i Item, part json.RawMessage) {
	d.items = append(d.items, i)
	d.parts[i] = part
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
	for item, part := range d.parts {
		if item.Subject != "setting" {
			continue
		}
		group, name, grouped := strings.Cut(item.Name, ".")
		if !grouped {
			fields[item.Name] = part
			continue
		}
		parts, _ := fields[group].(map[string]json.RawMessage)
		if parts == nil {
			parts = map[string]json.RawMessage{}
			fields[group] = parts
		}
		parts[name] = part
	}
	for list, ids := range d.order {
		var all []json.RawMessage
		for _, id := range ids {
			all = append(all, d.parts[Item{subjects[list], id}])
		}
		fields[list] = all
	}
	var c Config
	transcode(fields, &c)
	return &c
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
