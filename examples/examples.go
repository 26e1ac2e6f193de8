// Package examples holds two site files: the privacy policy of a maker of 3D
// printers, as it applies to two of its websites. The demo runs on them, and
// they are meant to be read and copied.
package examples

import "embed"

// FS holds the site files.
//
//go:embed *.yaml
var FS embed.FS
