package e2e_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// appearance is a script that says where each part of an element stands in the
// window and how it is painted. Colours and sizes are as the browser computed
// them, so that what a page's style changed shows.
const appearance = `((selector) => {
	const root = document.querySelector(selector);
	const named = (el, part) => getComputedStyle(el, part);
	return [root, ...root.querySelectorAll("*")].filter((el) => el.localName !== "style" && el.getClientRects().length).map((el) => {
		const box = el.getBoundingClientRect(), style = named(el), round = (n) => Math.round(n * 2) / 2;
		return [el.localName, el.id, [box.left, box.top, box.width, box.height].map(round),
			...["color", "backgroundColor", "fontSize", "fontFamily", "fontWeight", "lineHeight", "textAlign", "textTransform", "letterSpacing", "padding", "margin",
				"border", "borderRadius", "display", "opacity", "visibility", "cursor", "boxShadow", "listStyleType", "float", "zoom"].map((name) => style[name]),
			named(el, "::before").content, named(el, "::after").content].join(" | ");
	});
})`

// hostile are style sheets such as sites have.
var hostile = map[string]string{
	"reset":      `*,*::before,*::after{margin:0;padding:0;border:0;box-sizing:content-box;font:inherit;vertical-align:baseline;list-style:none;background:none}`,
	"everything": `*{margin:7px;padding:9px;color:red;background:yellow;font-family:fantasy;line-height:3;text-transform:uppercase;letter-spacing:4px;text-align:center;float:left;transition:all 2s}`,
	"elements": `button,input,section,dialog,label,h2,p,a,details,summary,ul,li,img{display:block;width:100%;height:90px;background:#0f0;color:#fff;border:9px solid;border-radius:50px;text-shadow:2px 2px red}
		button::before,p::after{content:"!"} input{opacity:0;position:absolute} section{padding:80px;columns:2}`,
	"root size":  `html{font-size:40px;zoom:1;line-height:4;-webkit-text-size-adjust:200%} body{font-size:3rem}`,
	"transform":  `body{transform:translate(20px,300px) rotate(.01deg);filter:blur(0);opacity:.9;contain:paint;overflow:hidden;will-change:transform}`,
	"attributes": `[role]{display:none} [hidden]{display:block} [id^=o]{outline:5px dashed red} [class*=og]{margin:50px} [popover]{inset:0;width:1px} :focus-visible{outline:none}`,
	"top":        `.over{position:fixed;inset:0;z-index:2147483647;background:#fff8}`,
	"grid":       `body{display:grid;grid-template-columns:repeat(9,1fr)} body>*{grid-column:3;width:20px;order:5}`,
}

// A site's styles reach neither the banner nor the preferences: both stand in
// the window and look as they do on a page without styles.
func TestHostileStyles(t *testing.T) {
	w := newWorld(t)
	const body = `<style>%s</style><div class="over"></div><h1>Page</h1><p>Words.</p>`
	look := func(address string) (banner, preferences []string) {
		p := browser.New(t, browser.Options{Width: 1000, Height: 800})
		p.Goto(address)
		p.WaitFor(`document.querySelector("#og-panel")?.getAnimations({subtree: true}).length === 0`)
		p.Eval(appearance+`("#og-panel")`, &banner)
		p.Click("#og-customise") // in reach, and not under something
		p.WaitFor(`document.querySelector("#og-preferences")?.open && document.querySelector("#og-preferences").getAnimations({subtree: true}).length === 0`)
		p.Eval(appearance+`("#og-preferences")`, &preferences)
		decide(p, "#og-preferences [data-og-reject]")
		p.Click("#og-open")
		p.WaitFor(`document.querySelector("#og-preferences").open`)
		return banner, preferences
	}
	plainBanner, plainPreferences := look(w.page("/plain", "en", fmt.Sprintf(body, "")))
	if len(plainBanner) < 8 || len(plainPreferences) < 20 {
		t.Fatalf("%d parts of the banner and %d of the preferences are looked at, want most of them", len(plainBanner), len(plainPreferences))
	}
	for name, css := range hostile {
		t.Run(name, func(t *testing.T) {
			banner, preferences := look(w.page("/hostile/"+strings.ReplaceAll(name, " ", "-"), "en", fmt.Sprintf(body, css)))
			checkSame(t, "banner", banner, plainBanner)
			checkSame(t, "preferences", preferences, plainPreferences)
		})
	}
}

// checkSame compares what [appearance] said of two pages.
func checkSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d parts are to be seen, want %d", what, len(got), len(want))
	}
}

// covered is a script that lists the links of a page that lie wholly under the
// banner when they have the focus (WCAG 2.2, 2.4.11).
const covered = `[...document.querySelectorAll("a[href='#there']")].filter((link) => {
	link.focus();
	const box = link.getBoundingClientRect();
	const hit = (x, y) => document.elementFromPoint(x, y)?.closest("#og-panel");
	return box.bottom <= 0 || box.top >= innerHeight || [[box.left + 1, box.top + 1], [box.right - 1, box.bottom - 1], [box.left + 1, box.bottom - 1], [box.right - 1, box.top + 1]].every(([x, y]) => hit(x, y));
}).map((link) => link.textContent)`

