// Package static holds the files that visitors and admins fetch as they are.
// Those that have a source in web/ are built by cmd/webbuild and committed.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
)

// FS holds the files by their paths below static/, such as "gate/gate.js".
//
//go:embed all:gate all:panel all:signal all:admin
var FS embed.FS

// hashed maps each file to its name with the hash of its content; files is the
// way back. Both are made at start-up, as the files never change.
var hashed, files = index()

// Hashed returns name with the hash of the file's content in it,
// "admin/admin.3f2a9c1b.css" for "admin/admin.css", to be served immutable. A
// name that has no file is returned as it is.
func Hashed(name string) string {
	if h, ok := hashed[name]; ok {
		return h
	}
	return name
}

// Lookup returns the content of the file that [Hashed] gave that name. Callers
// must not change it.
func Lookup(hashedName string) (content []byte, ok bool) {
	content, ok = files[hashedName]
	return content, ok
}

func index() (names map[string]string, contents map[string][]byte) {
	names, contents = make(map[string]string), make(map[string][]byte)
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := FS.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		names[name] = strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
		contents[names[name]] = content
		return nil
	})
	if err != nil {
		panic("static: the embedded files are part of the binary: " + err.Error())
	}
	return names, contents
}
