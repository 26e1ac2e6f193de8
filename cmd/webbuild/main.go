// Command webbuild builds static/ from web/. Run it from the repository's root,
// or by `go tool task gen`.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/optgate/optgate/internal/webbuild"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes what the sources under root build to.
func run(root string) error {
	files, err := webbuild.Build(root)
	if err != nil {
		return err
	}
	for name, contents := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("webbuild: make folder of %s: %w", name, err)
		}
		if err := os.WriteFile(path, contents, 0o644); err != nil {
			return fmt.Errorf("webbuild: write %s: %w", name, err)
		}
	}
	return nil
}
