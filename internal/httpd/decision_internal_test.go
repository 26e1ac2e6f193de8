package httpd

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
)

// What is taken has one reading: written again and read again it is the same.
func FuzzParseDecision(f *testing.F) {
	for _, seed := range []string{
		`{"id":"01JH0000000000000000000000","visitor":"01JH0000000000000000000001","revision":7,"language":"de","action":"save","source":"banner","choices":{"functional":true}}`,
		`{}`, `null`, `[]`, `{"choices":{}}`, `{"choices":{"a":1}}`, `{"id":"a","id":"b"}`, `{"revision":1e9}`, `{"ID":"x"}`, "{\"id\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := parseDecision(doc)
		if err != nil {
			if p := asProblem(err); p.Status != 400 || len(p.Errors) == 0 || !utf8.ValidString(p.Detail) {
				t.Fatalf("%q is refused without a field: %+v", doc, p)
			}
			return
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		e, err := parseDecision(again)
		if err != nil || !reflect.DeepEqual(d, e) {
			t.Fatalf("%q is read as %+v, and again as %+v, %v", doc, d, e, err)
		}
	})
}
