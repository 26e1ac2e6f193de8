package evidence

import (
	"cmp"
	"slices"
	"strconv"
	"time"

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

var clicked = map[optgate.Action]string{
	optgate.AcceptAll: "“Accept all”", optgate.RejectAll: "“Reject all”",
	optgate.Save: "“Save”, with her own selection", optgate.Withdraw: "“Withdraw”",
}

var layers = map[string]string{
	"banner":      "in the banner, the first layer",
	"preferences": "in the preferences, the second layer",
	"placeholder": "in the place of something that was held",
	"api":         "by the page's own code, not in the panel",
	"gpc":         "by the browser's Global Privacy Control signal",
	"form":        "on the page for browsers without JavaScript",
	"import":      "taken over from another system",
}

// Headline says in a sentence what was done and when.
func (e *Evidence) Headline() string {
	if e.Erased() {
		return "This record was erased"
	}
	r := e.Entry.Record
	if r.Source == "gpc" {
		return "Objection, " + layers[r.Source]
	}
	return cmp.Or(clicked[r.Action], string(r.Action)) + ", " + cmp.Or(layers[r.Source], r.Source)
}

// Facts returns what is known, the most important first.
func (e *Evidence) Facts() []Fact {
	place := []Fact{
		{Name: "Place in the ledger", Value: "partition " + strconv.Itoa(e.Entry.Partition) + ", entry " + strconv.FormatUint(e.Entry.Seq, 10)},
		{Name: "Hash of the chain there", Value: e.Entry.Chain.String(), Code: true},
	}
	if e.Erased() {
		return place
	}
	r := e.Entry.Record
	facts := []Fact{
		{Name: "When", Value: r.At.UTC().Format("2 January 2006, 15:04:05.000") + " UTC, by the server's clock"},
		{Name: "Site", Value: e.Revision.Config.Name + " (" + string(r.Site) + ")"},
		{Name: "Revision", Value: strconv.Itoa(r.Revision) + ", published " + e.Revision.At.UTC().Format("2 January 2006, 15:04") + " UTC by " + e.Revision.Author},
		{Name: "SHA-256 of the revision", Value: e.Revision.Hash, Code: true},
		{Name: "Language", Value: r.Language},
		{Name: "Holds until", Value: r.Expires(&e.Revision.Config).UTC().Format(time.DateOnly)},
		{Name: "Record", Value: r.ID, Code: true},
		{Name: "Visitor", Value: r.Visitor, Code: true},
	}
	if r.Panel != "" {
		facts = append(facts, Fact{Name: "SHA-256 of the panel, first half", Value: r.Panel, Code: true})
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
func (e *Evidence) Missing() string {
	switch {
	case e.Erased():
		return "What was answered, when and by whom is gone for good. The tombstone keeps the chain verifiable."
	case e.Panel != nil:
		return ""
	case e.Entry.Record.Panel == "" && (e.Entry.Record.Source == "api" || e.Entry.Record.Source == "gpc"):
		return "Nothing was shown: it was decided without the panel."
	case e.Entry.Record.Panel == "":
		return "The record does not say what was shown."
	}
	return "The store does not have the panel that the record names."
}
