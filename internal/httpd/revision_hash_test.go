package httpd_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// TestRevisionHashFromTheAPI works out a revision's hash from what the API says,
// as the documentation describes it, in a program that is not Optgate's.
func TestRevisionHashFromTheAPI(t *testing.T) {
	k := newKit(t)
	c := shop()
	c.Name, c.Hold = `Shop & <"Co">`, optgate.HoldOff
	r := k.publish(c)
	answer := k.call(k.apiToken("ann", optgate.Owner, optgate.SeeSites), "GET", "/api/v1/sites/shop/revisions/2", "")
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("got %d", answer.StatusCode)
	}
	var says struct {
		Hash   string
		Config map[string]any
	}
	if err := json.Unmarshal([]byte(read(t, answer)), &says); err != nil {
		t.Fatal(err)
	}
	if says.Config["hold"] == "off" {
		delete(says.Config, "hold")
	}
	cmd := exec.CommandContext(t.Context(), "node", "../optgate/testdata/canonical.mjs", "../../docs/ledger.md")
	cmd.Stdin, cmd.Stderr = bytes.NewReader([]byte(encode(t, says.Config))), t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v (is Node.js installed? go tool task setup)", err)
	}
	if got, _, _ := strings.Cut(string(out), " "); got != says.Hash || got != r.Hash {
		t.Errorf("the hash is %s, the API says %s, the revision %s", got, says.Hash, r.Hash)
	}
}
