package optgate

import "slices"

// Undone returns c with one of its items as base has it. It can have faults that
// neither has, such as a tag whose service is not there, so validate it; clone it
// to edit it.
func Undone(base, c *Config, item Item) *Config {
	was, out := parse(base), parse(c)
	if item.Subject == "order" {
		now := out.order[item.Name]
		first := without(was.order[item.Name], without(was.order[item.Name], now))
		out.order[item.Name] = append(first, without(now, first)...)
		return out.config()
	}
	part, there := was.parts[item], out.parts[item] != nil
	switch {
	case part == nil:
		delete(out.parts, item)
		out.items = slices.DeleteFunc(out.items, func(i Item) bool { return i == item })
	case there:
		out.parts[item] = part
	default:
		out.put(item, part)
	}
	for list, subject := range subjects {
		if subject != item.Subject {
			continue
		}
		if part == nil {
			out.order[list] = without(out.order[list], []string{item.Name})
		} else if !there {
			out.order[list] = insertAs(was.order[list], out.order[list], item.Name)
		}
	}
	return out.config()
}

// insertAs puts an id into a list behind what stands before it in another.
func insertAs(was, now []string, id string) []string {
	at := 0
	for _, before := range was[:slices.Index(was, id)] {
		at = max(at, slices.Index(now, before)+1)
	}
	return slices.Insert(slices.Clone(now), at, id)
}
