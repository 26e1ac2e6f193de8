package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"
)

// joseModule is installed by "npm ci" in web.
const joseModule = "../../web/node_modules/jose/dist/webapi/index.js"

// A receipt is a JWS by its standard, so that nobody needs Optgate to check one:
// a library that is neither ours nor of our language reads it by the keys that
// the server publishes, and refuses it once it says something else.
func TestReceiptVerifiesElsewhere(t *testing.T) {
	w := newWorld(t)
	origin := w.options.SiteOrigin["tiertime"]
	id := ulid.Make().String()
	body := `{"id":"` + id + `","visitor":"` + ulid.Make().String() + `","revision":1,"language":"en","action":"save","source":"api",` +
		`"choices":{"functional":true,"analytics":false,"marketing":true}}`
	response, err := http.Post(origin+"/s/tiertime/choices", "application/json", strings.NewReader(body))
	must(t, "post a decision", err)
	defer func() { _ = response.Body.Close() }()
	var answer struct{ Receipt string }
	must(t, "read the receipt", json.NewDecoder(response.Body).Decode(&answer))

	out, err := verifyElsewhere(t, origin, answer.Receipt)
	var says struct {
		ID, Site string
		Choices  map[string]bool
	}
	if err != nil || json.Unmarshal([]byte(out), &says) != nil {
		t.Fatalf("the receipt does not verify: %v: %s", err, out)
	}
	if says.ID != id || says.Site != "tiertime" || !says.Choices["marketing"] || says.Choices["analytics"] {
		t.Errorf("got %s, want what was decided", out)
	}

	parts := strings.Split(answer.Receipt, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, "decode the payload", err)
	altered := strings.Replace(string(payload), `"analytics":false`, `"analytics":true`, 1)
	if altered == string(payload) {
		t.Fatalf("nothing to alter in %s", payload)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(altered))
	if out, err := verifyElsewhere(t, origin, strings.Join(parts, ".")); err == nil || !strings.Contains(out, "signature verification failed") {
		t.Errorf("an altered receipt: got %v: %s, want that its signature fails", err, out)
	}
}

// verifyElsewhere returns what Node.js and jose say about a receipt.
func verifyElsewhere(t *testing.T, origin, receipt string) (string, error) {
	t.Helper()
	module, err := filepath.Abs(joseModule)
	must(t, "find jose", err)
	cmd := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs", "file://"+module, origin+"/.well-known/jwks.json")
	cmd.Stdin = strings.NewReader(receipt)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
