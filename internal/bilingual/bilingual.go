// Package bilingual says what the admin says, in English or in German.
//
// A sentence stands in the code in English, where it is used, as a constant of
// the type [Text]. The same English is the key of its German in de.yaml, one file
// for a reviewer to read. A test finds every constant of that type, so that a
// sentence without its German fails the build, as does a German one that nobody
// says any more.
package bilingual

import (
	"context"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/optgate/optgate/internal/words"
)

// Text is a sentence in English with the verbs of package fmt for what it is
// about.
type Text string

// Languages are the tags of the languages, the one that is used if nobody says
// which first.
var Languages = []string{"en", "de"}

// Names are the languages' names, each in its own.
var Names = map[string]string{"en": "English", "de": "Deutsch"}

// Printers are safe for concurrent use once they are made.
var printers = map[string]*message.Printer{
	"en": message.NewPrinter(language.English),
	"de": message.NewPrinter(language.German),
}

type key struct{}

// With returns a context in which sentences are said in a language, one of
// [Languages].
func With(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, key{}, lang)
}

// Language returns the tag of the language in which sentences are said.
func Language(ctx context.Context) string {
	if lang, ok := ctx.Value(key{}).(string); ok && printers[lang] != nil {
		return lang
	}
	return Languages[0]
}

// Choose returns the language to speak with somebody who chose one, or else whose
// browser sends an Accept-Language header.
func Choose(chosen, accepted string) string {
	return words.Match(Languages, chosen, accepted, Languages[0])
}

// Say says a sentence about args.
func Say(ctx context.Context, t Text, args ...any) string {
	lang := Language(ctx)
	said := translated(lang, string(t))
	if len(args) == 0 {
		return said
	}
	return printers[lang].Sprintf(said, args...)
}

// Count says a sentence about n things: one if it is a single one, else other.
// N is the first that the sentence's verbs are about, before args.
func Count(ctx context.Context, n int, one, other Text, args ...any) string {
	return Say(ctx, Plural(ctx, n, one, other), append([]any{n}, args...)...)
}

// Plural returns which sentence is about n things. English and German have the
// same two forms.
func Plural(ctx context.Context, n int, one, other Text) Text {
	tag := language.Make(Language(ctx))
	if plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0) == plural.One {
		return one
	}
	return other
}

// Number writes a number as the language does.
func Number(ctx context.Context, n int) string { return printers[Language(ctx)].Sprintf("%d", n) }

// Decimal writes a number with one digit behind the point.
func Decimal(ctx context.Context, x float64) string {
	return printers[Language(ctx)].Sprint(number.Decimal(x, number.Scale(1)))
}

// Percent writes a share, 0 to 1, in whole percent.
func Percent(ctx context.Context, share float64) string {
	return printers[Language(ctx)].Sprintf("%.0f %%", share*100)
}

// Day writes the day of t, in UTC, with the month's name.
func Day(ctx context.Context, t time.Time) string {
	w, _ := words.For(Language(ctx))
	return w.Date(t)
}

// Moment writes t, in UTC, to the minute.
func Moment(ctx context.Context, t time.Time) string {
	return Day(ctx, t) + ", " + t.UTC().Format("15:04 UTC")
}

var weekdays = map[string][]string{
	"de": {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
}

// Weekday returns the name of the day of t in UTC.
func Weekday(ctx context.Context, t time.Time) string {
	day := t.UTC().Weekday()
	if names, ok := weekdays[Language(ctx)]; ok {
		return names[day]
	}
	return day.String()
}

// ShortDay writes the day of t with its weekday and without its year, in UTC.
func ShortDay(ctx context.Context, t time.Time) string {
	if Language(ctx) == "de" {
		return Weekday(ctx, t)[:2] + t.UTC().Format(", 2.1.")
	}
	return t.UTC().Format("Mon 2 Jan")
}

// LongDay writes the day of t with its year, in UTC, as short as it can be.
func LongDay(ctx context.Context, t time.Time) string {
	if Language(ctx) == "de" {
		return t.UTC().Format("2.1.2006")
	}
	return t.UTC().Format("2 Jan 2006")
}

// Second writes t, in UTC, to the second.
func Second(ctx context.Context, t time.Time) string {
	return Day(ctx, t) + ", " + t.UTC().Format("15:04:05 UTC")
}
