package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	return k.sign(receiptType, signedReceipt{Receipt: r, VisitorHash: VisitorHash(r.Visitor)})
}

// signedReceipt is a receipt as it is signed.
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

// sign returns a message of a type as a compact JWS.
func (k *Keys) sign(messageType string, message any) (string, error) {
	key := k.inUse.Load().receipts[0]
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(messageType)).WithHeader("kid", key.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key.private}, options)
	if err != nil {
		return "", fmt.Errorf("keys: sign %s: %w", messageType, err)
	}
	payload, err := json.Marshal(message)
	if err != nil {
		return "", fmt.Errorf("keys: encode %s: %w", messageType, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("keys: sign %s: %w", messageType, err)
	}
	return signed.CompactSerialize()
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
