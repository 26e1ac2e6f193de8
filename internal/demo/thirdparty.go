package demo

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/optgate"
)

// vendors are the third parties by host, with the category that the example
// sites put them in.
var vendors = map[string]optgate.CategoryID{
	"stats.example":    optgate.Analytics,
	"ads.example":      optgate.Marketing,
	"retarget.example": optgate.Marketing,
	"video.example":    optgate.Functional,
	"comments.example": optgate.Functional,
}

// A Hit is one request that a third party received. It says nothing about who
// sent it.
type Hit struct {
	Vendor   string             `json:"vendor"`
	Category optgate.CategoryID `json:"category"` // "unknown" if the vendor is
	Path     string             `json:"path"`     // below the vendor's host, without query
	At       time.Time          `json:"time"`     // UTC
}

const (
	maxHits = 500 // what is older is forgotten
	maxPath = 120 // bytes of a path that are kept
)

// ThirdParties answers for every vendor of the example sites and remembers
// what it was asked for.
type ThirdParties struct {
	Now func() time.Time // [time.Now], unless a test says otherwise

	log  *slog.Logger
	mu   sync.Mutex
	hits []Hit // newest first
}

// NewThirdParties returns third parties that have received nothing.
func NewThirdParties(log *slog.Logger) *ThirdParties {
	return &ThirdParties{Now: time.Now, log: log}
}

// Hits returns what was received, newest first.
func (t *ThirdParties) Hits() []Hit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.hits)
}

// Handler serves the vendors under /<vendor>.example/ and the page that shows
// what they received at /.
func (t *ThirdParties) Handler() http.Handler {
	own, err := fs.Sub(assets, "assets")
	if err != nil {
		panic("demo: the embedded assets are gone: " + err.Error())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", t.page(http.StatusOK, received()))
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(own)))
	mux.HandleFunc("GET /log.json", t.getLog)
	mux.HandleFunc("POST /reset", t.reset)
	mux.HandleFunc("/{vendor}/{path...}", t.vendor)
	mux.Handle("/{file}", t.page(http.StatusNotFound, lost()))
	return mux
}

// getLog answers with what was received, newest first.
func (t *ThirdParties) getLog(w http.ResponseWriter, r *http.Request) {
	hits := t.Hits()
	if hits == nil {
		hits = []Hit{} // an empty list in JSON, not null
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(hits); err != nil {
		t.log.DebugContext(r.Context(), "third parties' log not sent", slog.Any("error", err))
	}
}

// reset forgets what was received.
func (t *ThirdParties) reset(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	t.hits = nil
	t.mu.Unlock()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// vendor plays one third party.
func (t *ThirdParties) vendor(w http.ResponseWriter, r *http.Request) {
	name, path := r.PathValue("vendor"), r.PathValue("path")
	if !strings.HasSuffix(name, ".example") {
		t.page(http.StatusNotFound, lost()).ServeHTTP(w, r)
		return
	}
	// A vendor's policy is a link in the panel. No page loads it by itself.
	if path == "privacy" {
		t.page(http.StatusOK, vendorPolicy(name)).ServeHTTP(w, r)
		return
	}
	t.note(r, name, path)
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case strings.HasSuffix(path, ".gif"):
		w.Header().Set("Content-Type", "image/gif")
		w.Write(pixel)
	case strings.HasSuffix(path, ".js"):
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write([]byte(tagScript))
	case strings.HasSuffix(path, ".css"):
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write([]byte(playerStyle))
	case path == "embed/video":
		t.page(http.StatusOK, video()).ServeHTTP(w, r)
	case path == "embed/comments":
		t.page(http.StatusOK, comments()).ServeHTTP(w, r)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// note remembers a request.
func (t *ThirdParties) note(r *http.Request, name, path string) {
	hit := Hit{Vendor: name, Category: vendors[name], Path: "/" + path, At: t.Now().UTC().Truncate(time.Millisecond)}
	if hit.Category == "" {
		hit.Category, hit.Vendor = "unknown", clip(name)
	}
	hit.Path = clip(hit.Path)
	t.mu.Lock()
	t.hits = append([]Hit{hit}, t.hits[:min(len(t.hits), maxHits-1)]...)
	t.mu.Unlock()
	t.log.DebugContext(r.Context(), "third party asked", slog.String("vendor", hit.Vendor), slog.String("path", hit.Path))
}

// clip shortens what a caller chose to what is worth keeping.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxPath)], "")
}

// page serves a component that is the same for everybody.
func (t *ThirdParties) page(status int, body templ.Component) http.Handler {
	return templ.Handler(body, templ.WithStatus(status))
}

// pixel is a transparent GIF of one pixel.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// tagScript is what every vendor's script does: like most of its kind it loads
// one thing more and keeps something in the page's own storage, under names that
// the example sites list; and it leaves a mark on the page by which tests know
// it ran.
const tagScript = `(() => {
  const own = document.currentScript.src;
  const vendor = new URL(own).pathname.split("/")[1].replace(".example", "");
  document.documentElement.dataset[vendor] = "ran";
  new Image().src = new URL("pixel.gif?by=tag.js", own).href;
  const cookie = { stats: "cw_visitor", retarget: "cb_id" }[vendor];
  if (cookie) document.cookie = cookie + "=" + crypto.randomUUID() + "; path=/; max-age=31536000; samesite=lax";
  if (vendor === "retarget") localStorage.cb_seen = location.pathname;
})();
`

// playerStyle is a vendor's style sheet for the page around its player.
const playerStyle = `.player { border-radius: 1.25rem; box-shadow: 0 1.5rem 4rem -1.5rem rgb(0 0 0 / .45); }
`
