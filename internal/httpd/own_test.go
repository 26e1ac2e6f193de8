package httpd_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// decided returns the cookies of a visitor who has just decided twice: everything
// but analytics, and an hour later nothing.
func (k *kit) decided() []*http.Cookie {
	k.t.Helper()
	first := k.decide(encode(k.t, answer(newID(), newID())), "Sec-Fetch-Site", "same-origin")
	k.advance(time.Hour)
	second := answer(newID(), newID())
	second["action"], second["choices"] = "withdraw", map[string]any{"functional": false, "analytics": false, "marketing": false}
	last := k.do(request{method: "POST", path: "/s/shop/choices", body: encode(k.t, second), headers: []string{"Origin", origin}, cookies: first.Cookies()})
	if last.StatusCode != http.StatusCreated || len(last.Cookies()) != 2 {
		k.t.Fatalf("got %s with %d cookies", last.Status, len(last.Cookies()))
	}
	return last.Cookies()
}

// page returns a page in one line, as a browser that bears these cookies gets it.
func (k *kit) page(path string, cookies ...*http.Cookie) string {
	k.t.Helper()
	r := k.do(request{method: "GET", path: path, cookies: cookies, headers: []string{"Sec-Fetch-Site", "same-origin"}})
	if r.StatusCode != http.StatusOK {
		k.t.Fatalf("%s: got %s", path, r.Status)
	}
	return strings.Join(strings.Fields(read(k.t, r)), " ")
}

func TestOwnPage(t *testing.T) {
	k := newKit(t)
	cookies := k.decided()
	text := k.page("/s/shop/preferences?lang=en&return="+origin+"/store", cookies...)
	withdrawn, saved := strings.Index(text, "Withdraw all</b>"), strings.Index(text, "Save choices</b>")
	if withdrawn < 0 || saved < withdrawn {
		t.Errorf("the decisions are at %d and %d, want both, the newest first", withdrawn, saved)
	}
	for _, want := range []string{
		"4 May 2026, 04:02 UTC", "4 May 2026, 03:02 UTC", "Allowed: Functional, Marketing", "Not allowed: Analytics<",
		`href="history?lang=en&amp;before=2#og-r-1"`, `href="choices?download=1"`, `href="choices?download=page&amp;lang=en"`,
		`href="preferences/erase?lang=en&amp;return=https%3A%2F%2Fshop.example%2Fstore"`, `href="receipt?lang=en`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q", want)
		}
	}
	if past := k.page("/s/shop/history?lang=en&before=2"); !strings.Contains(past, `id="og-r-1"`) {
		t.Error("the link of the revision leads nowhere")
	}
	for _, own := range k.own(cookies...) {
		if strings.Contains(text, own.ID) || strings.Contains(text, own.Visitor) {
			t.Error("the page tells an id")
		}
	}
	if stranger := k.page("/s/shop/preferences"); strings.Contains(stranger, "Your records") || !strings.Contains(stranger, "Check a receipt") {
		t.Error("a visitor without records reads of hers, or is not told where receipts are read")
	}
}

