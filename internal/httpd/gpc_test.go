package httpd_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// gpcForm sends the form with an action and headers, which are pairs.
func (k *kit) gpcForm(action string, cookies []*http.Cookie, headers ...string) *http.Response {
	return k.do(request{
		method: "POST", path: "/s/shop/preferences", cookies: cookies,
		body:    "id=" + newID() + "&revision=1&language=en&og-marketing=on&action=" + action,
		headers: append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...),
	})
}

// Accepting all by the form leaves off what the browser's signal is about, which
// is "1" and nothing else.
func TestGlobalPrivacyControlInTheForm(t *testing.T) {
	tests := []struct {
		name, action string
		headers      []string
		recorded     optgate.Action
		marketing    bool
	}{
		{"signal", "accept_all", []string{"Sec-GPC", "1"}, optgate.Save, false},
		{"one of several", "accept_all", []string{"Sec-GPC", "0", "Sec-GPC", "1", "Sec-GPC", "1"}, optgate.Save, false},
		{"no signal", "accept_all", nil, optgate.AcceptAll, true},
		{"zero", "accept_all", []string{"Sec-GPC", "0"}, optgate.AcceptAll, true},
		{"a word", "accept_all", []string{"Sec-GPC", "true"}, optgate.AcceptAll, true},
		{"a list", "accept_all", []string{"Sec-GPC", "1, 1"}, optgate.AcceptAll, true},
		{"her own switch", "save", []string{"Sec-GPC", "1"}, optgate.Save, true},
		{"reject", "reject_all", []string{"Sec-GPC", "1"}, optgate.RejectAll, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			if r := k.gpcForm(tt.action, nil, tt.headers...); r.StatusCode != http.StatusSeeOther {
				t.Fatalf("got %s: %s", r.Status, read(t, r))
			}
			got := k.records()[0]
			if got.Action != tt.recorded || got.Choices["marketing"] != tt.marketing || got.Choices["functional"] != (tt.action == "accept_all") {
				t.Errorf("got %s with %v, want %s with marketing %v", got.Action, got.Choices, tt.recorded, tt.marketing)
			}
		})
	}
}

// What she allowed by name stays allowed when she accepts the rest, too.
func TestGlobalPrivacyControlKeepsAnOwnYes(t *testing.T) {
	k := newKit(t)
	first := k.gpcForm("save", nil, "Sec-GPC", "1")
	k.advance(time.Second)
	k.gpcForm("accept_all", []*http.Cookie{cookie(first, "og_id")}, "Sec-GPC", "1")
	got := k.records()[1]
	if got.Action != optgate.Save || !got.Choices["marketing"] || !got.Choices["functional"] {
		t.Errorf("got %s with %v, want save with everything", got.Action, got.Choices)
	}
}

// A site may be told to ignore the signal; the form says whether it is honoured.
func TestGlobalPrivacyControlIsSaid(t *testing.T) {
	const words, hidden = "Global Privacy Control", "data-og-gpc hidden"
	k := newKit(t)
	get := func(headers ...string) string {
		r := k.do(request{method: "GET", path: "/s/shop/preferences", headers: headers})
		if vary := r.Header.Get("Vary"); !strings.Contains(vary, "Sec-GPC") {
			t.Errorf("got Vary %q, want Sec-GPC in it", vary)
		}
		return read(t, r)
	}
	if page := get("Sec-GPC", "1"); !strings.Contains(page, words) || strings.Contains(page, hidden) {
		t.Errorf("with the signal: got %s, want it said", page)
	}
	if page := get(); !strings.Contains(page, hidden) {
		t.Errorf("without the signal: got %s, want it hidden", page)
	}
	c := shop()
	c.GPC.Off = true
	k.publish(c)
	if page := get("Sec-GPC", "1"); strings.Contains(page, words) {
		t.Errorf("switched off: got %s, want no word of it", page)
	}
	if doc := read(t, k.do(request{method: "GET", path: "/.well-known/gpc.json"})); !strings.Contains(doc, `{"gpc":false,"lastUpdate":"`) {
		t.Errorf("switched off on the only site: got %s, want false", doc)
	}
}
