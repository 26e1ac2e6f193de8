package words_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/optgate/optgate/internal/words"
)

func TestEveryLanguageHasEveryWord(t *testing.T) {
	en := mustFor(t, "en")
	for _, lang := range words.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := mustFor(t, lang)
			for path, s := range leaves(w) {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: got nothing, want words", path)
				}
			}
			for what, keys := range map[string][2][]string{
				"kinds":      {sorted(w.Kinds), sorted(en.Kinds)},
				"categories": {sorted(w.Categories), sorted(en.Categories)},
				"errors":     {sorted(w.Errors), sorted(en.Errors)},
			} {
				if !slices.Equal(keys[0], keys[1]) {
					t.Errorf("%s: got %v, want %v", what, keys[0], keys[1])
				}
			}
			if len(w.Months) != 12 {
				t.Errorf("months: got %d, want 12", len(w.Months))
			}
		})
	}
}

// A sentence that is the English one was forgotten, unless the two languages
// have the same word.
func TestNothingIsLeftUntranslated(t *testing.T) {
	same := []string{"Marketing", "Cookie", "April", "August", "September", "November", "Service", "Services", "Type", "Contact", ", "}
	en := leaves(mustFor(t, "en"))
	for _, lang := range words.Languages() {
		if lang == "en" {
			continue
		}
		for path, s := range leaves(mustFor(t, lang)) {
			if s == en[path] && !slices.Contains(same, s) && strings.Trim(s, "{}daymonther ") != "" {
				t.Errorf("%s: %s: got the English %q, want a translation", lang, path, s)
			}
		}
	}
}

// What is put into a sentence in one language is put into it in all.
func TestPlaceholdersAreTheSame(t *testing.T) {
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	en := leaves(mustFor(t, "en"))
	for _, lang := range words.Languages() {
		for path, s := range leaves(mustFor(t, lang)) {
			if strings.Contains(path, "ThirdParties") || strings.Contains(path, "Holds") {
				continue // a plural may say "one" in words
			}
			got, want := placeholder.FindAllString(s, -1), placeholder.FindAllString(en[path], -1)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s: got %v, want %v", lang, path, got, want)
			}
		}
	}
}

func TestEveryPluralFormIsThere(t *testing.T) {
	forms := map[plural.Form]string{
		plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
	}
	for _, lang := range words.Languages() {
		w := mustFor(t, lang)
		for n := range 200 {
			form := forms[plural.Cardinal.MatchPlural(language.Make(lang), n, 0, 0, 0, 0)]
			for name, p := range map[string]words.Plural{"third_parties": w.Banner.ThirdParties, "holds": w.Banner.Holds} {
				if p[form] == "" {
					t.Fatalf("%s: %s: no form %q, which %d needs", lang, name, form, n)
				}
			}
			// Latvian counts ten as it counts none.
			if n > 0 && w.ThirdParties(n) == w.ThirdParties(0) {
				t.Fatalf("%s: %d third parties: got %q, which is said of none", lang, n, w.ThirdParties(n))
			}
		}
		if w.Banner.ThirdParties["zero"] == "" {
			t.Errorf("%s: third_parties: no sentence for none", lang)
		}
	}
}

