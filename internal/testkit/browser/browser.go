// Package browser drives a real Chromium in tests, as a visitor would: pages,
// the mouse, keys, tabs, cookies, and what went over the network. A package of
// tests shares one Chromium, which Main starts at the first use and ends; each
// test gets a profile of its own.
package browser

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything before the test fails.
const patience = 40 * time.Second

// chromium is the Chromium that the tests of a package share.
var chromium struct {
	sync.Mutex
	ctx  context.Context
	stop func()
	err  error

	flags map[string]any // further flags; see Flag
}

// Flag gives the Chromium of this package a flag of the command line, in place
// of the usual one of that name. Call it from TestMain, before Chromium starts.
func Flag(name string, value any) {
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.flags == nil {
		chromium.flags = map[string]any{}
	}
	chromium.flags[name] = value
}

// Main runs the tests of a package, ends Chromium and what else there is to end,
// and exits. Call it from TestMain.
func Main(m *testing.M, ends ...func()) {
	code := m.Run()
	for _, end := range ends {
		end()
	}
	chromium.Lock()
	if chromium.stop != nil {
		chromium.stop()
	}
	chromium.Unlock()
	os.Exit(code)
}

// launch returns the context of the shared Chromium, which it starts if need be.
func launch() (context.Context, error) {
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil || chromium.err != nil {
		return chromium.ctx, chromium.err
	}
	// Ubuntu's package is a snap, which containers cannot run: another browser
	// can be named there.
	path, err := exec.LookPath(cmp.Or(os.Getenv("OPTGATE_TEST_CHROMIUM"), "chromium"))
	if err != nil {
		chromium.err = err
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		// Frames of other sites in the page's process, so that their requests are
		// seen in one place; and no connections to what an earlier visit asked.
		chromedp.Flag("disable-features", "site-per-process,IsolateOrigins,Translate,LoadingPredictorUseLocalPredictions,PreconnectToSearch"),
		chromedp.Flag("disable-site-isolation-trials", true),
		// No test reaches anything but this machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost"),
	)
	for name, value := range chromium.flags {
		options = append(options, chromedp.Flag(name, value))
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopTab := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		stopAlloc()
		chromium.err = err
		return nil, err
	}
	chromium.ctx = ctx
	chromium.stop = func() {
		stopTab()
		stopAlloc()
	}
	return ctx, nil
}
