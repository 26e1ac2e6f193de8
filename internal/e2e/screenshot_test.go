package e2e_test

import (
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

var screenshots = flag.Bool("screenshots", false, "make the pictures in docs/images again")

// shots writes pictures to docs/images if the flag asks for it, and otherwise
// to where they are forgotten.
type shots struct{ dir string }

func newShots(t *testing.T) shots {
	if *screenshots {
		return shots{"../../docs/images"}
	}
	return shots{t.TempDir()}
}

// take makes a picture and checks that it has the size of the page's window.
func (s shots) take(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	p.WaitFor(`document.fonts.status === "loaded" && document.getAnimations().length === 0`)
	path := filepath.Join(s.dir, name)
	p.Screenshot(path)
	f, err := os.Open(path)
	must(t, "open the picture", err)
	defer func() { _ = f.Close() }()
	picture, err := png.DecodeConfig(f)
	must(t, "read the picture", err)
	var width int
	if p.Eval("innerWidth", &width); picture.Width != width {
		t.Errorf("%s is %d pixels wide, want %d", name, picture.Width, width)
	}
}

// TestScreenshots shows what the documents show. With -screenshots it writes
// their pictures.
func TestScreenshots(t *testing.T) {
	w, s := newWorld(t), newShots(t)
	for _, shot := range []struct {
		name, page string
		options    browser.Options
		media      browser.Media
		open       bool // the preferences, without a mouse that would rest on something
	}{
		{"banner-desktop-light.png", "", browser.Options{}, browser.Media{}, false},
		{"banner-desktop-dark.png", "", browser.Options{}, browser.Media{Dark: true}, false},
		{"banner-320.png", "", browser.Options{Width: 320, Height: 640}, browser.Media{}, false},
		{"preferences-light.png", "", browser.Options{}, browser.Media{}, true},
		{"preferences-dark-320.png", "", browser.Options{Width: 320, Height: 640}, browser.Media{Dark: true}, true},
		{"rtl.png", "ar", browser.Options{}, browser.Media{}, false},
	} {
		p := browser.New(t, shot.options)
		p.Media(shot.media)
		p.Goto(w.at("tiertime", shot.page))
		p.WaitFor(`document.querySelector("#og-panel")`)
		if shot.open {
			p.Eval("optgate.open()", nil)
			p.WaitFor(`document.querySelector("#og-preferences").open`)
		}
		s.take(t, p, shot.name)
	}

	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, everythingOnce...)
	w.forget()
	visitor.Reload()
	eventually(t, "all is loaded", func() bool { return len(w.received()) == len(everythingOnce) })
	visitor.Goto(w.options.ThirdParty + "/")
	visitor.WaitFor(`document.querySelectorAll("[data-hits] tbody tr").length === 8`)
	s.take(t, visitor, "trackers.png")

	w.addUser()
	must(t, "write answers", writeAnswers(t.Context(), w.store, "tiertime"))
	must(t, "write answers", writeAnswers(t.Context(), w.store, "cetus3d"))
	admin := browser.New(t, browser.Options{})
	signIn(admin, w, "")
	s.take(t, admin, "admin-sites.png")
	admin.Goto(w.admin("sites/tiertime"))
	var height int
	admin.Viewport(960, 800, 0)
	admin.Eval("document.documentElement.scrollHeight", &height)
	admin.Viewport(960, height, 0)
	s.take(t, admin, "admin-site.png")
	admin.Media(browser.Media{Dark: true})
	admin.Viewport(320, 640, 0)
	s.take(t, admin, "admin-320-dark.png")
}
