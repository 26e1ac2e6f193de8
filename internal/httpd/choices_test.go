package httpd_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/optgate/optgate/internal/optgate"
)

func TestPostChoices(t *testing.T) {
	k := newKit(t)
	id, visitor := newID(), newID()
	body := encode(t, answer(id, visitor))

	first := k.decide(body)
	if first.StatusCode != http.StatusCreated {
		t.Fatalf("first: got %s %s, want 201", first.Status, read(t, first))
	}
	text := read(t, first)
	var got struct {
		ID, Receipt string
		Expires     time.Time
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if want := k.clock().AddDate(0, 0, optgate.DefaultChoiceDays); got.ID != id || !got.Expires.Equal(want) || strings.Count(got.Receipt, ".") != 2 {
		t.Errorf("got %+v, want id %s, expires %s and a compact JWS", got, id, want)
	}

	k.advance(time.Minute)
	again := k.decide(body)
	if again.StatusCode != http.StatusOK || read(t, again) != text {
		t.Errorf("again: got %s, want 200 and the same answer", again.Status)
	}
	other := answer(id, visitor)
	other["choices"] = map[string]any{"functional": false, "analytics": false, "marketing": true}
	if r := k.decide(encode(t, other)); r.StatusCode != http.StatusConflict {
		t.Errorf("another answer under the same id: got %s, want 409", r.Status)
	}
	if n := k.stored(); n != 1 {
		t.Errorf("%d records are stored, want 1", n)
	}
}

func TestPostChoicesSetsCookies(t *testing.T) {
	k := newKit(t)
	r := k.decide(encode(t, answer(newID(), newID())))
	var raw string
	for _, h := range r.Header.Values("Set-Cookie") {
		if strings.HasPrefix(h, "og=") {
			raw = h
		}
	}
	const want = "og=1.1.1777863721.analytics:0,functional:1,marketing:1; Path=/; Max-Age=15552000; SameSite=Lax"
	if raw != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	if c := cookie(r, "og_id"); c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure {
		t.Errorf("og_id = %v, want HttpOnly, Lax, for all paths, not Secure over http", c)
	}
	over := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-Proto", "https")
	if c := cookie(over, "og"); c == nil || !c.Secure {
		t.Errorf("over https og = %v, want Secure", c)
	}
	far := k.decide(encode(t, answer(newID(), newID())), "Sec-Fetch-Site", "cross-site")
	if n := len(far.Cookies()); n != 0 {
		t.Errorf("for a page on another site %d cookies are set, want none", n)
	}
}

// Each row changes a valid decision; nothing may be written.
func TestPostChoicesRefuses(t *testing.T) {
	set := func(field string, v any) func(map[string]any) {
		return func(d map[string]any) { d[field] = v }
	}
	drop := func(field string) func(map[string]any) {
		return func(d map[string]any) { delete(d, field) }
	}
	for _, tt := range []struct {
		name   string
		change func(map[string]any)
		status int
		field  string
	}{
		{"id missing", drop("id"), 422, "id"},
		{"id of the wrong type", set("id", 7), 400, "id"},
		{"id too long", set("id", strings.Repeat("0", 27)), 422, "id"},
		{"id in small letters", set("id", strings.ToLower(newID())), 422, "id"},
		{"visitor missing", drop("visitor"), 422, "visitor"},
		{"visitor of the wrong type", set("visitor", []string{}), 400, "visitor"},
		{"visitor unknown characters", set("visitor", strings.Repeat("U", 26)), 422, "visitor"},
		{"revision missing", drop("revision"), 422, "revision"},
		{"revision of the wrong type", set("revision", "1"), 400, "revision"},
		{"revision with a fraction", set("revision", 1.5), 400, "revision"},
		{"revision negative", set("revision", -1), 422, "revision"},
		{"revision too large", set("revision", json.Number("1e300")), 400, "revision"},
		{"revision unknown", set("revision", 99), 422, "revision"},
		{"language missing", drop("language"), 422, "language"},
		{"language of the wrong type", set("language", false), 400, "language"},
		{"language too long", set("language", strings.Repeat("e", 100)), 422, "language"},
		{"language not on offer", set("language", "fr"), 422, "language"},
		{"action missing", drop("action"), 422, "action"},
		{"action of the wrong type", set("action", 1), 400, "action"},
		{"action unknown", set("action", "shrug"), 422, "action"},
		{"action that the choices contradict", set("action", "reject_all"), 422, "choices.functional"},
		{"source missing", drop("source"), 422, "source"},
		{"source of the wrong type", set("source", map[string]any{}), 400, "source"},
		{"source unknown", set("source", "rumour"), 422, "source"},
		{"choices missing", drop("choices"), 422, "choices"},
		{"choices null", set("choices", nil), 422, "choices"},
		{"choices of the wrong type", set("choices", []bool{true}), 400, "choices"},
		{"choice of the wrong type", set("choices", map[string]any{"functional": "yes"}), 400, "choices"},
		{"category missing", set("choices", map[string]any{"functional": true, "analytics": true}), 422, "choices.marketing"},
		{"category unknown", set("choices", map[string]any{"functional": true, "analytics": false, "marketing": true, "magic": true}), 422, "choices"},
		{"essential refused", set("choices", map[string]any{"essential": false, "functional": true, "analytics": false, "marketing": true}), 422, "choices"},
		{"nested too deep", set("choices", map[string]any{"functional": map[string]any{"a": true}}), 400, "choices"},
		{"unknown field", set("referrer", "https://elsewhere.example"), 400, "referrer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			d := answer(newID(), newID())
			tt.change(d)
			r := k.decide(encode(t, d))
			k.wantProblem(r, tt.status, tt.field)
		})
	}
}