func TestButtonsHaveTheWordsThatProgramsKnow(t *testing.T) {
	tests := map[string]struct{ reject, accept, phrase string }{
		"en":      {"Reject all", "Accept all", "We use cookies"},
		"de":      {"Alle ablehnen", "Alle akzeptieren", "Wir verwenden Cookies"},
		"ar":      {"رفض الكل", "قبول الكل", "نستخدم ملفات تعريف الارتباط"},
		"fr":      {"Tout refuser", "Tout accepter", "Nous utilisons des cookies"},
		"es":      {"Rechazar todo", "Aceptar todo", "Utilizamos cookies"},
		"it":      {"Rifiuta tutto", "Accetta tutto", "Usiamo cookie"},
		"pt":      {"Rejeitar tudo", "Aceitar tudo", "Utilizamos cookies"},
		"pt-BR":   {"Rejeitar tudo", "Aceitar tudo", "Usamos cookies"},
		"nl":      {"Alles weigeren", "Alles accepteren", "We gebruiken cookies"},
		"sv":      {"Avvisa alla", "Acceptera alla", "Vi använder cookies"},
		"da":      {"Afvis alle", "Accepter alle", "Vi bruger cookies"},
		"nb":      {"Avvis alle", "Godta alle", "Vi bruker informasjonskapsler"},
		"fi":      {"Hylkää kaikki", "Hyväksy kaikki", "Käytämme evästeitä"},
		"is":      {"Hafna öllu", "Samþykkja allt", "Við notum vafrakökur"},
		"ga":      {"Diúltaigh do gach rud", "Glac le gach rud", "Úsáidimid fianáin"},
		"mt":      {"Irrifjuta kollox", "Aċċetta kollox", "Nużaw cookies"},
		"he":      {"דחה הכל", "קבל הכל", "אנו משתמשים בעוגיות"},
		"ja":      {"すべて拒否", "すべて許可", "当サイトでは、Cookieおよび類似の技術を使用しています。"},
		"ko":      {"모두 거부", "모두 허용", "이 사이트는 쿠키 및 유사 기술을 사용합니다."},
		"tr":      {"Tümünü reddet", "Tümünü kabul et", "Çerezler ve benzeri teknolojiler kullanıyoruz."},
		"zh-Hans": {"全部拒绝", "全部接受", "我们使用 Cookie"},
		"zh-Hant": {"全部拒絕", "全部接受", "我們使用 Cookie"},
		"pl":      {"Odrzuć wszystko", "Akceptuj wszystko", "Używamy plików cookie"},
		"cs":      {"Odmítnout vše", "Přijmout vše", "Používáme cookies"},
		"sk":      {"Odmietnuť všetko", "Prijať všetko", "Používame cookies"},
		"hu":      {"Az összes elutasítása", "Az összes elfogadása", "Sütiket használunk"},
		"ro":      {"Respinge tot", "Acceptă tot", "Folosim cookie-uri"},
		"bg":      {"Отхвърляне на всички", "Приемане на всички", "Използваме бисквитки"},
		"hr":      {"Odbij sve", "Prihvati sve", "Koristimo kolačiće"},
		"sl":      {"Zavrni vse", "Sprejmi vse", "Uporabljamo piškotke"},
		"et":      {"Keeldu kõigist", "Nõustu kõigiga", "Kasutame küpsiseid"},
		"lv":      {"Noraidīt visu", "Pieņemt visu", "Mēs izmantojam sīkdatnes"},
		"lt":      {"Atmesti visus", "Priimti visus", "Naudojame slapukus"},
		"el":      {"Απόρριψη όλων", "Αποδοχή όλων", "Χρησιμοποιούμε cookies"},
		"uk":      {"Відхилити все", "Прийняти все", "Ми використовуємо файли cookie"},
	}
	for _, lang := range words.Languages() {
		w, want := mustFor(t, lang), tests[lang]
		if w.Buttons.RejectAll != want.reject || w.Buttons.AcceptAll != want.accept {
			t.Errorf("%s: got %q and %q, want %q and %q", lang, w.Buttons.RejectAll, w.Buttons.AcceptAll, want.reject, want.accept)
		}
		if !strings.HasPrefix(w.Banner.Body, want.phrase) {
			t.Errorf("%s: got %q, want it to begin with %q", lang, w.Banner.Body, want.phrase)
		}
	}
}

