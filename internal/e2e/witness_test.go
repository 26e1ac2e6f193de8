package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/optgate/optgate/internal/demo"
)

// received returns what the third parties got, as "vendor/path", sorted.
// Their privacy pages are links and not in it; nor is what settle sends.
func (w *world) received() []string {
	var all []string
	for _, hit := range w.third.Hits() {
		if hit.Vendor != settled {
			all = append(all, hit.Vendor+hit.Path)
		}
	}
	slices.Sort(all)
	return all
}

// settled is a third party of no site, on a host of its own so that no rule about
// a vendor's holds it: what reaches it shows that all that a
// page did before has reached the others.
const settled = "settled.example"

// watched is a page in any browser.
type watched interface {
	Eval(expression string, into any)
	WaitFor(expression string)
}

// settle waits until a page has done all that was due: it is loaded, two frames
// are drawn, what they left for later has run, and one more request, made after
// all of that, has reached the third parties.
func (w *world) settle(p watched) {
	w.t.Helper()
	w.settled++
	path := "/" + strconv.Itoa(w.settled) + ".gif"
	p.WaitFor("document.readyState === 'complete'")
	p.Eval(fmt.Sprintf(`(async () => {
		for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
		for (let i = 0; i < 2; i++) await new Promise((done) => setTimeout(done, 0));
		await new Promise((done) => self.requestIdleCallback ? requestIdleCallback(done, {timeout: 500}) : setTimeout(done, 100));
		const pixel = new Image();
		// It may be on the host of a tag, whose pixels are held; those that the gate
		// set free are not.
		pixel.dataset.ogWas = "";
		pixel.src = %q;
		await pixel.decode().catch(() => 0);
	})()`, strings.Replace(w.options.ThirdParty, "127.0.0.1", "settled.localhost", 1)+"/"+settled+path), nil)
	eventually(w.t, "the page has settled", func() bool {
		return slices.ContainsFunc(w.third.Hits(), func(h demo.Hit) bool { return h.Vendor == settled && h.Path == path })
	})
}

// receivesOnly waits until the third parties have got what is wanted, lets the
// page settle, and fails if they got anything else.
func (w *world) receivesOnly(p watched, want ...string) {
	w.t.Helper()
	slices.Sort(want)
	if !soon(func() bool { return len(w.received()) >= len(want) }) {
		w.t.Fatalf("third parties got %q, want %q", w.received(), want)
	}
	w.settle(p)
	if got := w.received(); !slices.Equal(got, want) {
		w.t.Errorf("third parties got %q, want %q", got, want)
	}
}

// forget empties what the third parties received.
func (w *world) forget() {
	w.t.Helper()
	r, err := http.Post(w.options.ThirdParty+"/reset", "", nil)
	must(w.t, "reset the third parties", err)
	_ = r.Body.Close() // nothing in it
}