func TestPostChoicesRefusesBody(t *testing.T) {
	valid := encode(t, answer(newID(), newID()))
	for _, tt := range []struct {
		name, body string
		status     int
		field      string
	}{
		{"empty", "", 400, "body"},
		{"not JSON", "id=1", 400, "body"},
		{"truncated", valid[:len(valid)-1], 400, "body"},
		{"goes on", valid + "{}", 400, "body"},
		{"an array", "[" + valid + "]", 400, "body"},
		{"null", "null", 422, "id"},
		{"not UTF-8", strings.Replace(valid, "banner", "bann\xff", 1), 400, "body"},
		{"key twice", `{"id":"x",` + valid[1:], 400, "id"},
		{"category twice", strings.Replace(valid, `"functional":true`, `"functional":true,"functional":false`, 1), 400, "functional"},
		{"key in capitals", strings.Replace(valid, `"visitor"`, `"Visitor"`, 1), 400, "Visitor"},
		{"key with a long s", strings.Replace(valid, `"visitor"`, `"viſitor"`, 1), 400, "viſitor"},
		{"key twice, once with a long s", `{"choiceſ":{"analytics":true},` + valid[1:], 400, "choiceſ"},
		{"deeply nested", strings.Repeat("[", 4000), 400, "body"},
		{"too large", `{"id":"` + strings.Repeat("0", 9000) + `"}`, 413, "body"},
		{"too large by blanks", valid + strings.Repeat(" ", 9000), 413, "body"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			k.wantProblem(k.decide(tt.body), tt.status, tt.field)
		})
	}
}

// wantProblem checks that the answer is a problem of that status which names
// the field, and that nothing was written.
func (k *kit) wantProblem(r *http.Response, status int, field string) {
	k.t.Helper()
	text := read(k.t, r)
	var p struct {
		Status int
		Errors []struct{ Field string }
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		k.t.Fatalf("got %s %q, which is no problem details: %v", r.Status, text, err)
	}
	if r.StatusCode != status || p.Status != status || r.Header.Get("Content-Type") != "application/problem+json" || r.Header.Get("X-Optgate") == "" {
		k.t.Errorf("got %s %s, want %d as problem details with a reason in X-Optgate", r.Status, text, status)
	}
	named := field == ""
	for _, e := range p.Errors {
		named = named || e.Field == field
	}
	if !named {
		k.t.Errorf("got %s, which does not name %s", text, field)
	}
	if n := k.stored(); n != 0 {
		k.t.Errorf("%d records were written, want none", n)
	}
	if len(r.Cookies()) != 0 {
		k.t.Errorf("cookies were set: %v", r.Cookies())
	}
}

