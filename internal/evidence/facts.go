package evidence

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

// Fact is one thing that is known of a decision, in words.
type Fact struct {
	Name  string
	Value string
	Code  bool // the value is an id or a hash
}

// Erased reports whether only the tombstone of the record is left.
func (e *Evidence) Erased() bool { return e.Entry.Record == nil }

var clicked = map[optgate.Action]bilingual.Text{
	optgate.AcceptAll: "“Accept all”", optgate.RejectAll: "“Reject all”",
	optgate.Save: "“Save”, with her own selection", optgate.Withdraw: "“Withdraw”",
}

var layers = map[string]bilingual.Text{
	"banner":      "in the banner, the first layer",
	"preferences": "in the preferences, the second layer",
	"placeholder": "in the place of something that was held",
	"api":         "by the page's own code, not in the panel",
	"gpc":         "by the browser's Global Privacy Control signal",
	"form":        "on the page for browsers without JavaScript",
	"import":      "taken over from another system",
}

// Headline says in a sentence what was done and when.
func (e *Evidence) Headline(ctx context.Context) string {
	if e.Erased() {
		return bilingual.Say(ctx, "This record was erased")
	}
	r := e.Entry.Record
	if r.Source == "gpc" {
		return bilingual.Say(ctx, "Objection, %s", bilingual.Say(ctx, layers[r.Source]))
	}
	return cmp.Or(bilingual.Say(ctx, clicked[r.Action]), string(r.Action)) + ", " + cmp.Or(bilingual.Say(ctx, layers[r.Source]), r.Source)
}

// Facts returns what is known, the most important first.
func (e *Evidence) Facts(ctx context.Context) []Fact {
	say := func(t bilingual.Text, args ...any) string { return bilingual.Say(ctx, t, args...) }
	place := []Fact{
		{Name: say("Place in the ledger"), Value: say("partition %s, entry %s", strconv.Itoa(e.Entry.Partition), strconv.FormatUint(e.Entry.Seq, 10))},
		{Name: say("Hash of the chain there"), Value: e.Entry.Chain.String(), Code: true},
	}
	if e.Erased() {
		return place
	}
	r := e.Entry.Record
	facts := []Fact{
		{Name: say("When"), Value: say("%s UTC, by the server's clock", bilingual.Day(ctx, r.At)+r.At.UTC().Format(", 15:04:05.000"))},
		{Name: say("Site"), Value: e.Revision.Config.Name + " (" + string(r.Site) + ")"},
		{Name: say("Revision"), Value: say("%s, published %s by %s", strconv.Itoa(r.Revision), bilingual.Moment(ctx, e.Revision.At), e.Revision.Author)},
		{Name: say("SHA-256 of the revision"), Value: e.Revision.Hash, Code: true},
		{Name: say("Language"), Value: r.Language},
		{Name: say("Holds until"), Value: r.Expires(&e.Revision.Config).UTC().Format(time.DateOnly)},
		{Name: say("Record"), Value: r.ID, Code: true},
		{Name: say("Visitor"), Value: r.Visitor, Code: true},
	}
	if r.Panel != "" {
		facts = append(facts, Fact{Name: say("SHA-256 of the panel, first half"), Value: r.Panel, Code: true})
	}
	return append(facts, place...)
}

// Answer is what was said about one category.
type Answer struct {
	Category string
	Allowed  bool
}

// Answers returns what was said, in the order of the site.
func (e *Evidence) Answers() []Answer {
	if e.Erased() {
		return nil
	}
	r := e.Entry.Record
	known, _ := words.For(r.Language)
	var answers []Answer
	for _, k := range e.Revision.Config.Categories {
		if allowed, ok := r.Choices[k.ID]; ok {
			answers = append(answers, Answer{cmp.Or(k.Title[r.Language], known.Categories[string(k.ID)].Title, k.Title.In(e.Revision.Config.DefaultLanguage(), "en"), string(k.ID)), allowed})
		}
	}
	return slices.Clip(answers)
}

// Missing says why there is no panel to show; empty if there is one.
func (e *Evidence) Missing(ctx context.Context) string {
	switch {
	case e.Erased():
		return bilingual.Say(ctx, "What was answered, when and by whom is gone for good. The tombstone keeps the chain verifiable.")
	case e.Panel != nil:
		return ""
	case e.Entry.Record.Panel == "" && (e.Entry.Record.Source == "api" || e.Entry.Record.Source == "gpc"):
		return bilingual.Say(ctx, "Nothing was shown: it was decided without the panel.")
	case e.Entry.Record.Panel == "":
		return bilingual.Say(ctx, "The record does not say what was shown.")
	}
	return bilingual.Say(ctx, "The store does not have the panel that the record names.")
}
