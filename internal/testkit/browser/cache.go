package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

// ClearCache empties the cache of p's profile, as if all in it had grown old.
// Cookies and storage stay.
func (p *Page) ClearCache() {
	p.t.Helper()
	call(p, "clear the cache", network.ClearBrowserCache, cdp.Empty{})
}
