package httpd_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// The site file of a site of a group says what the site says itself, in both
// forms; what was read can be changed and written.
func TestSiteOfAGroupByAPI(t *testing.T) {
	for _, form := range []string{inYAML, inJSON} {
		t.Run(form, func(t *testing.T) {
			k := newKit(t)
			settings := *shop()
			settings.Site, settings.Name, settings.Origins, settings.ChoiceDays = "", "", nil, 90
			if _, err := k.reg.PutGroup(t.Context(), optgate.Group{ID: "shops", Settings: settings}); err != nil {
				t.Fatal(err)
			}
			token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
			const file = `{"site": "shop", "group": "shops", "name": "Shop", "origins": ["https://shop.example"]}`
			put := func(want int, doc, etag string) string {
				t.Helper()
				return k.wantCall(want, token, "PUT", configPath, doc, "Content-Type", form, "If-Match", etag)
			}
			_, etag := k.readConfig(token, form)
			put(http.StatusOK, file, etag)
			latest, _ := k.reg.Site("shop")
			if latest.Config.ChoiceDays != 90 || latest.Own == nil || len(latest.Own.Says.Services) != 0 {
				t.Fatalf("got %+v, which says %+v; want the group's services and days", latest.Config, latest.Own)
			}

			read, etag := k.readConfig(token, form)
			if strings.Contains(read, "services") || !strings.Contains(read, "shops") {
				t.Errorf("got the file %s, want what the site says itself", read)
			}
			if same := decoded[told](t, put(http.StatusOK, read, etag)); same.Result != "unchanged" {
				t.Errorf("what was read is published as %+v", same)
			}
			revision := decoded[struct{ Config, Resolved map[string]json.RawMessage }](t, k.wantCall(http.StatusOK, token, "GET", "/api/v1/sites/shop/revisions/2", ""))
			if revision.Config["services"] != nil || revision.Resolved["services"] == nil || revision.Resolved["group"] != nil {
				t.Errorf("got %+v, want the site's own part and the whole", revision)
			}

			for _, tt := range []struct{ name, doc, field string }{
				{"no such group", strings.Replace(file, "shops", "nosuch", 1), "group"},
				{"leaving out what there is not", strings.Replace(file, `"name"`, `"without": ["services.asd"], "name"`, 1), "without"},
				{"a group", `{"group": "shops"}`, "site"},
			} {
				got := decoded[refusal](t, put(http.StatusUnprocessableEntity, tt.doc, etag))
				if len(got.Errors) != 1 || got.Errors[0].Field != tt.field {
					t.Errorf("%s: got %+v, want a fault of %s", tt.name, got, tt.field)
				}
			}
		})
	}
}
