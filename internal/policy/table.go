package policy

import (
	_ "embed"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

//go:embed table.txt
var tableText string

// table is the built-in table: patterns by category.
var table = parseTable(tableText)

// parseTable reads a line that names a category, then lines of its patterns.
// Lines that begin with # are comments.
func parseTable(text string) map[pattern]optgate.CategoryID {
	rules := map[pattern]optgate.CategoryID{}
	var category optgate.CategoryID
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case len(words) == 1 && !strings.Contains(words[0], "."):
			category = optgate.CategoryID(words[0])
		default:
			for _, word := range words {
				host, path, more := strings.Cut(word, "/")
				if more {
					path = "/" + path
				}
				rules[pattern{host: host, path: path}] = category
			}
		}
	}
	return rules
}
