package admin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// device makes and uses passkeys as a security key and a browser do together,
// and lies where a test tells it to.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // of the user whose passkey it holds

	rp, origin string
	flags      byte
	count      uint32
}

// Flags of authenticator data.
const (
	userPresent  = 1
	userVerified = 4
	attested     = 64
)

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{
		t: t, key: key, id: []byte(rand.Text()), rp: "optgate.example", origin: "https://optgate.example",
		flags: userPresent | userVerified,
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// asked is what a server asks of a device.
type asked struct {
	PublicKey struct {
		Challenge        string
		UserVerification string
		User             struct{ ID string }
		RP               struct{ ID string }
		RPID             string `json:"rpId"`

		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
	}
}

func askedOf(t *testing.T, p page) asked {
	t.Helper()
	var a asked
	if err := json.Unmarshal([]byte(p.body), &a); err != nil || a.PublicKey.Challenge == "" {
		t.Fatalf("nothing is asked of a passkey (status %d): %s", p.status, p.body)
	}
	return a
}

func (d *device) clientData(kind, challenge string) []byte {
	doc, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// authData is what the device signs: for whom, how, and how often before.
func (d *device) authData(flags byte) []byte {
	rp := sha256.Sum256([]byte(d.rp))
	return binary.BigEndian.AppendUint32(append(rp[:], flags), d.count)
}

// create answers a request for a new passkey.
func (d *device) create(a asked) string {
	d.t.Helper()
	var err error
	if d.handle, err = base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID); err != nil {
		d.t.Fatal(err)
	}
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	data := append(d.authData(d.flags|attested), make([]byte, 16)...) // of no known make
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), d.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})...)
	return d.answer(map[string]any{
		"clientDataJSON":    encode(d.clientData("webauthn.create", a.PublicKey.Challenge)),
		"attestationObject": encode(d.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})),
	})
}

// get answers a request to sign in.
func (d *device) get(a asked) string {
	d.t.Helper()
	d.count++
	client := d.clientData("webauthn.get", a.PublicKey.Challenge)
	data, hash := d.authData(d.flags), sha256.Sum256(client)
	digest := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data),
		"signature": encode(signature), "userHandle": encode(d.handle),
	})
}

func (d *device) cbor(v any) []byte {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		d.t.Fatal(err)
	}
	doc, err := mode.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

func (d *device) answer(response map[string]any) string {
	doc, err := json.Marshal(map[string]any{
		"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(doc)
}
