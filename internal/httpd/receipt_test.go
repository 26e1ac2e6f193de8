package httpd_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// check pastes a receipt into the form of a site.
func (k *kit) check(site, receipt string, headers ...string) *http.Response {
	k.t.Helper()
	return k.do(request{
		method: "POST", path: "/s/" + site + "/receipt?lang=en", body: url.Values{"receipt": {receipt}}.Encode(),
		headers: append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://example.com"}, headers...),
	})
}

func TestReceiptPage(t *testing.T) {
	k := newKit(t)
	other := shop()
	other.Site, other.Cookie.Name = "other", "og_other"
	k.publish(other)
	cookies := k.decided()
	own := k.own(cookies...)
	genuine := own[0].Receipt
	head, signature := genuine[:strings.LastIndex(genuine, ".")], genuine[strings.LastIndex(genuine, "."):]
	const held, gone, forged = "The record is still in the ledger", "has been erased since", "not a receipt of this site"
	for _, tt := range []struct {
		name, site, receipt string
		want                []string
		not                 []string
	}{
		{"genuine", "shop", genuine, []string{
			"signature is good", held, "4 May 2026, 03:02 UTC", "Save choices", "Allowed: Functional, Marketing", "Not allowed: Analytics", "Revision 1",
		}, []string{forged, own[0].ID, own[0].Visitor, "Withdraw all"}},
		{"in lines", "shop", "\r\n  " + genuine[:60] + "\r\n" + genuine[60:] + " \r\n", []string{held}, nil},
		{"of another site", "other", genuine, []string{"belongs to another site: shop"}, []string{held, "Allowed:", forged}},
		{"altered", "shop", head[:len(head)-2] + "AA" + signature, []string{forged}, []string{"Allowed:", "signature is good"}},
		{"another signature", "shop", head + own[1].Receipt[strings.LastIndex(own[1].Receipt, "."):], []string{forged}, []string{"signature is good"}},
		{"no receipt", "shop", "<script>alert(1)</script>", []string{forged, "&lt;script&gt;"}, []string{"<script"}},
		{"nothing", "shop", "", []string{forged}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) { k.wantReceipt(k.check(tt.site, tt.receipt), tt.want, tt.not) })
	}
	if form := k.page("/s/shop/receipt?lang=en"); !strings.Contains(form, "<textarea") || strings.Contains(form, forged) {
		t.Errorf("got %s, want an empty form", form)
	}
	down := func(string) (bool, error) { return false, errors.New("down") }
	k.store.Fault = down
	r := k.check("shop", genuine)
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("store down: got %s, want 503", r.Status)
	}
	k.wantReceipt(r, []string{"signature is good", "Not available right now", "Allowed: Functional"}, []string{held, gone})
	k.store.Fault = nil
	k.do(request{method: "DELETE", path: "/s/shop/choices", headers: []string{"Origin", origin}, cookies: cookies})
	k.wantReceipt(k.check("shop", genuine), []string{"signature is good", gone}, []string{held})
}

// A ledger that was set back to an older copy does not hold what it promised.
func TestReceiptOfALostRecord(t *testing.T) {
	k, lost := newKit(t), newKit(t)
	own := k.own(k.decided()...)[0]
	k.store.Inner = lost.store.Inner
	missing := func() {
		t.Helper()
		k.wantReceipt(k.check("shop", own.Receipt), []string{"signature is good", "The ledger does not hold"}, []string{"still in the ledger"})
	}
	missing()
	// What the same visitor did instead takes the record's place.
	lost.decide(encode(t, answer(newID(), own.Visitor)))
	missing()
}

// wantReceipt checks what a page says and does not say.
func (k *kit) wantReceipt(r *http.Response, want, not []string) {
	k.t.Helper()
	text := strings.Join(strings.Fields(read(k.t, r)), " ")
	text, _, _ = strings.Cut(text, "<footer>")
	for _, w := range want {
		if !strings.Contains(text, w) {
			k.t.Errorf("got no %q in %s", w, text)
		}
	}
	for _, w := range not {
		if strings.Contains(text, w) {
			k.t.Errorf("got %q in %s", w, text)
		}
	}
}

func TestReceiptPageRefuses(t *testing.T) {
	k := newKit(t)
	if r := k.check("shop", strings.Repeat("x", 17<<10)); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("17 KiB: got %s, want 413", r.Status)
	}
	if r := k.check("nosuch", "x"); r.StatusCode != http.StatusNotFound {
		t.Errorf("no such site: got %s, want 404", r.Status)
	}
	last := 0
	for range 30 {
		if last = k.check("shop", "x", "X-Forwarded-For", "203.0.113.7").StatusCode; last != http.StatusOK {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("30 from one address: the last answer is %d, want 429", last)
	}
}
