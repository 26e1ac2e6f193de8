package demo

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"

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
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/demo/", http.StatusFound))
	mux.Handle("GET /demo/{$}", templ.Handler(index(o)))
	mux.Handle("GET /demo/assets/", http.StripPrefix("/demo/assets/", http.FileServerFS(own)))
	mux.HandleFunc("GET /demo/{site}/{page...}", o.page)
	mux.Handle("GET /", templ.Handler(notFound(), templ.WithStatus(http.StatusNotFound)))
	return mux
}

// sitePages are the pages of each site.
var sitePages = map[string]struct {
	lang string
	body func(view) templ.Component
}{
	"":       {"en", home},
	"de":     {"de", home},
	"ar":     {"ar", home},
	"store":  {"en", store},
	"forum":  {"en", forum},
	"video":  {"en", videoPage},
	"policy": {"en", policy},
}

// A view is what a page knows.
type view struct {
	shop
	words
	Options
	Path string
}

// page serves a page of a site.
func (o Options) page(w http.ResponseWriter, r *http.Request) {
	site := optgate.SiteID(r.PathValue("site"))
	shop, known := shops[site]
	page, found := sitePages[strings.TrimSuffix(r.PathValue("page"), "/")]
	origin, err := url.Parse(o.SiteOrigin[site])
	if !known || !found || err != nil {
		templ.Handler(notFound(), templ.WithStatus(http.StatusNotFound)).ServeHTTP(w, r)
		return
	}
	if r.Host != origin.Host {
		http.Redirect(w, r, o.SiteOrigin[site]+r.URL.EscapedPath(), http.StatusFound)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	templ.Handler(page.body(view{shop, languages[page.lang], o, r.URL.Path})).ServeHTTP(w, r)
}

// At returns the address of a page of the view's site.
func (v view) At(page string) templ.SafeURL { return templ.SafeURL(sitePath(v.ID, page)) }

// Server returns an address of Optgate for the view's site.
func (v view) Server(path string) string { return "/s/" + string(v.ID) + "/" + path }

// Third returns the address of something of a vendor's.
func (v view) Third(path string) string { return v.ThirdParty + "/" + path }

// Hero returns the site's headline and the sentence below it.
func (v view) Hero() hero { return v.Heroes[v.Lang] }
