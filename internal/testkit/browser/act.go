package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// WaitFor looks this often, and waits this long for one answer.
const (
	pollEvery    = 10 * time.Millisecond
	pollPatience = 2 * time.Second
)

// Click presses the mouse on the middle of the first element that selector
// matches, after scrolling it into view and waiting until it is visible. What
// lies over that point gets the click, as with a real mouse.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Press types text into what has the focus. The keys of
// github.com/chromedp/chromedp/kb (kb.Tab, kb.Enter, kb.Escape) are text too.
func (p *Page) Press(text string) {
	p.t.Helper()
	p.do(fmt.Sprintf("press %q", text), chromedp.KeyEvent(text))
}

// Eval stores the value of a JavaScript expression in into, which may be nil.
// If the value is a promise, it waits for it.
func (p *Page) Eval(expression string, into any) {
	p.t.Helper()
	what := "evaluate " + expression
	if into == nil {
		value(p, what, chromedp.Evaluate[chromedp.Void](expression, chromedp.EvalAwaitPromise))
		return
	}
	raw := value(p, what, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	p.must(what, json.Unmarshal(raw, into))
}

// WaitFor waits until an expression is true. An error in it counts as false, so
// that it may speak of what is not there yet; a navigation in between is no
// matter.
func (p *Page) WaitFor(expression string) {
	p.t.Helper()
	guarded := "(() => { try { return !!(" + expression + ") } catch { return false } })()"
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		// A page that goes away while it is asked may never answer; then the next
		// one is asked.
		ctx, cancel := context.WithTimeout(p.ctx, pollPatience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](guarded))
		cancel()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			if err == nil {
				err = errors.New("it stayed false")
			}
			p.must("wait for "+expression, err)
		}
		<-tick.C
	}
}

// Viewport sets the size of the window in CSS pixels and the device pixels per
// CSS pixel (0 means 1). Zooming in by 2 is half the size at twice the scale.
func (p *Page) Viewport(width, height int, scale float64) {
	p.t.Helper()
	if scale == 0 {
		scale = 1
	}
	call(p, "set the viewport", emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: int64(height), DeviceScaleFactor: scale,
	})
}

// Media is what a visitor's system asks of pages. The zero value asks nothing.
type Media struct {
	Dark          bool
	ForcedColors  bool
	ReducedMotion bool
	Print         bool
}

// Media emulates a visitor's system.
func (p *Page) Media(m Media) {
	p.t.Helper()
	feature := func(name, value string, on bool) *emulation.MediaFeature {
		if !on {
			value = ""
		}
		return &emulation.MediaFeature{Name: name, Value: value}
	}
	medium := ""
	if m.Print {
		medium = "print"
	}
	call(p, "set the media", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium,
		Features: []*emulation.MediaFeature{
			feature("prefers-color-scheme", "dark", m.Dark),
			feature("forced-colors", "active", m.ForcedColors),
			feature("prefers-reduced-motion", "reduce", m.ReducedMotion),
		},
	})
}

// Offline cuts the page off the network, and tells it so by the usual event.
func (p *Page) Offline() {
	p.t.Helper()
	p.network([]*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}})
}

// Online ends Offline.
func (p *Page) Online() {
	p.t.Helper()
	p.network([]*network.Conditions{})
}

func (p *Page) network(conditions []*network.Conditions) {
	p.t.Helper()
	call(p, "set the network", network.EmulateNetworkConditionsByRule,
		network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions})
	call(p, "tell the page of the network", network.OverrideNetworkState,
		network.OverrideNetworkStateParams{Offline: len(conditions) > 0, DownloadThroughput: -1, UploadThroughput: -1})
}
