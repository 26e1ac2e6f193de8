package httpd_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

func TestRecordsByAPI(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Owner, optgate.SeeRecords)
	weak := k.apiToken("bob", optgate.Owner, optgate.SeeSites)
	const path = "/api/v1/sites/shop/records"
	for name, tt := range map[string]struct {
		path, token string
		want        int
	}{
		"no token":          {path, "", http.StatusUnauthorized},
		"a made-up token":   {path, "Bearer optgate_YW5u.secrets", http.StatusUnauthorized},
		"another scheme":    {path, "Basic " + token, http.StatusUnauthorized},
		"another scope":     {path, "Bearer " + weak, http.StatusForbidden},
		"another site":      {"/api/v1/sites/nosuch/records", "Bearer " + token, http.StatusNotFound},
		"an unknown format": {path + "?format=xml", "Bearer " + token, http.StatusBadRequest},
		"a bad filter":      {path + "?from=yesterday", "Bearer " + token, http.StatusUnprocessableEntity},
		"a bad limit":       {path + "?limit=0", "Bearer " + token, http.StatusBadRequest},
		"a foreign cursor":  {path + "?limit=5&cursor=AAAA", "Bearer " + token, http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) {
			r := k.do(request{method: "GET", path: tt.path, headers: []string{"Authorization", tt.token}})
			if r.StatusCode != tt.want {
				t.Errorf("answered %d, want %d: %s", r.StatusCode, tt.want, read(t, r))
			}
		})
	}

	decide := func() {
		t.Helper()
		r := k.decide(encode(t, answer(newID(), newID())), "X-Forwarded-For", "192.0.2.1")
		if r.StatusCode != http.StatusCreated {
			t.Fatalf("a decision was answered %d: %s", r.StatusCode, read(t, r))
		}
		k.advance(time.Second)
	}
	for range 5 {
		decide()
	}
	whole := k.do(request{method: "GET", path: path, headers: []string{"Authorization", "Bearer " + token}})
	v, err := k.keys.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	if check, err := ledger.VerifyLines(whole.Body, v); err != nil || check.Records() != 5 {
		t.Errorf("the export has %d records: %v", check.Records(), err)
	}

	// A warehouse comes again for what is new.
	next, lines := path+"?limit=3", 0
	for page, want := range []int{3, 2, 0, 1} {
		if page == 3 {
			decide()
		}
		r := k.do(request{method: "GET", path: next, headers: []string{"Authorization", "Bearer " + token}})
		n := strings.Count(read(t, r), "\n")
		link, _, ok := strings.Cut(strings.TrimPrefix(r.Header.Get("Link"), "<"), ">")
		if lines += n; r.StatusCode != http.StatusOK || n != want || !ok {
			t.Fatalf("page %d answered %d with %d lines and Link %q, want %d lines", page+1, r.StatusCode, n, r.Header.Get("Link"), want)
		}
		next = link
	}
	if lines != 6 {
		t.Errorf("the feed had %d records, want 6", lines)
	}
	entries, err := k.store.Audit(t.Context(), 0, 10)
	if err != nil || len(entries) == 0 || entries[0].User != "ann/robot" || entries[0].Action != "export records" {
		t.Errorf("the audit log has %+v, %v", entries, err)
	}
}
