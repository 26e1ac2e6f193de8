// Package evidence is a decision as a page of its own: what the visitor saw, what
// she clicked, and where that stands in the ledger. The page needs no other file,
// runs no script and asks for nothing, so that it can be kept and sent.
package evidence

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"

	"github.com/optgate/optgate/internal/evidence"
)

//go:embed page.css
var css string

// policy returns the Content-Security-Policy of the page: no script, nothing
// from elsewhere, and of styles those that are in it.
func policy(found evidence.Found) string {
	sum := sha256.Sum256([]byte(css))
	styles := []string{"'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
	for i := range found.Decisions {
		styles = append(styles, evidence.Styles(found.Decisions[i].Frames())...)
	}
	return "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src " + strings.Join(styles, " ")
}
