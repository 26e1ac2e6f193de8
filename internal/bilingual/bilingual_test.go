package bilingual_test

import (
	"testing"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
)

func TestSay(t *testing.T) {
	english, german := t.Context(), bilingual.With(t.Context(), "de")
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, tt := range []struct{ name, got, want string }{
		{"no language is English", bilingual.Say(english, "Sites"), "Sites"},
		{"German", bilingual.Say(german, "Sign out"), "Abmelden"},
		{"what has no German stays", bilingual.Say(german, bilingual.Text("quite "+"new")), "quite new"},
		{"one", bilingual.Count(german, 1, "%d change", "%d changes"), "1 Änderung"},
		{"many", bilingual.Count(german, 1234, "%d change", "%d changes"), "1.234 Änderungen"},
		{"many in English", bilingual.Count(english, 1234, "%d change", "%d changes"), "1,234 changes"},
		{"a share", bilingual.Percent(german, 0.416), "42 %"},
		{"a decimal", bilingual.Decimal(german, 3.14), "3,1"},
		{"a moment", bilingual.Moment(german, at), "4. März 2026, 05:06 UTC"},
		{"a moment in English", bilingual.Moment(english, at), "4 March 2026, 05:06 UTC"},
		{"a fault of the domain", bilingual.Known(german, "is longer than 200 bytes"), "ist länger als 200 Bytes"},
		{"a fault with two values", bilingual.Known(german, `"a$1" is decided by x already`), `"a$1" wird schon von x entschieden`},
		{"a fault that it does not know", bilingual.Known(german, "is odd"), "is odd"},
		{"faults in English", bilingual.Known(english, "is longer than 200 bytes"), "is longer than 200 bytes"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

// Marks count in a sentence, not in what it is about.
func TestRich(t *testing.T) {
	got := bilingual.Rich(t.Context(), "**%s** in `<head>`, [see `%s`](%s)", "a*b* <i>", "[x](y)", `/?a=1&b="`)
	want := "<strong>a*b* &lt;i&gt;</strong> in <code>&lt;head&gt;</code>, " + `<a href="/?a=1&amp;b=&#34;">see <code>[x](y)</code></a>`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct{ name, chosen, accepted, want string }{
		{"nothing is said", "", "", "en"},
		{"the browser asks", "", "de-CH, en;q=0.7", "de"},
		{"another was chosen", "en", "de", "en"},
		{"what was chosen is none", "xx", "de", "de"},
		{"a language that is not spoken", "", "fr", "en"},
	} {
		if got := bilingual.Choose(tt.chosen, tt.accepted); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
