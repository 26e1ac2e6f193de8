// Command webbuild builds static/ from web/. Run it from the repository's root,
// or by `go tool task gen`. With the argument "trackers" it makes the table of
// trackers instead, which needs web's npm packages.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/optgate/optgate/internal/webbuild"
)

func main() {
	run := build
	if slices.Equal(os.Args[1:], []string{"trackers"}) {
		run = trackers
	}
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// build writes what the sources under root build to.
func build(root string) error {
	files, err := webbuild.Build(root)
	if err != nil {
		return err
	}
	for name, contents := range files {
		if err := write(root, name, contents); err != nil {
			return err
		}
	}
	return nil
}

// trackers writes the table of trackers.
func trackers(root string) error {
	table, err := webbuild.Trackers(root)
	if err != nil {
		return err
	}
	return write(root, webbuild.TableFile, table)
}

// write writes a file, by its slash-separated path below root.
func write(root, name string, contents []byte) error {
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("webbuild: make folder of %s: %w", name, err)
	}
	if err := os.WriteFile(path, contents, 0o644); err != nil {
		return fmt.Errorf("webbuild: write %s: %w", name, err)
	}
	return nil
}
