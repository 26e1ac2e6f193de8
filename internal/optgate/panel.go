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
