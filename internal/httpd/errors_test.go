package httpd_test

import (
	"strings"
	"testing"
)

// An error page belongs to no site, so that any language is on offer.
func TestErrorPagesSpeakTheVisitorsLanguage(t *testing.T) {
	k := newKit(t)
	for _, tt := range []struct{ name, accept, lang string }{
		{"none named", "", "en"},
		{"one that is not spoken", "az", "en"},
		{"Taiwan", "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"},
		{"China", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
		{"the former code of Hebrew", "iw", "he"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.do(request{method: "GET", path: "/s/nosuch/gate.js", headers: []string{"Accept", "text/html", "Accept-Language", tt.accept}})
			if text := read(t, r); !strings.Contains(text, `<html lang="`+tt.lang+`"`) {
				t.Errorf("got %s, want a page in %s", text, tt.lang)
			}
		})
	}
}
