package optgate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// answer returns a valid record of what shop asks.
func answer() *optgate.Record {
	return &optgate.Record{
		ID: "01KE5ZC9W0ABCDEFGHJKMNPQRS", Site: "shop", Visitor: "01KE5ZC9W0TVWXYZ0123456789",
		Revision: 7, Language: "en", Action: optgate.Save, Source: "preferences",
		Choices: optgate.Choices{optgate.Functional: true, optgate.Marketing: false, "research": false},
		At:      time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC),
	}
}

func TestRecordValidateShape(t *testing.T) {
	if err := answer().ValidateShape(); err != nil {
		t.Errorf("got %v, want a valid record", err)
	}
	shown := answer()
	shown.Panel = optgate.PanelHash([]byte("what was shown"))
	if err := shown.ValidateShape(); err != nil {
		t.Errorf("got %v, want a valid record with a panel", err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(*optgate.Record)
		want  string
	}{
		{"no id", func(r *optgate.Record) { r.ID = "" }, "id: is required"},
		{"id in small letters", func(r *optgate.Record) { r.ID = strings.ToLower(r.ID) }, "id: is not a ULID"},
		{"id one short", func(r *optgate.Record) { r.ID = r.ID[1:] }, "id: is not a ULID"},
		{"id with a letter that base 32 lacks", func(r *optgate.Record) { r.ID = r.ID[:25] + "U" }, "id: is not a ULID"},
		{"id past the last time", func(r *optgate.Record) { r.ID = "8" + r.ID[1:] }, "id: is not a ULID"},
		{"visitor that is a key", func(r *optgate.Record) { r.Visitor = "{a}:*" }, "visitor: is not a ULID"},
		{"revision 0", func(r *optgate.Record) { r.Revision = 0 }, "revision: is the number"},
		{"language", func(r *optgate.Record) { r.Language = "<b>" }, "language: is a language tag"},
		{"action", func(r *optgate.Record) { r.Action = "agree" }, "action: is one of accept_all, reject_all, save, withdraw"},
		{"source", func(r *optgate.Record) { r.Source = "scroll" }, "source: is one of banner"},
		{"panel in capitals", func(r *optgate.Record) { r.Panel = strings.Repeat("AB", 16) }, "panel: is the hash"},
		{"panel cut short", func(r *optgate.Record) { r.Panel = strings.Repeat("ab", 15) }, "panel: is the hash"},
		{"no choices", func(r *optgate.Record) { r.Choices = nil }, "choices: are required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := answer()
			tt.spoil(r)
			wantOneFault(t, r.ValidateShape(), tt.want)
		})
	}
}

func TestRecordValidateAgainst(t *testing.T) {
	all := func(yes bool) optgate.Choices {
		return optgate.Choices{optgate.Functional: yes, optgate.Marketing: yes, "research": yes}
	}
	for _, tt := range []struct {
		name  string
		spoil func(*optgate.Record)
		want  string // empty: valid
	}{
		{"some", func(r *optgate.Record) {}, ""},
		{"all", func(r *optgate.Record) { r.Action, r.Choices = optgate.AcceptAll, all(true) }, ""},
		{"none", func(r *optgate.Record) { r.Action, r.Choices = optgate.RejectAll, all(false) }, ""},
		{"withdrawn", func(r *optgate.Record) { r.Action, r.Choices = optgate.Withdraw, all(false) }, ""},
		{"saved none", func(r *optgate.Record) { r.Choices = all(false) }, ""},
		{"category left out", func(r *optgate.Record) { delete(r.Choices, "research") }, "choices.research: is missing"},
		{"category not asked", func(r *optgate.Record) { r.Choices["essential"] = true }, `choices: "essential" is not a category that revision 7 asks about`},
		{"all but one", func(r *optgate.Record) {
			r.Action, r.Choices = optgate.AcceptAll, all(true)
			r.Choices["research"] = false
		}, "choices.research: is false, which is not accept_all"},
		{"none but one", func(r *optgate.Record) {
			r.Action, r.Choices = optgate.RejectAll, all(false)
			r.Choices["research"] = true
		}, "choices.research: is true, which is not reject_all"},
		{"withdrawn but one", func(r *optgate.Record) { r.Action = optgate.Withdraw }, "choices.functional: is true, which is not withdraw"},
		{"language not shown", func(r *optgate.Record) { r.Language = "fr" }, "language: revision 7 was not shown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := answer()
			tt.spoil(r)
			wantOneFault(t, r.ValidateAgainst(shop()), tt.want)
		})
	}
}

func TestRecordSameAnswer(t *testing.T) {
	later := answer()
	later.At = later.At.Add(time.Hour)
	if !answer().SameAnswer(later) {
		t.Error("got another answer for a retry an hour later, want the same")
	}
	for _, tt := range []struct {
		name   string
		change func(*optgate.Record)
	}{
		{"id", func(r *optgate.Record) { r.ID = r.Visitor }},
		{"site", func(r *optgate.Record) { r.Site = "other" }},
		{"visitor", func(r *optgate.Record) { r.Visitor = r.ID }},
		{"revision", func(r *optgate.Record) { r.Revision++ }},
		{"language", func(r *optgate.Record) { r.Language = "pt-BR" }},
		{"action", func(r *optgate.Record) { r.Action = optgate.Withdraw }},
		{"source", func(r *optgate.Record) { r.Source = "api" }},
		{"panel", func(r *optgate.Record) { r.Panel = strings.Repeat("ab", 16) }},
		{"choice", func(r *optgate.Record) { r.Choices[optgate.Functional] = false }},
		{"number of choices", func(r *optgate.Record) { delete(r.Choices, "research") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := answer()
			tt.change(other)
			if answer().SameAnswer(other) {
				t.Error("got the same answer, want another")
			}
		})
	}
}

func TestRecordExpires(t *testing.T) {
	for _, tt := range []struct {
		days int
		want string
	}{
		{0, "2026-07-01T03:04:05.006Z"}, // 180 days
		{400, "2027-02-06T03:04:05.006Z"},
	} {
		c := shop()
		c.ChoiceDays = tt.days
		if got := answer().Expires(c).Format(time.RFC3339Nano); got != tt.want {
			t.Errorf("%d days: got %s, want %s", tt.days, got, tt.want)
		}
	}
}

// wantOneFault checks that err is one fault that begins so, or nil if want is
// empty.
func wantOneFault(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got %v, want none", err)
		}
		return
	}
	var invalid optgate.InvalidErrors
	if !errors.As(err, &invalid) || len(invalid) != 1 || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v\nwant one fault, %s...", err, want)
	}
}