func TestPostChoicesOrigin(t *testing.T) {
	body := encode(t, answer(newID(), newID()))
	for _, tt := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"the site's", []string{"Origin", origin}, 201},
		{"the site's other", []string{"Origin", "http://localhost:3000"}, 201},
		{"no browser", nil, 201},
		{"the server's own", []string{"Origin", "http://example.com"}, 201},
		{"the server's own, behind a proxy that ends https", []string{"Origin", "https://example.com"}, 201},
		{"the server's own without https, though it has it", []string{"Origin", "http://example.com", "X-Forwarded-Proto", "https"}, 403},
		{"the server's host, no page of the web", []string{"Origin", "javascript://example.com"}, 403},
		{"foreign", []string{"Origin", "https://evil.example"}, 403},
		{"foreign that begins alike", []string{"Origin", origin + ".evil.example"}, 403},
		{"other scheme", []string{"Origin", "http://shop.example"}, 403},
		{"opaque", []string{"Origin", "null"}, 403},
		{"foreign without name", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			r := k.do(request{method: "POST", path: "/s/shop/choices", body: body, headers: append(tt.headers, "Content-Type", "text/plain")})
			if r.StatusCode != tt.status {
				t.Fatalf("got %s %s, want %d", r.Status, read(t, r), tt.status)
			}
			if tt.status == 403 {
				k.wantProblem(r, 403, "")
			}
		})
	}
}

func TestPostChoicesOldRevision(t *testing.T) {
	k := newKit(t)
	next := shop()
	next.Categories[3].Off = true
	k.publish(next)
	if r := k.decide(encode(t, answer(newID(), newID()))); r.StatusCode != http.StatusCreated {
		t.Errorf("revision 1 after 2 was published: got %s %s, want 201: it is what was shown", r.Status, read(t, r))
	}
	d := answer(newID(), newID())
	d["revision"] = 2
	if r := k.decide(encode(t, d)); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a category that is off in revision 2: got %s, want 422", r.Status)
	}
}

func TestPostChoicesContentType(t *testing.T) {
	k := newKit(t)
	r := k.do(request{method: "POST", path: "/s/shop/choices", body: "a=b", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}})
	k.wantProblem(r, http.StatusUnsupportedMediaType, "Content-Type")
}

func TestPostChoicesTooMany(t *testing.T) {
	k := newKit(t)
	last := 0
	for range 30 {
		last = k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "203.0.113.7").StatusCode
		if last != http.StatusCreated {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Fatalf("30 decisions from one address: the last answer is %d, want 429", last)
	}
	r := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "203.0.113.7")
	if r.Header.Get("Retry-After") == "" || r.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("429 lacks Retry-After or cannot be read by the page: %v", r.Header)
	}
	if r := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "203.0.113.8"); r.StatusCode != http.StatusCreated {
		t.Errorf("another address: got %s, want 201", r.Status)
	}
}

// The last 64 bits of an IPv6 address are its client's to choose.
func TestPostChoicesTooManyOfANetwork(t *testing.T) {
	k := newKit(t)
	last := 0
	for i := range 30 {
		from := fmt.Sprintf("2001:db8:1:2::%x", i+1)
		if last = k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", from).StatusCode; last != http.StatusCreated {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("30 decisions from addresses of one network: the last answer is %d, want 429", last)
	}
	if r := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "2001:db8:1:3::1"); r.StatusCode != http.StatusCreated {
		t.Errorf("another network: got %s, want 201", r.Status)
	}
}

// A visitor can have any number of records, and each answer signs them all.
func TestOwnRecordsTooMany(t *testing.T) {
	for _, method := range []string{"GET", "DELETE"} {
		k := newKit(t)
		last := 0
		for range 30 {
			last = k.do(request{method: method, path: "/s/shop/choices", headers: []string{"X-Forwarded-For", "203.0.113.7"}}).StatusCode
			if last != http.StatusOK {
				break
			}
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("30 of %s from one address: the last answer is %d, want 429", method, last)
		}
		if r := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "203.0.113.7"); r.StatusCode != http.StatusCreated {
			t.Errorf("a decision after that: got %s, want 201", r.Status)
		}
	}
}

