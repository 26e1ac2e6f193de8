package optgate

import (
	"errors"
	"strings"
)

var (
	// ErrNotFound reports that the named thing does not exist. Stores return it
	// wrapped; callers test it with [errors.Is].
	ErrNotFound = errors.New("not found")

	// ErrConflict reports that the id or number is taken by something else.
	ErrConflict = errors.New("conflict")

	// ErrLastOwner reports that nobody would be left who can let others in.
	ErrLastOwner = errors.New("last owner")
)

// InvalidError is input that we refuse. Both texts are written for the person
// who sent it: Field says where, Msg says what is wrong and what would be right.
type InvalidError struct {
	Field string
	Msg   string
}

// Error returns "field: message".
func (e *InvalidError) Error() string { return e.Field + ": " + e.Msg }

// InvalidErrors is every fault found in one input, so that its author mends
// them in one go.
type InvalidErrors []*InvalidError

// Error returns one fault a line.
func (e InvalidErrors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// add appends a fault.
func (e *InvalidErrors) add(field, msg string) { *e = append(*e, &InvalidError{field, msg}) }

// orNil returns e as an error, or nil if there was no fault.
func (e InvalidErrors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
