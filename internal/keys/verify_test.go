package keys_test

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
)

func TestVerify(t *testing.T) {
	k, other := openKeys(t, openStore(t)), openKeys(t, openStore(t))
	receipt := keys.Receipt{Record: optgate.Record{ID: "01JD0000000000000000000000", Site: "shop", Visitor: "01JD0000000000000000000001"}, Link: optgate.Genesis("shop", 3)}
	text, err := k.Sign(receipt)
	must(t, err)
	checkpoint, err := k.SignCheckpoint(keys.Checkpoint{Site: "shop", Heads: []optgate.Head{optgate.Genesis("shop", 3)}})
	must(t, err)
	foreign, err := other.Sign(receipt)
	must(t, err)
	must(t, k.Rotate(t.Context()))
	v, err := k.Verifier()
	must(t, err)

	got, visitor, err := v.Receipt(" " + text + "\n")
	if err != nil || got.Record.ID != receipt.Record.ID || got.Link != receipt.Link || got.Visitor != "" || visitor != keys.VisitorHash(receipt.Visitor) {
		t.Errorf("Receipt = %+v, %q, %v", got, visitor, err)
	}
	if c, err := v.Checkpoint(checkpoint); err != nil || c.Site != "shop" || len(c.Heads) != 1 {
		t.Errorf("Checkpoint = %+v, %v", c, err)
	}

	parts := strings.Split(text, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"optgate-receipt"}`))
	for name, bad := range map[string]string{
		"nothing":             "",
		"of another Optgate":  foreign,
		"another payload":     parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"id":"x"}`)) + "." + parts[2],
		"cut short":           text[:len(text)-4],
		"algorithm none":      none + "." + parts[1] + ".",
		"none, signature on":  none + "." + parts[1] + "." + parts[2],
		"a checkpoint for it": checkpoint,
	} {
		if _, _, err := v.Receipt(bad); !errors.Is(err, keys.ErrNotOurs) {
			t.Errorf("%s: Receipt = %v, want ErrNotOurs", name, err)
		}
	}
	if _, err := v.Checkpoint(text); !errors.Is(err, keys.ErrNotOurs) {
		t.Errorf("a receipt as a checkpoint = %v, want ErrNotOurs", err)
	}
}

func TestParseJWKSRefuses(t *testing.T) {
	for _, doc := range []string{"", "{}", `{"keys":[]}`, `[1]`, `{"keys":[{"kty":"OKP"}]}`} {
		if _, err := keys.ParseJWKS([]byte(doc)); err == nil {
			t.Errorf("%q is taken", doc)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := openKeys(f, openStore(f))
	text, err := k.Sign(keys.Receipt{})
	must(f, err)
	v, err := k.Verifier()
	must(f, err)
	f.Add(text)
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		// Another spelling of the same bytes is no forgery.
		if got, _, err := v.Receipt(s); err == nil && !reflect.DeepEqual(got, keys.Receipt{Record: got.Record, Link: got.Link}) {
			t.Errorf("%q is taken for a receipt that says %+v", s, got)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
