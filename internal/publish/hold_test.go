package publish_test

import (
	"bytes"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// gateOf publishes a site as the revision after number and returns its gate.
func gateOf(t *testing.T, r *publish.Registry, c *optgate.Config, number int) *publish.Asset {
	t.Helper()
	if _, err := r.Publish(t.Context(), c, number, "test", ""); err != nil {
		t.Fatal(err)
	}
	site, _ := r.Published(c.Site)
	return site.Gate
}

// A site pays for holding only if it wants it: not a byte otherwise, and within
// the budget if it does.
func TestHoldIsShippedWhereItIsWanted(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	c := example(t, "tiertime.yaml")
	c.Hold = optgate.HoldOff
	off := gateOf(t, r, c, 0)
	if !bytes.HasPrefix(off.Body(), []byte("//# allFunctionsCalledOnLoad\n(function(__OG,__PANEL){")) || bytes.Contains(off.Body(), []byte("google-analytics")) {
		t.Errorf("got %.60q..., want the gate alone", off.Body())
	}
	for i, hold := range []optgate.Hold{optgate.HoldKnown, optgate.HoldThirdParty} {
		c.Hold = hold
		on := gateOf(t, r, c, i+1)
		gate, holding, _ := bytes.Cut(on.Body(), []byte("(function(__HOLD){"))
		if !bytes.HasPrefix(holding, []byte("(function __H(__HOLD){try{")) || !bytes.Contains(holding, []byte("google-analytics")) {
			t.Errorf("%s: got %.60q..., want what holds, with the table", hold, holding)
		}
		if len(gate) < len(off.Body())-20 {
			t.Errorf("%s: got a gate of %d bytes before it, want the same as without: %d", hold, len(gate), len(off.Body()))
		}
		small, _ := on.Encoded("br")
		without, _ := off.Encoded("br")
		t.Logf("%s: %d bytes of brotli, %d more than without", hold, len(small), len(small)-len(without))
		if more := len(small) - len(without); more > holdBudget[hold] {
			t.Errorf("%s: got %d bytes more, the budget is %d", hold, more, holdBudget[hold])
		}
	}
}