func TestPositions(t *testing.T) {
	w := newWorld(t)
	links := strings.Repeat(`<p style="columns:3">`+strings.Repeat(`<a href="#there">A link</a> words `, 40)+`</p>`, 6)
	page := w.page("/links", "en", `<h1>Page</h1>`+links)
	boxes := map[optgate.Position][]float64{}
	for _, position := range optgate.Positions {
		c := w.config("tiertime")
		c.Theme.Position = position
		c.Theme.Logo = w.options.SiteOrigin["tiertime"] + "/logo.svg"
		w.publish(c)
		for _, size := range []browser.Options{{Width: 1280, Height: 800}, {Width: 1000, Height: 560}, {Width: 320, Height: 568}} {
			for _, lang := range []string{"en", "ar"} {
				t.Run(fmt.Sprint(position, " ", size.Width, " ", lang), func(t *testing.T) {
					p := browser.New(t, size)
					p.Goto(page)
					p.Eval(fmt.Sprintf(`document.documentElement.lang = %q`, lang), nil)
					p.WaitFor(`document.querySelector("#og-panel img")`)
					var wrong, under []string
					if p.Eval(fits+`("#og-panel")`, &wrong); len(wrong) > 0 {
						t.Errorf("it does not fit: %q", wrong)
					}
					if p.Eval(covered, &under); len(under) > 0 {
						t.Errorf("%d links have the focus under the banner", len(under))
					}
					checkParity(t, p, "#og-reject", "#og-accept")
					var box []float64
					p.Eval(`(({left, top, width}) => [left, top, width])(document.querySelector("#og-panel").getBoundingClientRect())`, &box)
					if size.Width == 1280 && lang == "en" {
						boxes[position] = box
					}
					p.Click("#og-accept")
					p.WaitFor(bannerGone)
				})
			}
		}
	}
	seen := [][]float64{}
	for position, box := range boxes {
		if slices.ContainsFunc(seen, func(other []float64) bool { return slices.Equal(other, box) }) {
			t.Errorf("%s stands where another position stands: %v", position, box)
		}
		seen = append(seen, box)
	}
}

// sheetLanguages are those of the contact sheets: short and long words, three
// scripts, both directions.
var sheetLanguages = []string{"en", "de", "ar", "ja", "fi"}

// TestContactSheets looks at both layers in five languages, three positions and
// three kinds of colours. With -screenshots it writes the pictures into
// docs/images.
func TestContactSheets(t *testing.T) {
	w, s := newWorld(t), newShots(t)
	c := w.config("tiertime")
	c.Languages = sheetLanguages
	media := []browser.Media{{}, {Dark: true}, {ForcedColors: true}}
	for _, position := range optgate.Positions {
		c.Theme.Position = position
		w.publish(c)
		s.sheet(t, w, "sheet-"+string(position)+".png", media, false)
	}
	s.sheet(t, w, "sheet-preferences.png", media, true)
}

// sheet writes one picture of a page in each language and medium.
func (s shots) sheet(t *testing.T, w *world, name string, media []browser.Media, preferences bool) {
	t.Helper()
	const width, height, smaller = 1000, 640, 3
	sheet := image.NewRGBA(image.Rect(0, 0, len(sheetLanguages)*width/smaller, len(media)*height/smaller))
	for x, lang := range sheetLanguages {
		p := browser.New(t, browser.Options{Width: width, Height: height})
		p.Goto(w.page("/sheet/"+name+"/"+lang, lang, `<style>:root{color-scheme:light dark}body{margin:2em;font:20px sans-serif}</style><h1>www.tiertime.com</h1><p>…</p>`))
		p.WaitFor(`document.querySelector("#og-panel")`)
		if preferences {
			p.Eval("optgate.open()", nil)
			p.WaitFor(`document.querySelector("#og-preferences")?.open`)
		}
		for y, m := range media {
			p.Media(m)
			p.WaitFor(`document.getAnimations().length === 0`)
			path := filepath.Join(t.TempDir(), "one.png")
			p.Screenshot(path)
			f, err := os.Open(path)
			must(t, "open the picture", err)
			one, err := png.Decode(f)
			_ = f.Close()
			must(t, "read the picture", err)
			shrink(sheet, image.Pt(x*width/smaller, y*height/smaller), one, smaller)
		}
	}
	f, err := os.Create(filepath.Join(s.dir, name))
	must(t, "make the sheet", err)
	must(t, "write the sheet", (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, sheet))
	must(t, "write the sheet", f.Close())
}

// shrink draws a picture so many times smaller, each point the mean of those
// that it stands for.
func shrink(to draw.Image, at image.Point, from image.Image, times int) {
	b := from.Bounds()
	for y := range b.Dy() / times {
		for x := range b.Dx() / times {
			var sum [3]uint32
			for i := range times * times {
				r, g, bl, _ := from.At(b.Min.X+x*times+i%times, b.Min.Y+y*times+i/times).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+bl>>8
			}
			n := uint32(times * times)
			to.Set(at.X+x, at.Y+y, color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255})
		}
	}
}
