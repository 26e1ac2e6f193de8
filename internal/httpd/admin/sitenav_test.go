package admin_test

import (
	"net/http"
	"strings"
	"testing"
)

// From each page of a site one gets to its others.
func TestPagesOfASiteLeadToTheOthers(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, page := range []string{
		"", "/overview", "/look", "/texts", "/signals", "/settings", "/preview", "/records", "/history", "/categories", "/check", "/publish", "/publish/discard",
	} {
		p := b.get("/admin/sites/shop" + page)
		wantStatus(t, page, p, http.StatusOK)
		if got := strings.Count(p.body, `<nav class="site-nav"`); got != 1 {
			t.Errorf("%s has the site's navigation %d times, want once", page, got)
		}
	}
}
