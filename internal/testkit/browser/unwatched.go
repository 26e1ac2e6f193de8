package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Unwatched opens an address in Chromium's own profile, in a tab to which nothing
// is attached, until the test ends. Chromium does some things only there, such as
// rendering pages ahead; what they do is for the test's servers to see. Cookies of
// earlier tests are gone, as in a page that is [Options.Regular].
func Unwatched(t testing.TB, url string) {
	t.Helper()
	ctx, err := launch()
	if err != nil {
		t.Fatalf("browser: start chromium: %v; hint: go tool task setup", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	chromium := chromedp.FromContext(ctx).Browser
	if _, err := cdp.Call(ctx, chromium, storage.ClearCookies, storage.ClearCookiesParams{}); err != nil {
		t.Fatalf("browser: clear the cookies: %v", err)
	}
	tab, err := cdp.Call(ctx, chromium, target.CreateTarget, target.CreateTargetParams{URL: url})
	if err != nil {
		t.Fatalf("browser: open %s: %v", url, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if _, err := cdp.Call(ctx, chromium, target.CloseTarget, target.CloseTargetParams(tab)); err != nil {
			t.Errorf("browser: close %s: %v", url, err)
		}
	})
}