// A reply can be lost after the write, and a write can fail: the browser then
// asks again with the same id.
func TestPostChoicesStoreFails(t *testing.T) {
	for _, applied := range []bool{false, true} {
		k := newKit(t)
		body := encode(t, answer(newID(), newID()))
		k.store.Fault = func(string) (bool, error) { return applied, errors.New("10.0.0.7: connection reset") }
		r := k.decide(body)
		text := read(t, r)
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("applied %v: got %s, want 503 with Retry-After", applied, r.Status)
		}
		if strings.Contains(text, "10.0.0.7") {
			t.Errorf("the store's error is told to the visitor: %s", text)
		}
		k.store.Fault = nil
		if r := k.decide(body); r.StatusCode/100 != 2 {
			t.Errorf("applied %v: the retry got %s, want 2xx", applied, r.Status)
		}
		if n := k.stored(); n != 1 {
			t.Errorf("applied %v: %d records, want 1", applied, n)
		}
	}
}

// A receipt names the link of its record, and a retry gets the same receipt.
func TestReceiptNamesTheLink(t *testing.T) {
	k := newKit(t)
	body := encode(t, answer(newID(), newID()))
	first, again := read(t, k.decide(body)), read(t, k.decide(body))
	if first != again {
		t.Errorf("the retry got %s, want %s", again, first)
	}
	var got struct{ Receipt string }
	if err := json.Unmarshal([]byte(first), &got); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(got.Receipt, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var link optgate.Link
	if err := json.Unmarshal(payload, &link); err != nil {
		t.Fatal(err)
	}
	e, err := k.store.EntryAt(t.Context(), optgate.Place{Site: "shop", Partition: link.Partition, Seq: link.Seq})
	if err != nil || e.Link != link || e.Record == nil || link.Seq != 1 {
		t.Errorf("the receipt names %+v, where there is %+v, %v", link, e, err)
	}
}

func TestOwnRecords(t *testing.T) {
	k := newKit(t)
	first := k.decide(encode(t, answer(newID(), newID())))
	id := cookie(first, "og_id")
	// The second decision comes with a fresh id from the browser: the cookie wins.
	second := k.do(request{method: "POST", path: "/s/shop/choices", body: encode(t, answer(newID(), newID())), headers: []string{"Origin", origin}, cookies: []*http.Cookie{id}})
	if second.StatusCode != http.StatusCreated {
		t.Fatalf("got %s", second.Status)
	}
	own := k.own(id)
	if len(own) != 2 || own[0].Receipt == "" || own[0].Visitor != own[1].Visitor {
		t.Fatalf("got %+v, want both records of one visitor, with receipts", own)
	}
	erased := k.do(request{method: "DELETE", path: "/s/shop/choices", headers: []string{"Origin", origin}, cookies: []*http.Cookie{id}})
	if text := read(t, erased); text != `{"erased":2}` {
		t.Errorf("got %s, want both erased", text)
	}
	for _, name := range []string{"og", "og_id"} {
		if c := cookie(erased, name); c == nil || c.MaxAge >= 0 {
			t.Errorf("the cookie %s stays: %v", name, c)
		}
	}
	if own := k.own(id); len(own) != 0 || k.stored() != 0 {
		t.Errorf("after the erasure: %+v", own)
	}
}

// own returns the records that the bearer of a cookie gets.
func (k *kit) own(cookies ...*http.Cookie) []ownRecord {
	k.t.Helper()
	r := k.do(request{method: "GET", path: "/s/shop/choices", cookies: cookies})
	var got struct{ Records []ownRecord }
	if text := read(k.t, r); json.Unmarshal([]byte(text), &got) != nil || got.Records == nil {
		k.t.Fatalf("got %s %s", r.Status, text)
	}
	return got.Records
}

type ownRecord struct{ ID, Visitor, Receipt string }

func TestVisitorHeader(t *testing.T) {
	k := newKit(t)
	visitor := newID()
	k.decide(encode(t, answer(newID(), visitor)), "Sec-Fetch-Site", "cross-site")
	for _, tt := range []struct {
		name    string
		headers []string
		status  int
		records string
	}{
		{"from a page of the site", []string{"Origin", origin, "Optgate-Visitor", visitor}, 200, visitor},
		{"another visitor", []string{"Origin", origin, "Optgate-Visitor", newID()}, 200, `"records":[]`},
		{"no name", []string{"Origin", origin}, 200, `"records":[]`},
		{"from elsewhere", []string{"Origin", "https://evil.example", "Optgate-Visitor", visitor}, 403, ""},
		{"from nowhere", []string{"Optgate-Visitor", visitor}, 403, ""},
		{"malformed", []string{"Origin", origin, "Optgate-Visitor", "x'; DROP"}, 400, "Optgate-Visitor"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.do(request{method: "GET", path: "/s/shop/choices", headers: tt.headers})
			if text := read(t, r); r.StatusCode != tt.status || !strings.Contains(text, tt.records) {
				t.Errorf("got %s %s, want %d with %s", r.Status, text, tt.status, tt.records)
			}
		})
	}
}

