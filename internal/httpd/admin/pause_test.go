package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// gate returns what the shop's pages get.
func (w *world) gate() string {
	w.t.Helper()
	site, ok := w.registry.Published("shop")
	if !ok {
		w.t.Fatal("the shop is gone")
	}
	return string(site.Gate.Body())
}

// One click stops it and one lets it go on; both are in the audit log, and no
// revision is published.
func TestPauseNow(t *testing.T) {
	for _, tt := range []struct {
		name, title string
		form        url.Values
		gone        string // from the gate, if it is a tag
	}{
		{"a tag", "tag pixel", url.Values{"tag": {"pixel"}}, "https://stats.example/p.gif"},
		{"a category", "Analytics", url.Values{"category": {"analytics"}}, "https://stats.example/p.gif"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.user()
			w.publish(shop())
			b := w.signedIn()
			before := w.gate()
			form := url.Values{"reason": {`it <b>loops</b>`}}
			for k, v := range tt.form {
				form[k] = v
			}
			wantStatus(t, "pause", b.post("/admin/sites/shop/pause", form), http.StatusSeeOther)
			if strings.Contains(w.gate(), tt.gone) {
				t.Errorf("the gate still has %s", tt.gone)
			}
			w.pass(10 * time.Minute)
			for _, path := range []string{"/admin/sites/shop", "/admin/"} {
				p := b.get(path)
				wantText(t, p, "Paused: "+tt.title)
				wantText(t, p, "10 minutes ago")
				wantText(t, p, "by "+userName)
				wantText(t, p, "it &lt;b&gt;loops&lt;/b&gt;")
				wantText(t, p, `action="/admin/sites/shop/resume"`)
			}
			// A category's card does not say that it loads.
			if says := strings.Contains(b.get("/admin/sites/shop").body, "it loads again once it is resumed"); says != tt.form.Has("category") {
				t.Errorf("a card that says what a pause means for its category: got %t, want %t", says, !says)
			}
			again := b.post("/admin/sites/shop/pause", tt.form)
			wantStatus(t, "pause again", again, http.StatusSeeOther)
			wantText(t, b.get("/admin/sites/shop"), "It was paused already: "+tt.title)
			wantStatus(t, "resume", b.post("/admin/sites/shop/resume", tt.form), http.StatusSeeOther)
			if w.gate() != before {
				t.Error("the gate is another one than before the pause")
			}
			if p := b.get("/admin/"); strings.Contains(p.body, "Paused:") {
				t.Error("the list of sites still says that something is paused")
			}
			if n := w.latest().Number; n != 1 {
				t.Errorf("revision %d was published, want none", n)
			}
			entries, err := w.store.Audit(t.Context(), 0, 2)
			if err != nil || len(entries) != 2 {
				t.Fatalf("Audit = %v, %v; want two entries", entries, err)
			}
			resumed, paused := entries[0], entries[1]
			if paused.Action != "pause" || paused.Subject != tt.title || paused.Reason != "it <b>loops</b>" || paused.User != userName {
				t.Errorf("got the entry %+v, want the pause of %s with its reason", paused, tt.title)
			}
			if resumed.Action != "resume" || resumed.Subject != tt.title || !strings.Contains(resumed.Before, "paused by "+userName) {
				t.Errorf("got the entry %+v, want the end of the pause of %s", resumed, tt.title)
			}
		})
	}
}

func TestPauseIsRefused(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for name, form := range map[string]url.Values{
		"the essential category": {"category": {"essential"}}, "nothing": {}, "an unknown tag": {"tag": {"<script>"}},
		"too long a reason": {"tag": {"pixel"}, "reason": {strings.Repeat("x", optgate.MaxAuditReason+1)}},
	} {
		p := b.post("/admin/sites/shop/pause", form)
		wantStatus(t, name, p, http.StatusUnprocessableEntity)
		wantText(t, p, "This cannot be paused")
	}
	if p := b.get("/admin/sites/shop"); strings.Contains(p.body, `value="essential"`) {
		t.Error("the page offers to pause what is essential")
	}
	if got := w.registry.Paused("shop"); len(got.Pauses) > 0 {
		t.Errorf("got %+v paused, want nothing", got.Pauses)
	}
}

// A reader sees what is paused, and is offered no button.
func TestAViewerSeesPauses(t *testing.T) {
	w := newWorld(t)
	w.person("vera", optgate.Viewer)
	w.publish(shop())
	if _, err := w.registry.Pause(t.Context(), "shop", optgate.Pause{Pausable: optgate.Pausable{Tag: "pixel"}, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.signIn("vera", userWord)
	for _, path := range []string{"/admin/sites/shop", "/admin/"} {
		p := b.get(path)
		wantText(t, p, "Paused: tag pixel")
		if strings.Contains(p.body, "/resume") || strings.Contains(p.body, "/pause") {
			t.Errorf("%s offers a viewer to pause or resume", path)
		}
	}
	for _, path := range []string{"pause", "resume"} {
		wantStatus(t, path, b.post("/admin/sites/shop/"+path, url.Values{"tag": {"pixel"}}), http.StatusForbidden)
	}
	p := w.registry.Paused("shop")
	if _, is := p.Of(optgate.Pausable{Tag: "pixel"}); !is {
		t.Error("the viewer ended the pause")
	}
}
