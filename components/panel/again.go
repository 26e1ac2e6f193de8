package panel

import (
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

// part is what the first layer says if only some categories are asked again.
type part struct {
	IDs     string // of those categories, separated by spaces
	Asks    string
	Parties string
}

// partsOf returns what the first layer says to visitors who answered the
// revisions before the latest changes of r, all but those who are asked about
// every category. Whoever missed more changes is asked about more: so there are
// at most as many parts as categories.
func partsOf(r *optgate.Revision, lang string) []part {
	asked := r.Config.Asked()
	var parts []part
	add := func(since map[optgate.CategoryID]int) {
		for _, changed := range since {
			ids := slices.DeleteFunc(slices.Clone(asked), func(id optgate.CategoryID) bool { return since[id] < changed })
			name := joinIDs(ids)
			known := slices.ContainsFunc(parts, func(p part) bool { return p.IDs == name })
			if len(ids) == 0 || len(ids) == len(asked) || known {
				continue
			}
			v := newPartialView(&r.Config, lang, ids)
			parts = append(parts, part{name, v.Asks, v.Parties})
		}
	}
	later := map[optgate.CategoryID]int{}
	for id, n := range r.Since {
		later[id] = n
	}
	for id, s := range r.Later {
		later[id] = s.Revision
	}
	add(r.Since)
	add(later)
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.IDs, b.IDs) })
	return parts
}

// joinIDs returns ids separated by spaces.
func joinIDs(ids []optgate.CategoryID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, " ")
}