func TestOwnPageWithoutStore(t *testing.T) {
	k := newKit(t)
	cookies := k.decided()
	k.store.Fault = func(string) (bool, error) { return false, errors.New("10.0.0.7: down") }
	text := k.page("/s/shop/preferences?lang=en", cookies...)
	if !strings.Contains(text, "Not available right now") || !strings.Contains(text, `value="reject_all"`) {
		t.Errorf("got %s, want the form and that the records cannot be read", text)
	}
	for _, wrong := range []string{"You have not chosen", "could not be saved", "10.0.0.7", "Erase my records"} {
		if strings.Contains(text, wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
}

// An address that asks too often for records can still choose.
func TestOwnPageTooOften(t *testing.T) {
	k := newKit(t)
	cookies := k.decided()
	for range 30 {
		r := k.do(request{method: "GET", path: "/s/shop/preferences?lang=en", cookies: cookies, headers: []string{"X-Forwarded-For", "203.0.113.7"}})
		text := read(t, r)
		if r.StatusCode != http.StatusOK || !strings.Contains(text, `value="reject_all"`) {
			t.Fatalf("got %s, want the form", r.Status)
		}
		if strings.Contains(text, "Too many requests") {
			return
		}
	}
	t.Error("records were read 30 times, want a limit")
}

func TestDownloads(t *testing.T) {
	k := newKit(t)
	cookies := k.decided()
	get := func(path string) (*http.Response, string) {
		r := k.do(request{method: "GET", path: path, cookies: cookies})
		return r, read(t, r)
	}
	_, plain := get("/s/shop/choices")
	r, text := get("/s/shop/choices?download=1")
	if text != plain || r.Header.Get("Content-Disposition") != `attachment; filename="privacy-records-shop.json"` {
		t.Errorf("got %q, %s; want the records as a file", r.Header.Get("Content-Disposition"), text)
	}
	var all struct{ Records []ownRecord }
	if err := json.Unmarshal([]byte(plain), &all); err != nil || len(all.Records) != 2 {
		t.Fatalf("got %s (%v), want two records", plain, err)
	}
	r, text = get("/s/shop/choices?download=page&lang=de")
	if r.Header.Get("Content-Disposition") != `attachment; filename="privacy-records-shop.html"` || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v, want a file that nobody keeps", r.Header)
	}
	for _, want := range []string{`lang="de"`, "Ihre Einträge", "Erlaubt: Funktional", all.Records[0].Receipt, all.Records[1].Receipt, `href="data:text/css;base64,`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %.60q", want)
		}
	}
	if strings.Contains(text, all.Records[0].Visitor) || strings.Contains(text, `href="static`) || strings.Contains(text, `href="history`) {
		t.Error("the page names the visitor's id, or needs the server")
	}
	foreign := k.do(request{method: "GET", path: "/s/shop/choices?download=1", cookies: cookies, headers: []string{"Sec-Fetch-Site", "cross-site"}})
	if foreign.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page: got %s, want 403", foreign.Status)
	}
}

func TestErasePage(t *testing.T) {
	k := newKit(t)
	cookies := k.decided()
	const address = "/s/shop/preferences/erase?lang=de&return=" + origin + "/store"
	question := k.page(address, cookies...)
	if !strings.Contains(question, `action="erase?lang=de&amp;return=https%3A%2F%2Fshop.example%2Fstore"`) || !strings.Contains(question, `"../static/panel/page.`) {
		t.Errorf("got %s, want the form and its style", question)
	}
	if k.stored() != 2 {
		t.Fatal("asking erased")
	}
	post := func(headers ...string) *http.Response {
		return k.do(request{method: "POST", path: address, cookies: cookies, headers: append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)})
	}
	if r := post("Origin", "https://evil.example"); r.StatusCode != http.StatusForbidden || k.stored() != 2 {
		t.Fatalf("from elsewhere: got %s and %d records, want 403 and both", r.Status, k.stored())
	}
	k.store.Fault = func(string) (bool, error) { return false, errors.New("down") }
	if r := post("Origin", "http://example.com"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(read(t, r), `role="alert"`) || len(r.Cookies()) > 0 {
		t.Errorf("store down: got %s with cookies %v, want 503, the page, and none", r.Status, r.Cookies())
	}
	k.store.Fault = nil
	done := post("Origin", "http://example.com", "Sec-Fetch-Site", "same-origin")
	const back = "../preferences?erased=2&lang=de&return=https%3A%2F%2Fshop.example%2Fstore"
	if done.StatusCode != http.StatusSeeOther || done.Header.Get("Location") != back {
		t.Fatalf("got %s to %q, want 303 to %q", done.Status, done.Header.Get("Location"), back)
	}
	for _, name := range []string{"og", "og_id"} {
		if c := cookie(done, name); c == nil || c.MaxAge >= 0 {
			t.Errorf("the cookie %s stays: %v", name, c)
		}
	}
	entries, _, err := k.store.Inner.Scan(t.Context(), "shop", "", 10)
	if err != nil || len(entries) != 3 || entries[2].Erasure == nil || entries[2].Erasure.Reason != optgate.ErasedByVisitor || k.stored() != 0 {
		t.Errorf("got %+v (%v), want two tombstones and the note of an erasure by the visitor", entries, err)
	}
	text := k.page("/s/shop/preferences?erased=2&lang=de", cookies...)
	if !strings.Contains(text, "Gelöschte Einträge: 2.") || !strings.Contains(text, "Es bleiben Zählungen") || strings.Contains(text, "Ihre Einträge") {
		t.Errorf("got %s, want what was erased and what stays", text)
	}
}
