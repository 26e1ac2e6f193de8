package admin

import (
	"errors"
	"strings"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

// field says which field of a form a path of an [optgate.InvalidError] means.
// The path also means all below it, "origins" for example "origins[0]".
type field struct{ path, name, label string }

var (
	userFields = []field{{"name", "name", "Name"}}
	siteFields = []field{
		{"site", "site", "Id"}, {"name", "name", "Name"}, {"origins", "origin", "Address of the site"},
		{"languages", "language", "Languages"}, {"controller.name", "controller", "Who answers for the data"},
	}
	tagFields = []field{
		{"id", "id", "Id"}, {"kind", "kind", "Kind"}, {"service", "owner", "Belongs to"}, {"category", "owner", "Belongs to"},
		{"src", "src", "Address"}, {"code", "code", "Script"}, {"target", "target", "Place on the page"}, {"title", "title", "Title"},
	}
	serviceFields = []field{
		{"id", "id", "Id"}, {"name", "name", "Name"}, {"category", "category", "Category"}, {"provider", "provider", "Provider"},
		{"country", "country", "Country"}, {"policy", "policy", "Privacy policy"}, {"hosts", "hosts", "Hosts"},
	}
)

var nameTaken = view.Fault{Field: "name", Label: "Name", Msg: "is taken: choose another one"}

// faultsOf returns the faults in err as those of a form, or nil if err is none
// that a person can mend. A fault of no field of the form keeps its path.
func faultsOf(err error, fields []field) view.Faults {
	var all optgate.InvalidErrors
	if one, ok := errors.AsType[*optgate.InvalidError](err); ok {
		all = optgate.InvalidErrors{one}
	} else if !errors.As(err, &all) {
		return nil
	}
	var faults view.Faults
	for _, e := range all {
		faults = append(faults, faultOf(e, fields))
	}
	return faults
}

func faultOf(e *optgate.InvalidError, fields []field) view.Fault {
	for _, f := range fields {
		if rest, ok := strings.CutPrefix(e.Field, f.path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return view.Fault{Field: f.name, Label: f.label, Msg: e.Msg}
		}
	}
	return view.Fault{Label: e.Field, Msg: e.Msg}
}

// below returns err with the paths under prefix shortened to what follows it, so
// that "tags[3].src" is the "src" of the tag that is edited.
func below(err error, prefix string) error {
	var all optgate.InvalidErrors
	if !errors.As(err, &all) {
		return err
	}
	var cut optgate.InvalidErrors
	for _, e := range all {
		cut = append(cut, &optgate.InvalidError{Field: strings.TrimPrefix(e.Field, prefix), Msg: e.Msg})
	}
	return cut
}

// newPasswordFaults checks a password that was typed twice.
func newPasswordFaults(word, again string) view.Faults {
	var faults view.Faults
	if e, ok := errors.AsType[*optgate.InvalidError](password.Check(word)); ok {
		faults = append(faults, view.Fault{Field: "password", Label: "Password", Msg: e.Msg})
	}
	if word != again {
		faults = append(faults, view.Fault{Field: "again", Label: "Password again", Msg: "is another one than above"})
	}
	return faults
}
