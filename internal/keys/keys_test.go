package keys_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/securecookie"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func openStore(t testing.TB) optgate.Store {
	t.Helper()
	store, err := sqlitestore.Open(context.Background(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func openKeys(t testing.TB, store optgate.KeyStore) *keys.Keys {
	t.Helper()
	k, err := keys.Open(context.Background(), store, now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Many processes start at once on a new store: all must end with one ring.
func TestOpenAtOnce(t *testing.T) {
	store := openStore(t)
	all := make([]*keys.Keys, 8)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i], _ = keys.Open(context.Background(), store, now) })
	}
	wg.Wait()
	for _, k := range all {
		sealed, err := securecookie.EncodeMulti("og_id", "v", all[0].Codecs()...)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if k == nil || securecookie.DecodeMulti("og_id", sealed, &got, k.Codecs()...) != nil || got != "v" {
			t.Fatal("two processes have different keys")
		}
	}
}

func TestReceiptVerifies(t *testing.T) {
	k := openKeys(t, openStore(t))
	receipt := keys.Receipt{Record: optgate.Record{ID: "r1", Site: "shop", Visitor: "v1", Choices: optgate.Choices{"marketing": false}, At: now()}, RevisionHash: "abc", Expires: now()}
	text, err := k.Sign(receipt)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := k.Sign(receipt); err != nil || again != text {
		t.Errorf("signed again it differs: %v", err)
	}
	if err := k.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	payload := verify(t, k, text)
	var got keys.Receipt
	if err := json.Unmarshal(payload, &got); err != nil || got.ID != "r1" || got.Choices["marketing"] || got.RevisionHash != "abc" {
		t.Errorf("got %s, %v", payload, err)
	}
	// Whoever is shown a receipt must not be able to act as the visitor by it.
	const ofV1 = "3bfc269594ef649228e9a74bab00f042efc91d5acc6fbee31a382e80d42388fe"
	if strings.Contains(string(payload), `"v1"`) || !strings.Contains(string(payload), `"visitor_sha256":"`+ofV1+`"`) {
		t.Errorf("got %s, want the visitor's hash and not the visitor", payload)
	}
	if next, err := k.Sign(receipt); err != nil || next == text {
		t.Errorf("after a rotation the old key still signs: %v", err)
	}
}

// TestReceiptSaysAll: a receipt has every field that a record and its link have,
// as encoding/json writes them; in the visitor's place is her hash.
func TestReceiptSaysAll(t *testing.T) {
	k := openKeys(t, openStore(t))
	r := keys.Receipt{
		Record: optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 7, Language: "pt-BR",
			Action: optgate.Save, Source: "banner", Choices: optgate.Choices{"marketing": false, "analytics": true},
			At: now().Add(345 * time.Millisecond), Panel: "0123456789abcdef0123456789abcdef",
		},
		Link: optgate.Link{Partition: 23, Seq: 1 << 40, Chain: optgate.Digest{1, 2, 254}}, RevisionHash: "abc", Expires: now(),
	}
	if v := reflect.ValueOf(r); slices.ContainsFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool { return v.FieldByIndex(f.Index).IsZero() }) {
		t.Fatal("the test leaves a field of a receipt empty")
	}
	text, err := k.Sign(r)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := errors.Join(json.Unmarshal(verify(t, k, text), &got), json.Unmarshal(doc, &want)); err != nil {
		t.Fatal(err)
	}
	delete(want, "visitor")
	want["visitor_sha256"] = keys.VisitorHash(r.Visitor)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the receipt says\n%v, want\n%v", got, want)
	}
	r.Visitor = "a\"b"
	if text, err := k.Sign(r); err == nil {
		t.Errorf("signed a visitor that is none: %s", text)
	}
}

// BenchmarkSign signs the receipt of a decision.
func BenchmarkSign(b *testing.B) {
	k := openKeys(b, openStore(b))
	r := keys.Receipt{
		Record: optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 7, Language: "en",
			Action: optgate.Save, Source: "banner", Choices: optgate.Choices{"marketing": false, "functional": true}, At: now(),
		},
		RevisionHash: strings.Repeat("a", 64), Expires: now(),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Sign(r); err != nil {
			b.Fatal(err)
		}
	}
}

// verify checks a receipt as a stranger does, by the published keys alone.
func verify(t *testing.T, k *keys.Keys, text string) []byte {
	t.Helper()
	doc, err := k.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(doc), `"d"`) {
		t.Fatal("the published keys hold private ones")
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(doc, &set); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	found := set.Key(signed.Signatures[0].Header.KeyID)
	if len(found) != 1 {
		t.Fatalf("%d keys of that id are published, want 1", len(found))
	}
	payload, err := signed.Verify(found[0].Key.(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func TestRotationIsFollowed(t *testing.T) {
	store := openStore(t)
	a, b := openKeys(t, store), openKeys(t, store)
	if err := a.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed, err := securecookie.EncodeMulti("og_id", "v", a.Codecs()...)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if securecookie.DecodeMulti("og_id", sealed, &got, b.Codecs()...) == nil {
		t.Fatal("b opens what the new key sealed before it reloaded: the rotation changed nothing")
	}
	if err := b.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := securecookie.DecodeMulti("og_id", sealed, &got, b.Codecs()...); err != nil {
		t.Errorf("after a reload: %v", err)
	}
}

func TestDamagedRing(t *testing.T) {
	for _, ring := range []string{"", "{}", `{"cookies":[{"hash":"c2VjcmV0"}],"receipts":[{"seed":"c2VjcmV0"}]}`, `[`, "\x00\xff"} {
		store := openStore(t)
		if err := store.SwapKeys(t.Context(), nil, []byte(ring)); err != nil {
			t.Fatal(err)
		}
		_, err := keys.Open(context.Background(), store, now)
		if err == nil || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%q: got %v, want an error that does not quote it", ring, err)
		}
	}
}

func TestDerive(t *testing.T) {
	store := openStore(t)
	a, b, other := openKeys(t, store), openKeys(t, store), openKeys(t, openStore(t))
	got := a.Derive("x")
	if len(got) != 32 || !bytes.Equal(got, b.Derive("x")) {
		t.Errorf("two processes on one store derive %x and %x", got, b.Derive("x"))
	}
	if bytes.Equal(got, a.Derive("y")) || bytes.Equal(got, other.Derive("x")) {
		t.Error("another text or other keys derive the same")
	}
}
