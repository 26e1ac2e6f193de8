// Command storybook shows every part of the panel with made-up content at
// http://127.0.0.1:8099, to be looked at while it is being designed.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/components/panel/paneltest"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

const addr = "127.0.0.1:8099"

func main() {
	slog.Info("storybook", slog.String("url", "http://"+addr))
	server := &http.Server{Addr: addr, Handler: routes(), ReadHeaderTimeout: 5 * time.Second}
	if err := server.ListenAndServe(); err != nil {
		slog.Error("storybook stopped", slog.Any("error", err))
		os.Exit(1)
	}
}

// routes returns one address for each story. All of them take lang, theme
// (light, dark) and accent (rrggbb).
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	mux.HandleFunc("GET /{$}", show(func(r *http.Request) templ.Component { return index(words.Languages()) }))
	for _, layer := range []string{"banner", "preferences", "hostile"} {
		mux.HandleFunc("GET /"+layer, show(func(r *http.Request) templ.Component {
			return shopPage(story{Layer: layer, Lang: lang(r), Theme: r.FormValue("theme"), Config: config(r)})
		}))
	}
	mux.HandleFunc("/form", show(func(r *http.Request) templ.Component {
		p := panel.PreferencesPage{
			Config: config(r), Revision: 7, Lang: lang(r), RecordID: "01JD9Z3W5Q8R1T2V4X6Y8Z0A2B",
			BackURL: "/banner", StyleURL: "/static/panel/page.css", Action: "/form", DeclarationURL: "/declaration",
		}
		if r.FormValue("state") != "" {
			p.Choices = optgate.Choices{optgate.Functional: true, optgate.Analytics: false, optgate.Marketing: false}
			p.At = time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)
		}
		p.Saved = r.FormValue("state") == "saved"
		if r.FormValue("state") == "problem" {
			p.Problem = "The store does not answer. Nothing was changed."
		}
		return p
	}))
	mux.HandleFunc("GET /declaration", show(func(r *http.Request) templ.Component {
		return panel.DeclarationPage{Config: config(r), Revision: 7, Lang: lang(r), StyleURL: "/static/panel/page.css"}
	}))
	mux.HandleFunc("GET /error", show(func(r *http.Request) templ.Component {
		return panel.ErrorPage{Status: http.StatusServiceUnavailable, Lang: lang(r), StyleURL: "/static/panel/page.css"}
	}))
	return mux
}

// show answers with a component.
func show(story func(*http.Request) templ.Component) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		templ.Handler(story(r)).ServeHTTP(w, r)
	}
}

// lang returns the language that was asked for.
func lang(r *http.Request) string { return words.Match(words.Languages(), r.FormValue("lang"), "en") }

// config returns the shop, in the accent that was asked for.
func config(r *http.Request) *optgate.Config {
	c := paneltest.Shop()
	if s := r.FormValue("accent"); s != "" {
		c.Theme.Accent = "#" + s
	}
	return c
}
