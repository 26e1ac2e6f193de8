package e2e_test

import (
	"fmt"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// testTag opens the test of a tag and waits until both of its frames told what
// happened.
func testTag(p *browser.Page, w *world, tag string) (held, released string) {
	p.Goto(w.admin("sites/tiertime/tags/" + tag + "/test"))
	p.WaitFor(`document.querySelectorAll("[data-outcome]").length === 2`)
	p.Eval(`document.querySelector("[data-trial=held]").dataset.outcome`, &held)
	p.Eval(`document.querySelector("[data-trial=released]").dataset.outcome`, &released)
	return held, released
}

// A tag is tried by the real gate: held before an answer, loaded after a yes, or
// said not to have loaded. Its code reaches nothing of the admin, and nothing is
// recorded.
func TestATagIsTried(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	c := w.config("tiertime")
	tag := func(id string, kind optgate.TagKind, src, code string) optgate.Tag {
		return optgate.Tag{ID: id, Category: optgate.Marketing, Kind: kind, Src: src, Code: code}
	}
	c.Tags = append(c.Tags,
		tag("gone", optgate.TagScript, "http://127.0.0.1:1/gone.js", ""),
		tag("fine", optgate.TagInline, "", "document.title = 'changed' // a comment"),
		tag("thief", optgate.TagInline, "", "parent.document.title"),
		tag("jar", optgate.TagInline, "", "document.cookie"),
		tag("caller", optgate.TagInline, "", `fetch(location.origin + "/admin/", {credentials: "include"}); fetch(location.origin + "/s/tiertime/choices", {method: "POST"})`),
	)
	w.publish(c)
	p := browser.New(t, browser.Options{})
	p.Viewport(1280, 1000, 0)
	signIn(p, w, "sites/tiertime/tags/ads-pixel")
	p.Click(`a[href$="/test"]`)
	p.WaitFor(`document.querySelectorAll("[data-outcome]").length === 2`)
	for _, tt := range []struct{ tag, released, log string }{
		{"ads-pixel", "good", w.options.ThirdParty + "/ads.example/pixel.gif"},
		{"retargeting", "good", w.options.ThirdParty + "/retarget.example/tag.js"},
		{"comments", "good", w.options.ThirdParty + "/comments.example"},
		{"gone", "bad", "http://127.0.0.1:1/gone.js"},
		{"fine", "good", ""},
		{"thief", "broken", "Blocked a frame"},
		{"jar", "broken", "sandboxed"},
		{"caller", "good", "refused by this test: " + w.options.SiteOrigin["tiertime"] + "/admin/"},
	} {
		held, released := testTag(p, w, tt.tag)
		if held != "held" || released != tt.released {
			t.Errorf("%s: got %s and %s, want held and %s", tt.tag, held, released, tt.released)
		}
		p.WaitFor(fmt.Sprintf(`document.querySelector("[data-trial=released] [data-log]").textContent.includes(%q)`, tt.log))
		var asked int
		if p.Eval(`document.querySelectorAll("[data-trial=held] li").length`, &asked); asked != 0 {
			t.Errorf("%s: %d things are told of before an answer, want none", tt.tag, asked)
		}
		var title string
		if p.Eval("document.title", &title); title != "Test the tag "+tt.tag+" – Optgate" {
			t.Errorf("%s: the admin's page is called %q", tt.tag, title)
		}
	}
	if got := len(w.records("tiertime")); got != 0 {
		t.Errorf("the tests left %d records, want none", got)
	}
	checkLooks(t, p, "a tag's test")
}
