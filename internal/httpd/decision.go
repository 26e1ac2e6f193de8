package httpd

import (
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/optgate/optgate/internal/optgate"
)

// maxDecision is the most bytes that the body of a decision may have.
const maxDecision = 8 << 10

// decision is the body of POST choices.
type decision struct {
	ID       string          `json:"id"`
	Visitor  string          `json:"visitor"`
	Revision int             `json:"revision"`
	Language string          `json:"language"`
	Action   optgate.Action  `json:"action"`
	Source   string          `json:"source"`
	Choices  optgate.Choices `json:"choices"`
	Panel    string          `json:"panel"` // may be empty
}

// readDecision reads the body of POST choices.
func readDecision(w http.ResponseWriter, r *http.Request) (decision, error) {
	doc, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDecision))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return decision{}, refuseField(http.StatusRequestEntityTooLarge, "body", "is larger than 8 KiB")
	}
	if err != nil {
		return decision{}, refuseField(http.StatusBadRequest, "body", "ended early")
	}
	return parseDecision(doc)
}

// parseDecision takes only what has one reading: UTF-8, one object, each key
// known, in its own capitals, and given once. encoding/json would take the last
// of two keys, and "choiceſ" for "choices".
func parseDecision(doc []byte) (decision, error) {
	var d decision
	if err := json.Unmarshal(doc, &d, json.RejectUnknownMembers(true)); err != nil {
		return decision{}, decodeFault(doc, err)
	}
	return d, nil
}

// decodeFault says which field a decoder's error is about.
func decodeFault(doc []byte, err error) error {
	if !utf8.Valid(doc) {
		return refuseField(http.StatusBadRequest, "body", "is not UTF-8")
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return refuseField(http.StatusBadRequest, truncate(e.JSONPointer.LastToken()), "stands there twice")
		}
		return refuseField(http.StatusBadRequest, "body", "is not one object in JSON")
	}
	e, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return refuseField(http.StatusBadRequest, "body", "is not one object in JSON")
	}
	if errors.Is(err, json.ErrUnknownName) {
		return refuseField(http.StatusBadRequest, truncate(e.JSONPointer.LastToken()), "is not a field of a decision")
	}
	field := "body"
	for name := range e.JSONPointer.Tokens() {
		field = truncate(name) // a choice of the wrong type is a fault of choices
		break
	}
	return refuseField(http.StatusBadRequest, field, "is of the wrong type")
}

// truncate bounds what of a stranger's text is told back.
func truncate(s string) string {
	const limit = 40
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}
