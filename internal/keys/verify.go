package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// checkpointType is the "typ" of a checkpoint's header.
const checkpointType = "optgate-checkpoint"

// Checkpoint says how far the chains of a site's ledger had come at some time.
// Kept elsewhere, it shows later whether entries were cut off or the ledger was
// set back to an older copy.
type Checkpoint struct {
	Site  optgate.SiteID `json:"site"`
	At    time.Time      `json:"at"`    // UTC, whole milliseconds
	Heads []optgate.Head `json:"heads"` // of the partitions that have entries, by partition
}

// SignCheckpoint returns the checkpoint as a compact JWS by Ed25519.
func (k *Keys) SignCheckpoint(c Checkpoint) (string, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("keys: encode %s: %w", checkpointType, err)
	}
	return string(k.appendSigned(nil, checkpointType, doc)), nil
}

// ErrNotOurs reports a receipt or a checkpoint that none of the known keys
// signed, or that was changed since, or that is something else.
var ErrNotOurs = errors.New("keys: not signed by a known key")

// Verifier checks what was signed. It holds public keys only.
type Verifier struct{ set jose.JSONWebKeySet }

// Verifier returns the verifier for what k signed, with old keys too.
func (k *Keys) Verifier() (Verifier, error) {
	doc, err := k.JWKS()
	if err != nil {
		return Verifier{}, fmt.Errorf("keys: public keys: %w", err)
	}
	return ParseJWKS(doc)
}

// ParseJWKS reads a JSON Web Key Set such as /.well-known/jwks.json. Anything
// else is an [optgate.InvalidError] of field "jwks".
func ParseJWKS(doc []byte) (Verifier, error) {
	var v Verifier
	if err := json.Unmarshal(doc, &v.set); err != nil || len(v.set.Keys) == 0 {
		return Verifier{}, &optgate.InvalidError{Field: "jwks", Msg: "is not a JSON Web Key Set with keys, such as /.well-known/jwks.json"}
	}
	return v, nil
}

// Receipt reads a signed receipt. In the place of the visitor's id it has
// nothing; her hash is returned beside it. The error is [ErrNotOurs].
func (v Verifier) Receipt(text string) (r Receipt, visitorHash string, err error) {
	var signed signedReceipt
	if err := v.open(receiptType, text, &signed); err != nil {
		return Receipt{}, "", err
	}
	return signed.Receipt, signed.VisitorHash, nil
}

// Checkpoint reads a signed checkpoint. The error is [ErrNotOurs].
func (v Verifier) Checkpoint(text string) (Checkpoint, error) {
	var c Checkpoint
	return c, v.open(checkpointType, text, &c)
}

// open checks a message's signature, algorithm and type before it reads it.
func (v Verifier) open(messageType, text string, into any) error {
	signed, err := jose.ParseSignedCompact(strings.TrimSpace(text), []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return fmt.Errorf("%w: it is no compact JWS by EdDSA", ErrNotOurs)
	}
	header := signed.Signatures[0].Protected
	if got, _ := header.ExtraHeaders[jose.HeaderType].(string); got != messageType {
		return fmt.Errorf("%w: its type is %.40q, want %q", ErrNotOurs, got, messageType)
	}
	for _, key := range v.set.Key(header.KeyID) {
		payload, err := signed.Verify(key)
		if err != nil {
			continue
		}
		if err := json.Unmarshal(payload, into); err != nil {
			return fmt.Errorf("%w: its content is not that of a %s", ErrNotOurs, messageType)
		}
		return nil
	}
	return fmt.Errorf("%w: key %.40q", ErrNotOurs, header.KeyID)
}
