package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// patience is how long anything may take before a test fails.
const patience = 15 * time.Second

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// eventually fails the test if a condition does not come to hold.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !soon(holds) {
		t.Fatalf("gave up waiting until %s", what)
	}
}

// soon waits until a condition holds and reports whether it did.
func soon(holds func() bool) bool {
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
	return true
}

// ownCookies returns Optgate's cookies, without those that the demo's vendors
// set once they may.
func ownCookies(p *browser.Page) []*network.Cookie {
	return slices.DeleteFunc(p.Cookies(), func(c *network.Cookie) bool { return !strings.HasPrefix(c.Name, "og") })
}
