// Package webdriver drives Firefox and WebKit, Safari's engine, in tests, as
// package browser drives Chromium: Firefox by WebDriver BiDi, WebKit by WebDriver
// and Debian's WebKitWebDriver. Both standards share the shape of what a person
// does with mouse and keys; for the rest see the two drivers. It has what the
// tests in these browsers need and no more.
package webdriver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// patience is how long a browser may take for anything before the test fails.
const patience = 40 * time.Second

// startPatience is how long a browser may take to start. On a busy machine that
// never ran it, all of it comes from a slow disk and fonts are looked through.
const startPatience = 3 * time.Minute

// pollEvery is how often WaitFor looks.
const pollEvery = 20 * time.Millisecond

// Engine is a browser's engine.
type Engine string

// The engines that there are.
const (
	Firefox Engine = "firefox"
	WebKit  Engine = "webkit"
)

// Cookie is a cookie that the browser has.
type Cookie struct {
	Name     string
	HTTPOnly bool
}

// driver is what the two protocols have in common.
type driver interface {
	// open goes to an address and waits until the page has loaded.
	open(ctx context.Context, url string) error
	// reload loads the page again and waits as open does.
	reload(ctx context.Context) error
	// eval returns the value of an expression, or of the promise that it is.
	eval(ctx context.Context, expression string) (json.RawMessage, error)
	// act does what a person does, in the form of the standard's action sequences.
	act(ctx context.Context, sequences []any) error
	// cookies returns those of the page's host, also those that scripts do not see.
	cookies(ctx context.Context) ([]Cookie, error)
	close()
}

// Page is a page in a profile of its own. Its methods fail the test if the
// browser cannot do what is asked, or not in time. They may not be called from
// several goroutines.
type Page struct {
	t testing.TB
	d driver
}

// Main runs the tests of a package, ends the browsers that they share and exits.
// Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop ends the browsers that the tests of a package share. For a TestMain that
// has more to do.
func Stop() {
	firefox.stop()
	display.stop()
}

// New opens a page that ends with the test.
func New(t testing.TB, engine Engine) *Page {
	t.Helper()
	launch := map[Engine]func(context.Context) (driver, error){Firefox: newFirefox, WebKit: newWebKit}[engine]
	ctx, cancel := context.WithTimeout(t.Context(), startPatience)
	defer cancel()
	d, err := launch(ctx)
	if err != nil {
		t.Fatalf("webdriver: start %s: %v; hint: go tool task setup", engine, err)
	}
	t.Cleanup(d.close)
	return &Page{t, d}
}

// Goto opens an address and waits until the page has loaded.
func (p *Page) Goto(url string) {
	p.t.Helper()
	p.do("open "+url, func(ctx context.Context) error { return p.d.open(ctx, url) })
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", p.d.reload)
}

// Eval stores the value of a JavaScript expression in into, which may be nil.
// If the value is a promise, it waits for it.
func (p *Page) Eval(expression string, into any) {
	p.t.Helper()
	p.do("evaluate "+expression, func(ctx context.Context) error {
		raw, err := p.d.eval(ctx, expression)
		if err != nil || into == nil {
			return err
		}
		return json.Unmarshal(raw, into)
	})
}

// WaitFor waits until an expression is true. An error in it counts as false, so
// that it may speak of what is not there yet.
func (p *Page) WaitFor(expression string) {
	p.t.Helper()
	guarded := "(() => { try { return !!(" + expression + ") } catch { return false } })()"
	p.do("wait for "+expression, func(ctx context.Context) error {
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			// A page that goes away while it is asked answers with an error; then the
			// next one is asked.
			raw, err := p.d.eval(ctx, guarded)
			if string(raw) == "true" {
				return nil
			}
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			case <-tick.C:
			}
		}
	})
}

// Click presses the mouse on the middle of the first element that selector
// matches, once it has a box. What lies over that point gets the click.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.WaitFor(fmt.Sprintf("document.querySelector(%q).getClientRects().length", selector))
	var at struct{ X, Y int }
	// Firefox finds what lies under the mouse on what was drawn last, and may still
	// have to scroll to where something was typed.
	p.Eval(fmt.Sprintf(`(async () => {
		const el = document.querySelector(%q);
		for (;;) {
			el.scrollIntoView({block: "nearest", behavior: "instant"});
			for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
			const box = el.getBoundingClientRect();
			const X = Math.floor(box.x + box.width / 2), Y = Math.floor(box.y + box.height / 2);
			if (X >= 0 && Y >= 0 && X < innerWidth && Y < innerHeight) return {X, Y};
		}
	})()`, selector), &at)
	p.act("click "+selector, sequence{
		"type": "pointer", "id": "mouse", "parameters": action{"pointerType": "mouse"},
		"actions": []action{
			{"type": "pointerMove", "x": at.X, "y": at.Y, "duration": 0},
			{"type": "pointerDown", "button": 0},
			{"type": "pointerUp", "button": 0},
		},
	})
}

// Keys for Press, as WebDriver encodes them.
const (
	Tab    = "\ue004"
	Enter  = "\ue007"
	Escape = "\ue00c"
	Space  = " "
)

// Press types text, which may hold keys, into what has the focus.
func (p *Page) Press(text string) {
	p.t.Helper()
	var strokes []action
	for _, key := range text {
		strokes = append(strokes, action{"type": "keyDown", "value": string(key)}, action{"type": "keyUp", "value": string(key)})
	}
	p.act(fmt.Sprintf("press %q", text), sequence{"type": "key", "id": "keys", "actions": strokes})
}

// Cookies returns the cookies of the page's host, also those that scripts do not
// see.
func (p *Page) Cookies() []Cookie {
	p.t.Helper()
	var cookies []Cookie
	p.do("read the cookies", func(ctx context.Context) (err error) {
		cookies, err = p.d.cookies(ctx)
		return err
	})
	return cookies
}

// Sequences and actions of the standard, in its own words.
type (
	sequence = map[string]any
	action   = map[string]any
)

func (p *Page) act(what string, s sequence) {
	p.t.Helper()
	p.do(what, func(ctx context.Context) error { return p.d.act(ctx, []any{s}) })
}

// do does something within the page's patience.
func (p *Page) do(what string, f func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	if err := f(ctx); err != nil {
		p.t.Fatalf("webdriver: %s: %v", what, err)
	}
}
