package optgate

import (
	"fmt"
	"maps"
	"time"

	"github.com/oklog/ulid/v2"
)

// Action is what the visitor did.
type Action string

// The actions of a record.
const (
	AcceptAll Action = "accept_all"
	RejectAll Action = "reject_all"
	Save      Action = "save" // chose category by category
	Withdraw  Action = "withdraw"
)

// Actions lists every action.
var Actions = []Action{AcceptAll, RejectAll, Save, Withdraw}

// Sources lists where a decision can be made.
var Sources = []string{"banner", "preferences", "placeholder", "api", "gpc", "form", "import"}

// Choices says yes or no to each category that was asked about.
type Choices map[CategoryID]bool

// Record is one decision of one visitor about one revision. It is appended to
// the site's ledger and never changed: a new answer is a new Record.
type Record struct {
	ID       string    `json:"id"` // a ULID, made by the browser so that a retry is recognised
	Site     SiteID    `json:"site"`
	Visitor  string    `json:"visitor"`  // a ULID with 80 random bits, made at the first decision
	Revision int       `json:"revision"` // what was shown
	Language string    `json:"language"` // in which it was shown
	Action   Action    `json:"action"`
	Source   string    `json:"source"`
	Choices  Choices   `json:"choices"`
	At       time.Time `json:"at"` // server's time, UTC, whole milliseconds

	// Panel names what was shown by its [PanelHash]. It is empty if nothing was,
	// as when a page's own code decides, or if the browser did not say.
	Panel string `json:"panel,omitempty"`
}

// SameAnswer reports whether r and o are the same decision, whenever they
// arrived: a browser's retry is the same answer at a later time.
func (r *Record) SameAnswer(o *Record) bool {
	return r.ID == o.ID && r.Site == o.Site && r.Visitor == o.Visitor && r.Revision == o.Revision &&
		r.Language == o.Language && r.Action == o.Action && r.Source == o.Source && r.Panel == o.Panel && maps.Equal(r.Choices, o.Choices)
}

// ValidateShape reports every reason for which r cannot be a record of any
// revision. It returns [InvalidErrors] or nil.
func (r *Record) ValidateShape() error {
	var bad InvalidErrors
	checkULID(&bad, "id", r.ID)
	checkULID(&bad, "visitor", r.Visitor)
	if r.Revision < 1 {
		bad.add("revision", "is the number of a published revision, 1 or more")
	}
	if !isLanguage(r.Language) {
		bad.add("language", `is a language tag such as "en" or "pt-BR"`)
	}
	if !oneOf(r.Action, Actions) {
		bad.add("action", "is one of "+list(Actions))
	}
	if !oneOf(r.Source, Sources) {
		bad.add("source", "is one of "+list(Sources))
	}
	if r.Panel != "" && !IsPanelHash(r.Panel) {
		bad.add("panel", "is the hash of a panel, 32 digits of lower-case hex")
	}
	if r.Choices == nil {
		bad.add("choices", "are required: yes or no for each category")
	}
	return bad.orNil()
}

// ValidateAgainst reports every reason for which r does not answer what c
// asks: a category that c does not ask about, one left out (unless c has regions
// where all loads until she objects), or an action that its choices contradict. It returns [InvalidErrors] or nil.
func (r *Record) ValidateAgainst(c *Config) error {
	var bad InvalidErrors
	asked := c.Asked()
	for id := range r.Choices {
		if !oneOf(id, asked) {
			bad.add("choices", fmt.Sprintf("%.40q is not a category that revision %d asks about", string(id), r.Revision))
		}
	}
	for _, id := range asked {
		allowed, answered := r.Choices[id]
		switch {
		case !answered && r.maySayNothing(c):
		case !answered:
			bad.add("choices."+string(id), "is missing: each category that was asked about needs true or false")
		case r.Action == AcceptAll && !allowed:
			bad.add("choices."+string(id), "is false, which is not accept_all")
		case (r.Action == RejectAll || r.Action == Withdraw) && allowed:
			bad.add("choices."+string(id), "is true, which is not "+string(r.Action))
		}
	}
	if !oneOf(r.Language, c.Languages) {
		bad.add("language", fmt.Sprintf("revision %d was not shown in this language", r.Revision))
	}
	return bad.orNil()
}

// Expires returns when the answer ceases to hold under c.
func (r *Record) Expires(c *Config) time.Time {
	return r.At.AddDate(0, 0, c.ChoiceLifetimeDays())
}

// checkULID notes a fault if s is not a ULID in its canonical form. Only that
// form is taken, so that one id has one spelling.
func checkULID(bad *InvalidErrors, field, s string) {
	if s == "" {
		bad.add(field, "is required: a ULID, 26 characters")
		return
	}
	if id, err := ulid.ParseStrict(s); err != nil || id.String() != s {
		bad.add(field, "is not a ULID: 26 characters of Crockford's base 32, in capitals")
	}
}
