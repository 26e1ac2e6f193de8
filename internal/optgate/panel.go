package optgate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// panelHashBytes is how much of the SHA-256 names a panel. Every record of a
// ledger carries it, so it is no longer than it must be for nobody to find
// another panel of the same name.
const panelHashBytes = 16

// Panel is what a revision showed to visitors in one language: HTML with its
// styles. It is a fragment, of the banner and the preferences that are put into
// a page, or a whole document, of the preferences as a page of their own.
type Panel struct {
	Site     SiteID
	Revision int
	Language string
	Content  []byte
}

// Name returns the panel without its content.
func (p *Panel) Name() PanelName { return PanelName{p.Language, PanelHash(p.Content)} }

// PanelName tells the panels of one revision apart: there is one for each
// language, and one more each time that Optgate drew it differently.
type PanelName struct {
	Language string
	Hash     string // see [PanelHash]
}

// PanelHash returns the name of a panel's content: the first 128 bits of its
// SHA-256, as 32 digits of lower-case hex.
func PanelHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:panelHashBytes])
}

// IsPanelHash reports whether s has the form of a [PanelHash].
func IsPanelHash(s string) bool {
	return len(s) == 2*panelHashBytes && strings.Trim(s, "0123456789abcdef") == ""
}
