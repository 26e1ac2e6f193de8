package gatetest_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// Chromium renders a page ahead that the visitor is likely to go to: nothing is
// asked, shown, kept or loaded until she is there, and then all is as on any page.
// It does so where nothing watches, so the pages tell the server what is to be
// known, and go on when the third party answers "/go".
func TestChromiumRendersAhead(t *testing.T) {
	s := newStand(t, "")
	goOn := s.hold("/go")
	s.page("/before", `<!doctype html><title>t</title><script type="speculationrules">{"prerender": [{"urls": ["/"], "eagerness": "immediate"}]}</script>
		<script>fetch("{third}/go", {mode: "no-cors"}).then(() => location.href = "/")</script>`)
	s.put("/", `<img data-gate="essential" data-src="{third}/e.gif"><img data-gate="marketing" data-src="{third}/m.gif"><script>
		addEventListener("load", async () => {
			// What the gate would ask for goes out before these are answered.
			for (let i = 0; i < 3; i++) await fetch("/sentinel");
			const clean = !document.cookie && !localStorage.length && !document.querySelector("#og-panel") && !optgate.choices;
			const banner = new MutationObserver(() => {
				const accept = document.querySelector("#og-accept");
				if (accept) banner.disconnect(), accept.click();
			});
			banner.observe(document, {childList: true, subtree: true});
			await fetch("/ahead/" + [document.prerendering, clean]);
		})</script>`)
	browser.Unwatched(t, s.site.URL+"/before")
	s.until("the page is there ahead, without a trace", func() bool { return s.asked("GET /ahead/true,true") == 1 })
	s.wantCalls("/go")
	if s.asked("GET /og/panel.js") != 0 || len(s.posts()) != 0 {
		t.Errorf("got %d panels and decisions %+v before the page was seen", s.asked("GET /og/panel.js"), s.posts())
	}
	goOn()
	s.wantCalls("/e.gif", "/go", "/m.gif")
	if n := s.asked("GET /"); n != 1 {
		t.Errorf("the page was asked for %d times, want the one that was rendered ahead", n)
	}
	if got := s.wantPosts(1)[0]; got.Action != "accept_all" || got.Source != "banner" {
		t.Errorf("got %+v, want the click", got)
	}
}
