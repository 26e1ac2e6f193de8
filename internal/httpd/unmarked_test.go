package httpd_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// report posts what the gate found in a page of the site.
func (k *kit) report(body string, headers ...string) *http.Response {
	k.t.Helper()
	return k.do(request{
		method: "POST", path: "/s/shop/unmarked", body: body,
		headers: append([]string{"Origin", origin, "Content-Type", "text/plain;charset=UTF-8"}, headers...),
	})
}

// unmarked returns what is kept of the site's unmarked tags, as "host path first last".
func (k *kit) unmarked() []string {
	k.t.Helper()
	tags, err := k.store.Inner.Unmarked(k.t.Context(), "shop")
	if err != nil {
		k.t.Fatal(err)
	}
	var all []string
	for _, t := range tags {
		all = append(all, strings.Join([]string{t.Kind, t.Host, t.Path, t.First, t.Last}, " "))
	}
	return all
}

const hotjar = `[["script","https://static.hotjar.com/c/hotjar-1.js?mail=a@b.example#x","analytics"]]`

// holding is a kit whose site holds what is known.
func holding(t *testing.T) *kit {
	k := newKit(t)
	c := shop()
	c.Hold = optgate.HoldKnown
	k.publish(c)
	return k
}

func TestPostUnmarked(t *testing.T) {
	k := holding(t)
	writes := 0
	k.store.Fault = func(op string) (bool, error) {
		if op == "SawUnmarked" {
			writes++
		}
		return true, nil
	}
	for range 3 {
		r := k.report(hotjar)
		if r.StatusCode != http.StatusNoContent || r.Header.Get("Access-Control-Allow-Origin") != origin {
			t.Fatalf("got %s for %q, want 204, readable by the site", r.Status, r.Header.Get("Access-Control-Allow-Origin"))
		}
		if len(r.Cookies()) > 0 {
			t.Errorf("got cookies %v, want none", r.Cookies())
		}
	}
	if writes != 1 {
		t.Errorf("got %d writes of the same report, want 1 a day", writes)
	}
	k.advance(24 * time.Hour)
	k.report(hotjar)
	// What the policy of the site is not about is not kept: a report can be made up.
	k.report(`[["img","https://made-up.example/"],["img","https://shop.example/"],["img","/own.gif"]]`)
	k.report(`[]`)
	k.report(`[["img","//ct.pinterest.com:444/v3/` + strings.Repeat("a", 300) + `"]]`)
	if got, want := k.unmarked(), []string{
		"img ct.pinterest.com:444 /v3/" + strings.Repeat("a", 196) + " 2026-05-05 2026-05-05",
		"script static.hotjar.com /c/hotjar-1.js 2026-05-04 2026-05-05",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPostUnmarkedRefuses(t *testing.T) {
	k := holding(t)
	for _, tt := range []struct {
		name, body string
		headers    []string
		status     int
		says       string
	}{
		{"another site's page", hotjar, []string{"Origin", "https://evil.example"}, http.StatusForbidden, "origin"},
		{"too large", `[]` + strings.Repeat(" ", 4<<10), nil, http.StatusRequestEntityTooLarge, "4 KiB"},
		{"too many", `[` + strings.Repeat(`[],`, 50) + `[]]`, nil, http.StatusUnprocessableEntity, "more than 50"},
		{"not JSON", "tags", nil, http.StatusBadRequest, "no list"},
		{"something else", `{"tags":[]}`, nil, http.StatusBadRequest, "no list"},
		{"no address", `[["img"]]`, nil, http.StatusUnprocessableEntity, "[0]"},
		{"no address of the network", `[["img","https://static.hotjar.com/"],["img","data:,"]]`, nil, http.StatusUnprocessableEntity, "[1]"},
		{"markup", `[["<b>","https://static.hotjar.com/"]]`, nil, http.StatusUnprocessableEntity, "name of an element"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Origin", origin, "Content-Type", "text/plain"}
			if tt.headers != nil {
				headers = tt.headers
			}
			r := k.do(request{method: "POST", path: "/s/shop/unmarked", body: tt.body, headers: headers})
			if text := read(t, r); r.StatusCode != tt.status || !strings.Contains(text, tt.says) {
				t.Errorf("got %s %s, want %d about %q", r.Status, text, tt.status, tt.says)
			}
		})
	}
	if got := k.unmarked(); len(got) != 0 {
		t.Errorf("got %q kept, want nothing", got)
	}
}

// A site that holds nothing has nothing to mark; and a store that is down loses
// nothing, as the next page view says the same.
func TestPostUnmarkedWithoutHoldOrStore(t *testing.T) {
	k := newKit(t)
	if r := k.report(hotjar); r.StatusCode != http.StatusNoContent || len(k.unmarked()) != 0 {
		t.Errorf("got %s and %q kept, want 204 and nothing", r.Status, k.unmarked())
	}
	k = holding(t)
	k.store.Fault = func(string) (bool, error) { return false, errors.New("down") }
	if r := k.report(hotjar); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without the store: got %s, want 503", r.Status)
	}
	k.store.Fault = nil
	k.report(hotjar)
	if got := k.unmarked(); len(got) != 1 {
		t.Errorf("got %q after the store came back, want the tag", got)
	}
}

// Reports have a limit of their own: they take nothing from decisions.
func TestUnmarkedIsLimited(t *testing.T) {
	k := holding(t)
	from := []string{"X-Forwarded-For", "203.0.113.7"}
	limited := false
	for range 30 {
		limited = limited || k.report(hotjar, from...).StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("got no limit in 30 reports at once")
	}
	d := answer(newID(), newID())
	d["revision"] = 2
	if r := k.decide(encode(t, d), from...); r.StatusCode != http.StatusCreated {
		t.Errorf("got %s for a decision after them, want 201", r.Status)
	}
}
