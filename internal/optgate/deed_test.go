package optgate_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestDeeds(t *testing.T) {
	for _, d := range []optgate.Deed{
		{Kind: optgate.DidCreate},
		{Kind: optgate.DidGoBack, Number: 3},
		{Kind: optgate.DidGoBack, Number: 3, Why: "it was better:\nmuch"},
		{Kind: optgate.DidFollow, Group: "shops-2", Number: 12},
		{Kind: optgate.DidJoin, Group: "shops"},
		{Kind: optgate.DidLeave, Group: "shops"},
		{Kind: optgate.DidLoseGroup, Group: "shops"},
		{Kind: optgate.DidSwitchOn, Category: "own_one"},
		{Kind: optgate.DidSwitchOff, Category: "analytics"},
	} {
		if got, ok := optgate.ParseDeed(d.Note()); !ok || got != d {
			t.Errorf("%q is read as %+v, %t; want %+v", d.Note(), got, ok, d)
		}
	}
	for _, written := range []string{
		"", "Created", "created by hand", "back to revision 03", "back to revision 3:", "back to revision 99999999999", "group shops, version x",
		"in the group of shops", "category analytics switched offline", "analytics off", "category Analytics switched off",
	} {
		if d, ok := optgate.ParseDeed(written); ok {
			t.Errorf("%q is read as %+v, want it to be somebody's words", written, d)
		}
	}
}
