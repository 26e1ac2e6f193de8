package optgate

import (
	"regexp"
	"strconv"
)

// DeedKind is what Optgate itself does when it publishes.
type DeedKind string

// The deeds.
const (
	DidCreate    DeedKind = "created"
	DidGoBack    DeedKind = "back to revision"
	DidFollow    DeedKind = "follows its group"
	DidJoin      DeedKind = "in the group"
	DidLeave     DeedKind = "out of the group"
	DidLoseGroup DeedKind = "its group is gone"
	DidSwitchOn  DeedKind = "switched on"
	DidSwitchOff DeedKind = "switched off"
)

// Deed is what somebody did by Optgate's own hand, so that the revision has a note
// that nobody wrote. As a note it is English; [ParseDeed] reads it again, so that it can be
// told in the reader's language.
type Deed struct {
	Kind     DeedKind
	Number   int        // of the revision that is said again, or the group's version
	Group    GroupID    // of deeds of groups
	Category CategoryID // that was switched
	Why      string     // of going back; may be empty
}

// deedForms say what a note of each kind looks like. What is in brackets is read,
// in the order of the fields.
var deedForms = []struct {
	kind DeedKind
	form *regexp.Regexp
}{
	{DidCreate, regexp.MustCompile(`^created$`)},
	{DidGoBack, regexp.MustCompile(`(?s)^back to revision (?P<number>\d{1,9})(?:: (?P<why>.+))?$`)},
	{DidFollow, regexp.MustCompile(`^group (?P<group>[a-z0-9-]+), version (?P<number>\d{1,9})$`)},
	{DidJoin, regexp.MustCompile(`^in the group (?P<group>[a-z0-9-]+)$`)},
	{DidLeave, regexp.MustCompile(`^out of the group (?P<group>[a-z0-9-]+)$`)},
	{DidLoseGroup, regexp.MustCompile(`^out of the group (?P<group>[a-z0-9-]+), which is gone$`)},
	{DidSwitchOn, regexp.MustCompile(`^category (?P<category>[a-z0-9_-]+) switched on$`)},
	{DidSwitchOff, regexp.MustCompile(`^category (?P<category>[a-z0-9_-]+) switched off$`)},
}

// Note returns the deed as a note.
func (d Deed) Note() string {
	switch d.Kind {
	case DidGoBack:
		note := "back to revision " + strconv.Itoa(d.Number)
		if d.Why != "" {
			note += ": " + d.Why
		}
		return note
	case DidFollow:
		return "group " + string(d.Group) + ", version " + strconv.Itoa(d.Number)
	case DidJoin:
		return "in the group " + string(d.Group)
	case DidLeave:
		return "out of the group " + string(d.Group)
	case DidLoseGroup:
		return "out of the group " + string(d.Group) + ", which is gone"
	case DidSwitchOn, DidSwitchOff:
		return "category " + string(d.Category) + " " + string(d.Kind)
	case DidCreate:
	}
	return string(d.Kind)
}

// ParseDeed reads a note. It returns false for one that a person wrote.
func ParseDeed(note string) (Deed, bool) {
	for _, f := range deedForms {
		found := f.form.FindStringSubmatch(note)
		if found == nil {
			continue
		}
		d := Deed{Kind: f.kind}
		for i, name := range f.form.SubexpNames() {
			switch name {
			case "number":
				d.Number, _ = strconv.Atoi(found[i]) // it is digits, and few
			case "group":
				d.Group = GroupID(found[i])
			case "category":
				d.Category = CategoryID(found[i])
			case "why":
				d.Why = found[i]
			}
		}
		// Nothing else is taken for a deed, such as a number with zeros before it.
		if d.Note() == note {
			return d, true
		}
	}
	return Deed{}, false
}
