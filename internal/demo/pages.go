package demo

import (
	"io/fs"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/optgate"
)

// Pages serves the two sites under /demo/. A page that was asked for under
// another host than its site's own is found there, for otherwise the two sites
// would share their cookies.
func Pages(o Options) http.Handler {
	own, err := fs.Sub(assets, "assets")
	if err != nil {
		panic("demo: the embedded assets are gone: " + err.Error())
	}
	p := pages{Options: o}
	mux := http.NewServeMux()
	mux.Handle("GET /demo/{$}", templ.Handler(index(o)))
	mux.Handle("GET /demo/assets/", http.StripPrefix("/demo/assets/", http.FileServerFS(own)))
	mux.HandleFunc("GET /demo/{site}/{$}", p.site(home))
	mux.HandleFunc("GET /demo/{site}/de/{$}", p.siteIn("de", home))
	mux.HandleFunc("GET /demo/{site}/ar/{$}", p.siteIn("ar", home))
	mux.HandleFunc("GET /demo/{site}/store", p.site(store))
	mux.HandleFunc("GET /demo/{site}/forum", p.site(forum))
	mux.HandleFunc("GET /demo/{site}/video", p.site(videoPage))
	mux.HandleFunc("GET /demo/{site}/policy", p.site(policy))
	mux.Handle("/demo/", templ.Handler(notFound(), templ.WithStatus(http.StatusNotFound)))
	return mux
}

type pages struct{ Options }

// A view is what a page knows.
type view struct {
	shop
	words
	Options
	Path string
}

// site serves a page in English.
func (p *pages) site(page func(view) templ.Component) http.HandlerFunc {
	return p.siteIn("en", page)
}

// siteIn serves a page in one of the demo's languages.
func (p *pages) siteIn(lang string, page func(view) templ.Component) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		site := optgate.SiteID(r.PathValue("site"))
		s, known := shops[site]
		origin, err := url.Parse(p.SiteOrigin[site])
		if !known || err != nil || origin.Host == "" {
			templ.Handler(notFound(), templ.WithStatus(http.StatusNotFound)).ServeHTTP(w, r)
			return
		}
		if r.Host != origin.Host {
			http.Redirect(w, r, p.SiteOrigin[site]+r.URL.EscapedPath(), http.StatusFound)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		templ.Handler(page(view{s, languages[lang], p.Options, r.URL.Path})).ServeHTTP(w, r)
	}
}

// At returns the address of a page of the view's site.
func (v view) At(page string) templ.SafeURL { return templ.SafeURL(sitePath(v.ID, page)) }

// Server returns an address of Optgate for the view's site.
func (v view) Server(path string) string { return "/s/" + string(v.ID) + "/" + path }

// Third returns the address of something of a vendor's.
func (v view) Third(path string) string { return v.ThirdParty + "/" + path }

// Hero returns the site's headline and the sentence below it.
func (v view) Hero() hero { return v.Heroes[v.Lang] }
