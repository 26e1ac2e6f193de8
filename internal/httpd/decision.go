package httpd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

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
// known and given once.
func parseDecision(doc []byte) (decision, error) {
	if !utf8.Valid(doc) {
		return decision{}, refuseField(http.StatusBadRequest, "body", "is not UTF-8")
	}
	if err := checkKeys(doc); err != nil {
		return decision{}, err
	}
	var d decision
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return decision{}, decodeFault(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return decision{}, refuseField(http.StatusBadRequest, "body", "goes on after its object")
	}
	return d, nil
}

// decodeFault says which field a decoder's error is about.
func decodeFault(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := e.Field
		if field == "" {
			field = "body"
		}
		return refuseField(http.StatusBadRequest, field, "is of the wrong type: "+truncate(e.Value))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return refuseField(http.StatusBadRequest, truncate(strings.Trim(name, `"`)), "is not a field of a decision")
	}
	return refuseField(http.StatusBadRequest, "body", "is not an object in JSON")
}

// decisionDepth is how deep a decision nests: choices are an object in an
// object.
const decisionDepth = 2

// checkKeys refuses what encoding/json would take silently: a key given twice,
// of which the last counts, and keys in other capitals. The long s is one of
// them: "choiceſ" would be read as "choices".
func checkKeys(doc []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	var open []map[string]bool // keys seen in each object that is open; nil for an array
	isKey := false
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return refuseField(http.StatusBadRequest, "body", "is not an object in JSON")
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				open, isKey = append(open, map[string]bool{}), true
			case '[':
				open, isKey = append(open, nil), false
			default:
				open = open[:len(open)-1]
				isKey = len(open) > 0 && open[len(open)-1] != nil
			}
			if len(open) > decisionDepth {
				return refuseField(http.StatusBadRequest, "body", "nests too deep")
			}
			continue
		case string:
			if isKey {
				keys := open[len(open)-1]
				if keys[t] || t != strings.ToLower(strings.ToUpper(t)) {
					return refuseField(http.StatusBadRequest, truncate(t), "stands there twice, or not in lower case")
				}
				keys[t], isKey = true, false
				continue
			}
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}

// truncate bounds what of a stranger's text is told back.
func truncate(s string) string {
	const limit = 40
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}
