package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// receiptType is the "typ" of a receipt's header, so that no other signed
// message can be passed off as one.
const receiptType = "optgate-receipt"

// Receipt is what a visitor's receipt says. A receipt is there to be shown to
// others, and whoever knows a visitor's id can act as her: in its place the
// receipt holds "visitor_sha256", the SHA-256 of the id in hex. The link is the
// ledger's promise: a ledger that holds another record in its place was changed.
type Receipt struct {
	optgate.Record
	optgate.Link           // where the record is in its site's ledger
	RevisionHash string    `json:"revision_sha256"` // [optgate.Revision.Hash]
	Expires      time.Time `json:"expires"`
}

// Sign returns the receipt as a compact JWS (RFC 7515) by Ed25519. The same
// receipt gives the same bytes for as long as the key is in use.
func (k *Keys) Sign(r Receipt) (string, error) {
	b, err := k.AppendSigned(nil, r)
	return string(b), err
}

// AppendSigned appends what [Keys.Sign] returns to b, which may have room for it: a
// receipt is a kilobyte, and each decision that is recorded has one.
func (k *Keys) AppendSigned(b []byte, r Receipt) ([]byte, error) {
	doc, err := r.json(make([]byte, 0, 1024))
	if err != nil {
		return nil, err
	}
	return k.appendSigned(b, receiptType, doc), nil
}

// json appends what is signed: the record's canonical form, with the hash of the
// visitor's id in its place, and the link. It is made for each decision that is
// recorded; encoding/json takes four times as long.
func (r *Receipt) json(b []byte) ([]byte, error) {
	// The canonical form has its keys sorted: the visitor is the last.
	record, ok := bytes.CutSuffix(r.Record.Canonical(b), []byte(`"visitor":"`+r.Visitor+`"}`))
	if !ok {
		return nil, fmt.Errorf("keys: encode %s: the visitor's id needs escapes", receiptType)
	}
	b = append(append(append(record, `"visitor_sha256":"`...), VisitorHash(r.Visitor)...), `","partition":`...)
	b = strconv.AppendInt(b, int64(r.Partition), 10)
	b = strconv.AppendUint(append(b, `,"seq":`...), r.Seq, 10)
	b = hex.AppendEncode(append(b, `,"chain":"`...), r.Chain[:])
	b = append(append(append(b, `","revision_sha256":"`...), r.RevisionHash...), `","expires":"`...)
	b = r.Expires.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, `"}`...), nil
}

// signedReceipt is a receipt as it is read.
type signedReceipt struct {
	Receipt
	Visitor     *string `json:"visitor,omitempty"` // hides the record's
	VisitorHash string  `json:"visitor_sha256"`
}

// VisitorHash returns what a receipt holds in the place of a visitor's id.
func VisitorHash(visitor string) string {
	sum := sha256.Sum256([]byte(visitor))
	return hex.EncodeToString(sum[:])
}

// appendSigned appends a message of a type as a compact JWS. Its parts are put
// together here, because a general signer makes and encodes the same header for
// each decision that is recorded.
func (k *Keys) appendSigned(b []byte, messageType string, payload []byte) []byte {
	key := k.inUse.Load().receipts[0]
	encoding, header := base64.RawURLEncoding, key.headers[messageType]
	b = slices.Grow(b, len(header)+encoding.EncodedLen(len(payload))+encoding.EncodedLen(ed25519.SignatureSize)+len(".."))
	start := len(b)
	b = append(append(b, header...), '.')
	b = encoding.AppendEncode(b, payload)
	signature := ed25519.Sign(key.private, b[start:])
	return encoding.AppendEncode(append(b, '.'), signature)
}

// protectedHeader returns the header of a compact JWS that the key signs, in
// base64.
func protectedHeader(messageType, keyID string) string {
	// Of strings there is always JSON.
	doc, _ := json.Marshal(map[string]string{"alg": string(jose.EdDSA), "kid": keyID, "typ": messageType})
	return base64.RawURLEncoding.EncodeToString(doc)
}

// JWKS returns the public keys that verify receipts, old ones included, as a
// JSON Web Key Set (RFC 7517).
func (k *Keys) JWKS() ([]byte, error) {
	var set jose.JSONWebKeySet
	for _, key := range k.inUse.Load().receipts {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.private.Public(), KeyID: key.id, Algorithm: string(jose.EdDSA), Use: "sig"})
	}
	return json.Marshal(set)
}
