package httpd_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// Cookies that a refused service lists go with the answer, also those that no
// script reaches, if the server is on the page's own host.
func TestCookiesOfRefusedServicesExpire(t *testing.T) {
	const own, www = "https://shop.example", "https://www.shop.example"
	jar := []string{"_st_1", "_st", "both", "kept", "basket", "db", "other", "og_id"}
	tests := []struct {
		name, origin, host string
		cookies            []string
		want               []string // Set-Cookie of others than Optgate's own
	}{
		{"own host", own, "shop.example", jar, []string{
			"_st_1=; Path=/; Max-Age=0; Secure", "_st_1=; Path=/; Max-Age=0; Secure; Domain=shop.example",
		}},
		{"a host below", www, "www.shop.example", []string{"_st_2", "_st_2"}, []string{
			"_st_2=; Path=/; Max-Age=0; Secure", "_st_2=; Path=/; Max-Age=0; Secure; Domain=www.shop.example",
			"_st_2=; Path=/; Max-Age=0; Secure; Domain=shop.example",
		}},
		{"a server beside the page", own, "consent.shop.example", jar, nil},
		{"a page that is not the site's", "https://consent.shop.example", "consent.shop.example", jar, nil},
		{"no origin", "", "shop.example", jar, nil},
		{"allowed since", own, "shop.example", []string{"_st_1", "og=1.1.1790000000.analytics:1,functional:1,marketing:1"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			c := shop()
			c.Origins = []string{own, www}
			c.Services = []optgate.Service{
				{ID: "stats", Name: "Stats", Category: "analytics", Provider: "Stats Inc.", Cookies: []optgate.StoredCookie{
					{Name: "_st_*"}, {Name: "both"}, {Name: "basket", Kind: "cookie"}, {Name: "db", Kind: "indexeddb"}, {Name: "og*"},
				}},
				{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc.", Cookies: []optgate.StoredCookie{{Name: "both"}, {Name: "kept"}}},
				{ID: "shop", Name: "Shop", Category: "essential", Provider: "Shop Ltd.", Reason: optgate.Text{"en": "It is the shop."}, Cookies: []optgate.StoredCookie{{Name: "basket"}}},
			}
			c.Tags = nil
			k.publish(c)
			headers := []string{"Content-Type", "application/json", "X-Forwarded-Proto", "https"}
			if tt.origin != "" {
				headers = append(headers, "Origin", tt.origin)
			}
			var cookies []*http.Cookie
			for _, pair := range tt.cookies {
				name, value, _ := strings.Cut(pair, "=")
				cookies = append(cookies, &http.Cookie{Name: name, Value: value})
			}
			r := k.do(request{
				method: "POST", path: "https://" + tt.host + "/s/shop/choices", body: encode(t, answer(newID(), newID())),
				headers: headers, cookies: cookies,
			})
			if r.StatusCode != http.StatusCreated {
				t.Fatalf("got %s: %s", r.Status, read(t, r))
			}
			got := slices.DeleteFunc(slices.Clone(r.Header.Values("Set-Cookie")), func(s string) bool { return strings.HasPrefix(s, "og") })
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for _, line := range r.Header.Values("Set-Cookie") {
				if strings.HasPrefix(line, "og") && strings.Contains(line, "Max-Age=0") {
					t.Errorf("got %s, want Optgate's own cookies left alone", line)
				}
			}
		})
	}
}
