package httpd_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

const (
	configPath = "/api/v1/sites/shop/config"
	inYAML     = "application/yaml"
	inJSON     = "application/json"
)

// told is what the API answers to a publication.
type told struct {
	Result   string
	Revision int
	ETag     string
	Cookie   string
	Changes  []struct {
		Text     string
		Material bool
	}
	Asks struct {
		Again, New   []string
		Visitors, Of int
		Effective    string
		Text         string
	}
}

// refusal is a problem as a program reads it.
type refusal struct {
	Detail string
	Errors []struct{ Field, Detail string }
	Latest int
}

// readConfig returns the site file in a form, and its entity tag.
func (k *kit) readConfig(token, form string) (doc, etag string) {
	k.t.Helper()
	answer := k.call(token, "GET", configPath, "", "Accept", form)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != form {
		k.t.Fatalf("got %d, %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	return read(k.t, answer), answer.Header.Get("Etag")
}

// Reading, changing and writing back works in both forms, and says what it does
// to visitors.
func TestPublishByAPI(t *testing.T) {
	for _, tt := range []struct{ form, old, new string }{
		{inYAML, "provider: Stats Inc.", "provider: Numbers Ltd."},
		{inJSON, `"provider": "Stats Inc."`, `"provider": "Numbers Ltd."`},
	} {
		t.Run(tt.form, func(t *testing.T) {
			k := newKit(t)
			token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
			for range 3 {
				if r := k.decide(encode(t, answer(newID(), newID()))); r.StatusCode != http.StatusCreated {
					t.Fatal(read(t, r))
				}
			}
			file, etag := k.readConfig(token, tt.form)
			same := decoded[told](t, k.wantCall(http.StatusOK, token, "PUT", configPath, file, "Content-Type", tt.form, "If-Match", etag))
			if same.Result != "unchanged" || same.Revision != 1 {
				t.Errorf("what was read is published as %+v", same)
			}
			changed := strings.Replace(file, tt.old, tt.new, 1)
			preview := decoded[told](t, k.wantCall(http.StatusOK, token, "PUT", configPath+"?dry-run", changed, "Content-Type", tt.form, "If-Match", etag))
			if latest, _ := k.reg.Site("shop"); latest.Number != 1 || preview.Result != "preview" || preview.Revision != 2 {
				t.Fatalf("a dry run made revision %d and says %+v", latest.Number, preview)
			}
			got := decoded[told](t, k.wantCall(http.StatusOK, token, "PUT", configPath+"?note=another+recipient", changed, "Content-Type", tt.form, "If-Match", etag))
			if got.Result != "published" || got.Revision != 2 || len(got.Changes) != 1 || !got.Changes[0].Material ||
				!strings.Contains(got.Changes[0].Text, "from “Stats Inc.” to “Numbers Ltd.”") ||
				fmt.Sprint(got.Asks.Again) != "[analytics]" || got.Asks.Visitors != 3 || got.Asks.Of != 3 {
				t.Errorf("got %+v", got)
			}
			if fmt.Sprint(preview.Changes, preview.Asks) != fmt.Sprint(got.Changes, got.Asks) {
				t.Errorf("the dry run said %+v, then it was %+v", preview, got)
			}
			latest, _ := k.reg.Site("shop")
			if latest.Config.Services[0].Provider != "Numbers Ltd." || latest.Author != "ann/robot" || latest.Note != "another recipient" {
				t.Errorf("published is %+v", latest)
			}
			entries, err := k.store.Audit(t.Context(), 0, 10)
			if err != nil || len(entries) != 1 || entries[0].User != "ann/robot" || entries[0].Action != "publish" ||
				entries[0].Subject != "another recipient" || entries[0].Before != "revision 1" || !strings.Contains(entries[0].After, "Numbers Ltd.") {
				t.Errorf("the audit log has %+v, %v", entries, err)
			}
			// The tag of the answer is good for the next change.
			k.wantCall(http.StatusOK, token, "PUT", configPath, file, "Content-Type", tt.form, "If-Match", got.ETag)
		})
	}
}

func TestPublishByAPIRefuses(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	file, etag := k.readConfig(token, inYAML)
	_, etagJSON := k.readConfig(token, inJSON)
	if etag == etagJSON || strings.HasPrefix(etag, "W/") {
		t.Errorf("two forms have the tags %s and %s, want strong ones that differ", etag, etagJSON)
	}
	for _, tt := range []struct {
		name, path, body string
		headers          []string
		want             int
		field            string
	}{
		{"no precondition", configPath, file, []string{"Content-Type", inYAML}, http.StatusPreconditionRequired, ""},
		{"a revision that there is not", configPath, file, []string{"Content-Type", inYAML, "If-Match", `"9-0123456789ab.yaml"`}, http.StatusPreconditionFailed, ""},
		{"a weak tag", configPath, file, []string{"Content-Type", inYAML, "If-Match", "W/" + etag}, http.StatusPreconditionFailed, ""},
		{"making what is there", configPath, file, []string{"Content-Type", inYAML, "If-None-Match", "*"}, http.StatusPreconditionFailed, ""},
		{"a condition of another sort", configPath, file, []string{"Content-Type", inYAML, "If-None-Match", etag}, http.StatusBadRequest, "If-None-Match"},
		{"no such site", "/api/v1/sites/nosuch/config", file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusNotFound, ""},
		{"another site's file", "/api/v1/sites/blog/config", file, []string{"Content-Type", inYAML, "If-None-Match", "*"}, http.StatusUnprocessableEntity, "site"},
		{"a form", configPath, "site=shop", []string{"Content-Type", "application/x-www-form-urlencoded", "If-Match", etag}, http.StatusUnsupportedMediaType, "Content-Type"},
		{"half of a JSON document", configPath, `{"site": "shop"`, []string{"Content-Type", inJSON, "If-Match", etag}, http.StatusBadRequest, "body"},
		{"YAML said to be JSON", configPath, file, []string{"Content-Type", inJSON, "If-Match", etag}, http.StatusBadRequest, "body"},
		{"too much", configPath, "#" + strings.Repeat("x", 1<<20), []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusRequestEntityTooLarge, "body"},
		{"a field that there is not", configPath, "number: 7\n" + file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusUnprocessableEntity, "number"},
		{"the same in JSON, deep down", configPath, `{"site":"shop","name":"S","origins":["https://shop.example"],"languages":["en"],"controller":{"name":"S","admin":true},"categories":[{"id":"essential"}]}`,
			[]string{"Content-Type", inJSON, "If-Match", etag}, http.StatusUnprocessableEntity, "controller.admin"},
		{"a faulty value", configPath, strings.Replace(file, "Stats Inc.", `""`, 1), []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusUnprocessableEntity, "services[0].provider"},
		{"no YAML", configPath, "a: [", []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusUnprocessableEntity, "body"},
		{"a language that Optgate does not speak", configPath, strings.Replace(file, "- de", "- tlh", 1), []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusUnprocessableEntity, "languages[1]"},
		{"a time that is over", configPath + "?effective=2020-01-01", strings.Replace(file, "Stats Inc.", "Us", 1), []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusUnprocessableEntity, "effective"},
		{"no time", configPath + "?effective=soon", file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusBadRequest, "effective"},
		{"neither yes nor no", configPath + "?dry-run=maybe", file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusBadRequest, "dry-run"},
		{"a misspelt dry run", configPath + "?dryrun", file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusBadRequest, "dryrun"},
		{"a long note", configPath + "?note=" + strings.Repeat("x", 501), file, []string{"Content-Type", inYAML, "If-Match", etag}, http.StatusBadRequest, "note"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k.t = t
			got := decoded[refusal](t, k.wantCall(tt.want, token, "PUT", tt.path, tt.body, tt.headers...))
			if tt.field != "" && (len(got.Errors) == 0 || got.Errors[0].Field != tt.field) {
				t.Errorf("got %+v, want the field %q", got, tt.field)
			}
			if wantLatest := tt.want == http.StatusPreconditionFailed; (got.Latest == 1) != wantLatest {
				t.Errorf("got latest %d", got.Latest)
			}
			if latest, _ := k.reg.Site("shop"); latest.Number != 1 {
				t.Fatalf("revision %d was published", latest.Number)
			}
		})
	}
	if entries, err := k.store.Audit(t.Context(), 0, 10); err != nil || len(entries) != 0 {
		t.Errorf("the audit log has %+v, %v", entries, err)
	}
}

// Of two who begin with the same revision, one is told who was faster.
func TestTwoPublishByAPI(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	file, etag := k.readConfig(token, inYAML)
	var all sync.WaitGroup
	answers := make([]*http.Response, 8)
	for i := range answers {
		all.Go(func() {
			answers[i] = k.do(request{
				method: "PUT", path: configPath, body: strings.Replace(file, "name: Shop\n", fmt.Sprintf("name: Shop %d\n", i), 1),
				headers: []string{"Authorization", "Bearer " + token, "Content-Type", inYAML, "If-Match", etag},
			})
		})
	}
	all.Wait()
	published := 0
	for _, r := range answers {
		doc := read(t, r)
		switch r.StatusCode {
		case http.StatusOK:
			published++
		case http.StatusPreconditionFailed:
			if got := decoded[refusal](t, doc); got.Latest != 2 || !strings.Contains(got.Detail, "ann/robot") {
				t.Errorf("got %+v", got)
			}
		default:
			t.Errorf("got %d: %s", r.StatusCode, doc)
		}
	}
	if latest, _ := k.reg.Site("shop"); published != 1 || latest.Number != 2 {
		t.Errorf("%d were published, up to revision %d; want one", published, latest.Number)
	}
}

// A new site is made by its file, and gets a cookie that no other site has.
func TestMakeSiteByAPI(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	file, _ := k.readConfig(token, inYAML)
	file = strings.Replace(file, "site: shop", "site: blog", 1)
	got := decoded[told](t, k.wantCall(http.StatusCreated, token, "PUT", "/api/v1/sites/blog/config", file, "Content-Type", inYAML, "If-None-Match", "*"))
	if site, ok := k.reg.Site("blog"); !ok || got.Revision != 1 || got.Cookie != "og_blog" || site.Config.CookieName() != "og_blog" {
		t.Errorf("got %+v", got)
	}
	if entries, err := k.store.Audit(t.Context(), 0, 1); err != nil || len(entries) != 1 || entries[0].Action != "create a site" || entries[0].User != "ann/robot" {
		t.Errorf("the audit log has %+v, %v", entries, err)
	}
}

func TestRollBackByAPI(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	c := shop()
	c.Name = "Store"
	k.publish(c)
	_, etag := k.readConfig(token, inYAML)
	const back = "/api/v1/sites/shop/revisions/1/roll-back"
	k.wantCall(http.StatusPreconditionRequired, token, "POST", back, "")
	k.wantCall(http.StatusPreconditionFailed, token, "POST", back, "", "If-Match", `"1-0.json"`)
	k.wantCall(http.StatusNotFound, token, "POST", "/api/v1/sites/shop/revisions/9/roll-back", "", "If-Match", etag)
	if got := decoded[told](t, k.wantCall(http.StatusOK, token, "POST", back+"?dry-run=1", "", "If-Match", etag)); got.Result != "preview" || len(got.Changes) != 1 {
		t.Errorf("got %+v", got)
	}
	got := decoded[told](t, k.wantCall(http.StatusOK, token, "POST", back+"?note=it+was+better", "", "If-Match", etag))
	latest, _ := k.reg.Site("shop")
	if got.Revision != 3 || latest.Config.Name != "Shop" || latest.Note != "back to revision 1: it was better" {
		t.Errorf("got %+v; published is %+v", got, latest)
	}
}
