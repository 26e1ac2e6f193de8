package words_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/words"
)

func TestFor(t *testing.T) {
	tests := []struct {
		lang, want string
		known      bool
	}{
		{"de", "de", true},
		{"de-AT", "de", true},
		{"ar-EG", "ar", true},
		{"iw", "he", true},
		{"zh", "zh-Hans", true},
		{"zh-SG", "zh-Hans", true},
		{"zh-TW", "zh-Hant", true},
		{"zh-Hant-HK", "zh-Hant", true},
		{"xx", "en", false},
		{"", "en", false},
		{"../../etc/passwd", "en", false},
	}
	for _, tt := range tests {
		t.Run(tt.lang, func(t *testing.T) {
			w, known := words.For(tt.lang)
			if w.Language != tt.want || known != tt.known {
				t.Errorf("got %q, %t, want %q, %t", w.Language, known, tt.want, tt.known)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "ltr", "de": "ltr", "ar": "rtl", "he": "rtl", "fa-IR": "rtl", "az-Arab": "rtl", "az": "ltr", "": "ltr", "!": "ltr",
	} {
		if got := words.Direction(lang); got != want {
			t.Errorf("%q: got %s, want %s", lang, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	offered := []string{"en", "de", "pt-BR", "zh-Hant"}
	tests := []struct {
		name   string
		wanted []string
		want   string
	}{
		{"nothing wanted", nil, "en"},
		{"a tag", []string{"de"}, "de"},
		{"a variant", []string{"de-CH"}, "de"},
		{"a header", []string{"fr;q=0.9, de;q=0.8, en;q=0.1"}, "de"},
		{"a script by region", []string{"zh-TW"}, "zh-Hant"},
		{"the page before the browser", []string{"pt", "de"}, "pt-BR"},
		{"nonsense before sense", []string{";;;", "de"}, "de"},
		{"only nonsense", []string{"\x00\xff", "*"}, "en"},
		{"too long to read", []string{strings.Repeat("de,", 1000), "pt"}, "pt-BR"},
		{"not on offer", []string{"ja"}, "en"},
		{"not on offer, but its script is", []string{"yue"}, "zh-Hant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := words.Match(offered, tt.wanted...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := words.Match(nil, "de"); got != "" {
		t.Errorf("nothing offered: got %q, want nothing", got)
	}
}

// Chinese is written in two scripts, and browsers mostly name a region instead;
// some still call Hebrew by its former code.
func TestMatchAmongAllLanguages(t *testing.T) {
	for wanted, want := range map[string]string{
		"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-Hans-HK": "zh-Hans", "zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans",
		"zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant", "zh-Hant-CN": "zh-Hant", "zh-TW,zh;q=0.9,en;q=0.8": "zh-Hant",
		"iw": "he", "iw-IL": "he", "he-IL": "he", "ja-JP": "ja", "ko-KR": "ko", "tr-CY": "tr",
	} {
		if got := words.Match(words.Languages(), wanted, "en"); got != want {
			t.Errorf("%s: got %s, want %s", wanted, got, want)
		}
	}
}

// Whatever is wanted, what is returned is on offer.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{"", "de", "en-GB,en;q=0.9", "zh-Hant-TW", "*;q=0", "x-private", "a-b-c-d-e-f", "\xff,;q="} {
		f.Add(s, "de")
	}
	f.Fuzz(func(t *testing.T, wanted, page string) {
		offered := words.Languages()
		if got := words.Match(offered, page, wanted); !slices.Contains(offered, got) {
			t.Errorf("got %q, want one of %v", got, offered)
		}
		if d := words.Direction(wanted); d != "ltr" && d != "rtl" {
			t.Errorf("got direction %q", d)
		}
	})
}
