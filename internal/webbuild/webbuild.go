// Package webbuild turns web/ into static/. It is a tool of the developers and
// of the tests: the server never imports it, so esbuild stays out of the binary.
package webbuild

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// source is one kind of file under web/ and where its result goes.
type source struct {
	glob   string            // below the root
	out    string            // folder below the root
	ext    string            // of the result
	name   string            // of the result without ext; default that of the source
	bundle bool              // esbuild follows its imports
	bare   bool              // a script that the server puts into a function of its own
	named  string            // the function around a bare script, which is to know its own text
	copied bool              // the result is the source
	define map[string]string // constants of a script
}

var sources = []source{
	gate("gate", "languages", "tags"),
	gate("gate.languages", "languages"),
	gate("gate.tags", "tags"),
	gate("gate.plain"),
	gate("gate.paused", "languages", "tags", "paused"),
	gate("gate.regions", "languages", "tags", "regions"),
	gate("gate.regions.paused", "languages", "tags", "paused", "regions"),
	{glob: "web/hold/hold.ts", out: "static/gate", ext: ".js", bundle: true, bare: true, named: "__H(__HOLD)"},
	{glob: "web/hold/strict.ts", out: "static/gate", ext: ".js", bundle: true, bare: true, named: "__H(__HOLD)"},
	{glob: "web/gate/api.d.ts", out: "static/gate", ext: ".d.ts", name: "gate", copied: true},
	{glob: "web/signal/vendor/*.ts", out: "static/signal", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/panel.ts", out: "static/panel", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/notice.ts", out: "static/panel", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/preferences.ts", out: "static/panel", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/scripts.ts", out: "static/panel", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/placeholders.ts", out: "static/panel", ext: ".js", bundle: true, bare: true},
	{glob: "web/panel/*.css", out: "static/panel", ext: ".css"},
	{glob: "web/admin/*.css", out: "static/admin", ext: ".css", bundle: true},
	{glob: "web/admin/*.ts", out: "static/admin", ext: ".js", bundle: true},
}

// gate is the gate for sites that have several languages, tags of the server's,
// something paused or regions that are not asked first; internal/publish chooses.
// The last two are so rare that one variant is enough for each.
func gate(name string, has ...string) source {
	define := map[string]string{}
	for _, what := range []string{"languages", "tags", "paused", "regions"} {
		define["__"+strings.ToUpper(what)] = strconv.FormatBool(slices.Contains(has, what))
	}
	return source{
		glob: "web/gate/gate.ts", out: "static/gate", ext: ".js", name: name, bundle: true, bare: true, define: define,
	}
}

// Build returns what the sources under root build to, by slash-separated path
// below root ("static/gate/gate.js"). It writes nothing.
func Build(root string) (map[string][]byte, error) {
	built := make(map[string][]byte)
	for _, s := range sources {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(s.glob)))
		if err != nil {
			return nil, fmt.Errorf("webbuild: find %s: %w", s.glob, err)
		}
		for _, path := range paths {
			base := filepath.Base(path)
			if s.bundle && strings.HasSuffix(base, ".d.ts") {
				continue
			}
			contents, err := build(s, path)
			if err != nil {
				return nil, fmt.Errorf("webbuild: build %s: %w", base, err)
			}
			name := s.name
			if name == "" {
				name = strings.TrimSuffix(base, filepath.Ext(base))
			}
			built[s.out+"/"+name+s.ext] = contents
		}
	}
	return built, nil
}

// build returns the result for one file.
func build(s source, path string) ([]byte, error) {
	if s.copied {
		return os.ReadFile(path)
	}
	r := api.Build(api.BuildOptions{
		EntryPoints:       []string{path},
		Bundle:            s.bundle,
		Define:            s.define,
		Format:            formatOf(s),
		Target:            api.ES2020,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: s.define == nil,
		MangleProps:       "^_",
		LegalComments:     api.LegalCommentsNone,
		Charset:           api.CharsetUTF8,
		// What a nearby tsconfig.json says about types is not about the result.
		TsconfigRaw: "{}",
	})
	if len(r.Errors) > 0 {
		return nil, faults(r.Errors)
	}
	code := r.OutputFiles[0].Contents
	if s.define != nil {
		// What a variant leaves out would still be counted for the names of what is in
		// it, and keep declarations apart.
		small := api.Transform(string(code), api.TransformOptions{
			Format: formatOf(s), Target: api.ES2020, TreeShaking: api.TreeShakingTrue, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
			MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		})
		if len(small.Errors) > 0 {
			return nil, faults(small.Errors)
		}
		code = small.Code
	}
	if s.bare {
		// Whatever it throws while it starts ends it, shut and quietly.
		code = slices.Concat([]byte("try{"), bytes.TrimSpace(code), []byte(`}catch(e){console.warn("optgate:",e)}`))
		if s.named != "" {
			_, arguments, _ := strings.Cut(s.named, "(")
			code = slices.Concat([]byte("(function "+s.named+"{"), code, []byte("})("+arguments))
		}
	}
	return code, nil
}

// faults returns what esbuild found wrong.
func faults(all []api.Message) error {
	texts := api.FormatMessages(all, api.FormatMessagesOptions{Kind: api.ErrorMessage})
	return fmt.Errorf("esbuild: %s", strings.TrimSpace(strings.Join(texts, "")))
}

// formatOf wraps scripts in a function, so that their names stay their own.
func formatOf(s source) api.Format {
	switch {
	case s.bare:
		return api.FormatESModule
	case s.bundle && s.ext == ".js":
		return api.FormatIIFE
	}
	return api.FormatDefault
}