// Chinese and Japanese have no spaces between words, but a folded line in a file
// makes one.
func TestNoSpacesWhereAScriptHasNone(t *testing.T) {
	stray := regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}、。，；：] [\p{Han}\p{Hiragana}\p{Katakana}]`)
	for _, lang := range []string{"ja", "zh-Hans", "zh-Hant"} {
		for path, s := range leaves(mustFor(t, lang)) {
			if at := stray.FindString(s); at != "" {
				t.Errorf("%s: %s: got a space in %q", lang, path, at)
			}
		}
	}
}

// Programs that answer for a visitor press what seems to withdraw, and keep away
// from what seems to ask for her age.
func TestNoWordsThatMislead(t *testing.T) {
	banned := regexp.MustCompile(`(?i)\b(18|16|13|years old|age|jahre alt|volljährig|over 1[368])\b|âge|\bedad\b|(^| )età( |$)|maggiorenn|\bidade\b|leeftijd|ålder|\balder\b|\bikä|aldur|\baois\b|سنة|عمرك|(^| )גיל|yaşınd|[岁歲歳]|年[龄齡齢]|연령|나이|pełnoletn|plnolet|punoljet|polnolet|életkor|nagykor|vârst|възраст|пълнолет|vanus|täisea|vecum|pilngad|amži|pilnamet|ηλικί|ενήλικ|повноліт`)
	withdraw := regexp.MustCompile(`(?i)withdraw|revoke|widerruf|reti[rt]|revo[cg]|intrekk|återkall|tilbage|tilbake|peruut|afturkall|siar|irtira|سحب|geri al|בטל|ביטול|撤回|철회|wycof|odvol|visszavon|retrag|оттег|povu[cć]|prekli[cč]|tagasi|atsauk|atšauk|ανάκλη|ανακαλ|відклик`)
	for _, lang := range words.Languages() {
		w := mustFor(t, lang)
		for path, s := range leaves(w) {
			if banned.MatchString(s) {
				t.Errorf("%s: %s: %q speaks of age", lang, path, s)
			}
		}
		if withdraw.MatchString(w.Control) {
			t.Errorf("%s: the control says %q", lang, w.Control)
		}
		if w.Control != w.Preferences.Title {
			t.Errorf("%s: the control says %q, but opens %q", lang, w.Control, w.Preferences.Title)
		}
	}
}

func TestSentences(t *testing.T) {
	en, de, ar := mustFor(t, "en"), mustFor(t, "de"), mustFor(t, "ar")
	he, ja, ko := mustFor(t, "he"), mustFor(t, "ja"), mustFor(t, "ko")
	hans, hant := mustFor(t, "zh-Hans"), mustFor(t, "zh-Hant")
	day := time.Date(2026, time.March, 4, 23, 0, 0, 0, time.UTC)
	before, behind := de.AroundDate()
	tests := []struct{ name, got, want string }{
		{"who asks", en.Asks("Layerworks", []string{"Analytics", "Marketing"}), "Layerworks asks for: Analytics, Marketing."},
		{"none", en.ThirdParties(0), "No third party would receive data."},
		{"one", en.ThirdParties(1), "1 third party would receive data."},
		{"several", de.ThirdParties(12), "12 Dritte würden Daten erhalten."},
		{"two, which Arabic counts apart", ar.ThirdParties(2), "سيتلقى طرفان ثالثان بيانات."},
		{"eleven, which Maltese counts apart", mustFor(t, "mt").ThirdParties(11), "Jekk taċċetta, 11-il parti terza jirċievu data."},
		{"twenty-one, which Icelandic counts as one", mustFor(t, "is").ThirdParties(21), "21 þriðji aðili fengi gögn."},
		{"none, which French counts as one", mustFor(t, "fr").ThirdParties(0), "Aucun tiers ne recevrait de données."},
		{"a hundred and eighty days", en.Holds(180), "Your choice holds for 180 days; you can change or withdraw it at any time under “Privacy choices”."},
		{"a day", en.Date(day), "4 March 2026"},
		{"a day in German", de.Date(day), "4. März 2026"},
		{"a day in Hebrew", he.Date(day), "4 במרץ 2026"},
		{"a day in Japanese", ja.Date(day), "2026年3月4日"},
		{"a day in Korean", ko.Date(day), "2026년 3월 4일"},
		{"two, which Hebrew counts apart", he.ThirdParties(2), "באישורך, שני צדדים שלישיים יקבלו מידע."},
		{"around a date", before + "|" + behind, "Ihre Entscheidung vom |"},
		{"a country", de.Country("IE"), "Irland"},
		{"a country in simplified script", hans.Country("IE"), "爱尔兰"},
		{"a country in traditional script", hant.Country("IE"), "愛爾蘭"},
		{"no country", de.Country("<b>"), "<b>"},
		{"a kind that was not given", en.Kind(""), "Cookie"},
		{"not found", en.Error(404).Title, "Page not found"},
		{"any fault of the server", en.Error(500).Title, "Something went wrong"},
		{"store down", en.Error(503).Title, "Not available right now"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

// leaves returns every string in w by its path.
func leaves(w *words.Words) map[string]string {
	all := make(map[string]string)
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			all[path] = v.String()
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() && f.Name != "Language" {
					walk(path+"."+f.Name, v.Field(i))
				}
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(path+"."+key.String(), v.MapIndex(key))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path+"."+string(rune('a'+i)), v.Index(i))
			}
		}
	}
	walk("", reflect.ValueOf(*w))
	return all
}

// sorted returns the keys of m in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func mustFor(t *testing.T, lang string) *words.Words {
	t.Helper()
	w, ok := words.For(lang)
	if !ok {
		t.Fatalf("no words in %q", lang)
	}
	return w
}