// Cookies that prove nothing: the bearer has no records, and can still decide.
func TestForgedVisitorCookie(t *testing.T) {
	k := newKit(t)
	good := cookie(k.decide(encode(t, answer(newID(), newID()))), "og_id")
	foreign := securecookie.New(securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32))
	forged, err := foreign.Encode("og_id", map[string]string{"s": "shop", "v": newID()})
	if err != nil {
		t.Fatal(err)
	}
	otherSite, err := k.keys.Codecs()[0].Encode("og_id", map[string]string{"s": "blog", "v": newID()})
	if err != nil {
		t.Fatal(err)
	}
	otherName, err := k.keys.Codecs()[0].Encode("og_admin", map[string]string{"s": "shop", "v": newID()})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value string }{
		{"forged", forged},
		{"truncated", good.Value[:len(good.Value)-4]},
		{"changed", "A" + good.Value[1:]},
		{"empty", ""},
		{"another site's", otherSite},
		{"another cookie's", otherName},
		{"a bare id", newID()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &http.Cookie{Name: "og_id", Value: tt.value}
			if own := k.own(c); len(own) != 0 {
				t.Errorf("got %+v, want none", own)
			}
			if own := k.own(c, good); len(own) != 1 {
				t.Errorf("beside the right one: got %+v, want its record", own)
			}
			r := k.do(request{method: "POST", path: "/s/shop/choices", body: encode(t, answer(newID(), newID())), cookies: []*http.Cookie{c}})
			if r.StatusCode != http.StatusCreated {
				t.Errorf("got %s, want 201", r.Status)
			}
		})
	}
}

func TestVisitorCookieSurvivesRotation(t *testing.T) {
	k := newKit(t)
	id := cookie(k.decide(encode(t, answer(newID(), newID()))), "og_id")
	if err := k.keys.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if own := k.own(id); len(own) != 1 {
		t.Errorf("after a rotation: got %+v, want the record", own)
	}
	for range 8 { // as many as the ring holds
		if err := k.keys.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if own := k.own(id); len(own) != 0 {
		t.Errorf("a cookie of a key that is gone still opens: %+v", own)
	}
}

func TestNothingPersonalIsLogged(t *testing.T) {
	k := newKit(t)
	id, visitor := newID(), newID()
	k.decide(encode(t, answer(id, visitor)), "X-Forwarded-For", "203.0.113.9", "User-Agent", "Curious/1.0")
	k.store.Fault = func(string) (bool, error) { return false, errors.New("down") }
	k.decide(encode(t, answer(id, visitor)), "X-Forwarded-For", "203.0.113.9", "User-Agent", "Curious/1.0")
	logs := k.logs.String()
	if !strings.Contains(logs, "request failed") || !strings.Contains(logs, "request answered") {
		t.Fatalf("the requests are not in the log: %s", logs)
	}
	for _, secret := range []string{id, visitor, "203.0.113.9", "127.0.0.1", "Curious"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
