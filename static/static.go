// Package static holds the built files that the server sends as they are.
package static

import "embed"

// FS holds the built files by their path below static/.
//
//go:embed panel
var FS embed.FS
