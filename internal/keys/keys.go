// Package keys holds the secrets of an installation: what signs and seals the
// cookies, and what signs the receipts. They are made at the first start, kept
// in the store, and rotated by adding a new one in front: old ones go on
// reading what they signed.
package keys

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/optgate/optgate/internal/optgate"
)

// maxCookieKeys and maxReceiptKeys bound the ring. Cookies live at most 400
// days, so a yearly rotation never outruns the former; receipts are to be
// verified for as long as anybody asks.
const (
	maxCookieKeys  = 8
	maxReceiptKeys = 64
)

// ring is the stored form. The first key of a list is the one in use.
type ring struct {
	Cookies  []cookieKey  `json:"cookies"`
	Receipts []receiptKey `json:"receipts"`
}

type cookieKey struct {
	Hash    []byte    `json:"hash"`  // HMAC-SHA-256, 32 bytes
	Block   []byte    `json:"block"` // AES-256, 32 bytes
	Created time.Time `json:"created"`
}

type receiptKey struct {
	ID      string    `json:"kid"`
	Seed    []byte    `json:"seed"` // Ed25519, 32 bytes
	Created time.Time `json:"created"`
}

// Keys gives out the keys of an installation. It is safe for concurrent use.
type Keys struct {
	store optgate.KeyStore
	now   func() time.Time
	inUse atomic.Pointer[derived]
}

// derived is a ring in the form in which it is used.
type derived struct {
	codecs   []securecookie.Codec
	receipts []signingKey
	secret   []byte
}

type signingKey struct {
	id      string
	private ed25519.PrivateKey
	headers map[string]string // of what it signs, by type: see protectedHeader
}

// Open reads the key ring from the store, and makes one if there is none.
func Open(ctx context.Context, store optgate.KeyStore, now func() time.Time) (*Keys, error) {
	k := &Keys{store: store, now: now}
	err := k.Reload(ctx)
	if !errors.Is(err, optgate.ErrNotFound) {
		return k, err
	}
	if err := k.swap(ctx, nil, ring{}); err != nil && !errors.Is(err, optgate.ErrConflict) {
		return nil, err
	}
	// In a conflict another process was faster: its ring is the one.
	return k, k.Reload(ctx)
}

// Reload takes the key ring from the store again, so that a rotation by another
// process is followed.
func (k *Keys) Reload(ctx context.Context) error {
	_, r, err := k.read(ctx)
	if err != nil {
		return err
	}
	k.inUse.Store(r.derive())
	return nil
}

// read returns the stored ring, as it is and parsed.
func (k *Keys) read(ctx context.Context) ([]byte, ring, error) {
	doc, err := k.store.Keys(ctx)
	if err != nil {
		return nil, ring{}, fmt.Errorf("keys: read key ring: %w", err)
	}
	r, err := parse(doc)
	return doc, r, err
}

// Rotate puts new keys in front of the ring and stores it.
func (k *Keys) Rotate(ctx context.Context) error {
	doc, r, err := k.read(ctx)
	if err != nil {
		return err
	}
	if err := k.swap(ctx, doc, r); err != nil {
		return err
	}
	return k.Reload(ctx)
}

// swap replaces the stored ring old by r with new keys in front.
func (k *Keys) swap(ctx context.Context, old []byte, r ring) error {
	created := k.now().UTC().Truncate(time.Second)
	seed := random(ed25519.SeedSize)
	id := sha256.Sum256(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	r.Cookies = append([]cookieKey{{random(32), random(32), created}}, r.Cookies...)
	r.Receipts = append([]receiptKey{{base64.RawURLEncoding.EncodeToString(id[:9]), seed, created}}, r.Receipts...)
	r.Cookies = r.Cookies[:min(len(r.Cookies), maxCookieKeys)]
	r.Receipts = r.Receipts[:min(len(r.Receipts), maxReceiptKeys)]
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keys: encode key ring: %w", err)
	}
	if err := k.store.SwapKeys(ctx, old, doc); err != nil {
		return fmt.Errorf("keys: store key ring: %w", err)
	}
	return nil
}

// Codecs returns what seals and opens cookies, the one to seal with first. They
// check no age: what is sealed carries its own time, judged by who reads it.
func (k *Keys) Codecs() []securecookie.Codec { return k.inUse.Load().codecs }

// Derive returns 32 bytes that follow from text, and that nobody without the keys
// can tell from it. After a rotation they are others.
func (k *Keys) Derive(text string) []byte {
	h := hmac.New(sha256.New, k.inUse.Load().secret)
	h.Write([]byte("optgate derive\x00" + text))
	return h.Sum(nil)
}

// parse reads a stored ring. An error never quotes it.
func parse(doc []byte) (ring, error) {
	var r ring
	if json.Unmarshal(doc, &r) != nil || len(r.Cookies) == 0 || len(r.Receipts) == 0 {
		return ring{}, errors.New("keys: the stored key ring is damaged: restore it from a backup, or remove it to begin with new keys (visitors are then asked again, receipts can no longer be verified)")
	}
	for _, c := range r.Cookies {
		if len(c.Hash) != 32 || len(c.Block) != 32 {
			return ring{}, errors.New("keys: a cookie key of the stored ring has the wrong length")
		}
	}
	for _, s := range r.Receipts {
		if len(s.Seed) != ed25519.SeedSize {
			return ring{}, errors.New("keys: a receipt key of the stored ring has the wrong length")
		}
	}
	return r, nil
}

func (r ring) derive() *derived {
	d := &derived{secret: r.Cookies[0].Hash}
	for _, c := range r.Cookies {
		codec := securecookie.New(c.Hash, c.Block)
		codec.SetSerializer(securecookie.JSONEncoder{})
		codec.MaxAge(0)
		d.codecs = append(d.codecs, codec)
	}
	for _, s := range r.Receipts {
		headers := map[string]string{}
		for _, t := range []string{receiptType, checkpointType} {
			headers[t] = protectedHeader(t, s.ID)
		}
		d.receipts = append(d.receipts, signingKey{s.ID, ed25519.NewKeyFromSeed(s.Seed), headers})
	}
	return d
}

// random returns n bytes from the system's generator, which never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented never to return an error
	return b
}
