package browser

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Options says how a page begins. The zero value is a desktop window of 1280 by
// 800 pixels in English with JavaScript.
type Options struct {
	Width, Height int     // CSS pixels
	Scale         float64 // device pixels per CSS pixel; 0 means 1
	Language      string  // of the browser, such as "de-DE"; default "en-US"
	NoScript      bool    // JavaScript is off

	// Regular opens the page in Chromium's own profile instead of a private one:
	// hints such as preconnect act only there. It is shared by the tests of a
	// package. Cookies and cache of earlier tests are gone, other storage is not.
	Regular bool
}

// Page is a tab. Its methods fail the test if the browser cannot do what is
// asked, or does not in time. They may not be called from several goroutines.
type Page struct {
	t       testing.TB
	ctx     context.Context // of the tab
	browser context.Context
	options Options

	mu       sync.Mutex
	requests []Request
	console  []string
}

// Request is a request that a page made or tried to make.
type Request struct {
	URL    string
	Method string
	Type   string // Document, Script, Image, Fetch, ...
}

// New opens a page in a new private profile, which ends with the test.
func New(t testing.TB, o Options) *Page {
	t.Helper()
	ctx, err := launch()
	if err != nil {
		t.Fatalf("browser: start chromium: %v; hint: go tool task setup", err)
	}
	if o.Regular {
		p := open(t, ctx, o)
		call(p, "clear the cookies", network.ClearBrowserCookies, cdp.Empty{})
		call(p, "clear the cache", network.ClearBrowserCache, cdp.Empty{})
		return p
	}
	return open(t, ctx, o, chromedp.WithNewBrowserContext())
}

// Tab opens another page in p's profile: same cookies, same storage.
func (p *Page) Tab() *Page {
	p.t.Helper()
	if p.options.Regular {
		return open(p.t, p.browser, p.options)
	}
	profile := chromedp.FromContext(p.ctx).BrowserContextID
	return open(p.t, p.browser, p.options, chromedp.WithExistingBrowserContext(profile))
}

func open(t testing.TB, parent context.Context, o Options, in ...chromedp.ContextOption) *Page {
	t.Helper()
	if o.Width == 0 {
		o.Width, o.Height = 1280, 800
	}
	if o.Language == "" {
		o.Language = "en-US"
	}
	p := &Page{t: t, browser: parent, options: o}
	ctx, cancel := chromedp.NewContext(parent, append(in, chromedp.WithListener(p.note))...)
	t.Cleanup(cancel)
	p.ctx = ctx
	// The first run makes the tab, which lives as long as the context given to it.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: open a page: %v", err)
	}
	agent := value(p, "read the user agent", chromedp.Evaluate[string]("navigator.userAgent"))
	call(p, "turn scripts on or off", emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: o.NoScript})
	call(p, "set the locale", emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: o.Language})
	// Requests and navigator.languages follow only the user agent's override.
	call(p, "set the languages", emulation.SetUserAgentOverride,
		emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: o.Language})
	call(p, "listen to the network", network.Enable, network.EnableParams{})
	p.Viewport(o.Width, o.Height, o.Scale)
	return p
}

// note keeps what the page reports.
func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, Request{e.Request.URL, e.Request.Method, e.Type.String()})
	case *runtime.EventConsoleAPICalled:
		words := []string{e.Type.String() + ":"}
		for _, arg := range e.Args {
			words = append(words, text(arg))
		}
		p.console = append(p.console, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		message := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			message = text(e.ExceptionDetails.Exception)
		}
		p.console = append(p.console, "uncaught: "+message)
	}
}

// text returns what the console shows of a value.
func text(o *runtime.RemoteObject) string {
	var s string
	if json.Unmarshal([]byte(o.Value), &s) == nil {
		return s
	}
	if o.Description != "" {
		return o.Description
	}
	return string(o.Value)
}

// do runs actions within the page's patience.
func (p *Page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	value(p, what, chromedp.Steps(actions...))
}

// value runs an action that has a result.
func value[T any](p *Page, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	p.must(what, err)
	return v
}

// call sends a command of the protocol.
func call[P, R any](p *Page, what string, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	p.must(what, err)
	return r
}

// must ends the test with what there is to know if err is not nil.
func (p *Page) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %s: %v\nconsole: %q", what, err, p.Console())
	}
}

// Goto opens an address and waits until the page has loaded.
func (p *Page) Goto(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Begin opens an address and waits only until the answer has begun.
func (p *Page) Begin(url string) {
	p.t.Helper()
	if failure := call(p, "open "+url, page.Navigate, page.NavigateParams{URL: url}).ErrorText; failure != "" {
		p.t.Fatalf("browser: open %s: %s", url, failure)
	}
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", chromedp.Reload())
}

// Back goes back in the history of the tab. It does not wait for the page, which
// may come whole from the browser's memory.
func (p *Page) Back() {
	p.t.Helper()
	history := call(p, "read the history", page.GetNavigationHistory, cdp.Empty{})
	if history.CurrentIndex == 0 {
		p.t.Fatal("browser: go back: there is no page before this one")
	}
	entry := history.Entries[history.CurrentIndex-1]
	call(p, "go back", page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
}

// Screenshot writes a PNG of what is visible.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	png := value(p, "take a screenshot", chromedp.CaptureScreenshot())
	if err := os.WriteFile(path, png, 0o644); err != nil {
		p.t.Fatalf("browser: write screenshot: %v", err)
	}
}

// Requests returns the requests seen so far, of all pages that the tab showed,
// in order.
func (p *Page) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// Console returns the messages and uncaught errors seen so far, each as
// "<level>: <text>", levels being those of the console and "uncaught".
func (p *Page) Console() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.console...)
}

// Cookies returns the cookies that the browser would send to the page, also
// those that scripts do not see.
func (p *Page) Cookies() []*network.Cookie {
	p.t.Helper()
	return call(p, "read the cookies", network.GetCookies, network.GetCookiesParams{}).Cookies
}
