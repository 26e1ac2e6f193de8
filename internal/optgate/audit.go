package optgate

import (
	"crypto/sha256"
	"strconv"
	"time"
)

// AuditEntry is one thing that somebody did in the admin or by the API, or one
// look at a person's record. Entries are never changed; each is chained to the
// one before it as the entries of a ledger are.
type AuditEntry struct {
	Seq     uint64    `json:"seq"`               // 1, 2, 3, ... without gaps
	At      time.Time `json:"at"`                // UTC, whole milliseconds
	User    string    `json:"user"`              // who; a token's user, with the token's name behind a slash
	Action  string    `json:"action"`            // what, such as "publish" or "look at records"
	Site    SiteID    `json:"site,omitempty"`    // where
	Subject string    `json:"subject,omitempty"` // whom or what it was about; of a visitor only a hash
	Reason  string    `json:"reason,omitempty"`  // why, in the user's words
	Before  string    `json:"before,omitempty"`  // what was
	After   string    `json:"after,omitempty"`   // what is
	Chain   Digest    `json:"chain"`             // see [AuditEntry.Follows]
}

// Canonical appends the canonical form of e to b: its JSON by RFC 8785 without
// the chain, empty values left out.
func (e *AuditEntry) Canonical(b []byte) []byte {
	b = append(b, '{')
	text := func(key, value string) {
		if value != "" {
			b = append(appendString(append(appendString(b, key), ':'), value), ',')
		}
	}
	text("action", e.Action)
	text("after", e.After)
	text("at", string(appendTime(nil, e.At)))
	text("before", e.Before)
	text("reason", e.Reason)
	b = strconv.AppendUint(append(b, `"seq":`...), e.Seq, 10)
	b = append(b, ',')
	text("site", string(e.Site))
	text("subject", e.Subject)
	text("user", e.User)
	b[len(b)-1] = '}'
	return b
}

// AuditGenesis is the head of an audit log without entries.
func AuditGenesis() Head { return Head{Chain: sha256.Sum256([]byte("optgate audit 1\n"))} }

// Head returns e's link.
func (e *AuditEntry) Head() Head { return Head{Seq: e.Seq, Chain: e.Chain} }

// Follow makes e the entry after head.
func (e *AuditEntry) Follow(head Head) {
	e.Seq = head.Seq + 1
	e.Chain = head.Next(sha256.Sum256(e.Canonical(nil))).Chain
}

// Follows reports whether e, as it is, is the entry after head.
func (e *AuditEntry) Follows(head Head) bool {
	return e.Seq == head.Seq+1 && e.Chain == head.Next(sha256.Sum256(e.Canonical(nil))).Chain
}

// Limits of an entry's texts, in bytes.
const (
	MaxAuditReason = 500
	MaxAuditText   = 4000 // of Before and After
)
