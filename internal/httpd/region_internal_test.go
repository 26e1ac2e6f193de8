package httpd

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// TestRegion says whose word counts for where a visitor is, and which words do.
func TestRegion(t *testing.T) {
	const proxy, anybody = "127.0.0.1:1", "203.0.113.7:1"
	country, both := []string{"Country"}, []string{"Country", "Part"}
	for _, tt := range []struct {
		name    string
		headers []string // of the server
		proxies []netip.Prefix
		peer    string
		sent    [][2]string
		want    optgate.Region
	}{
		{"a country", country, nil, proxy, [][2]string{{"Country", "US"}}, "US"},
		{"country and part in one", country, nil, proxy, [][2]string{{"Country", "US-CA"}}, "US-CA"},
		{"in small letters, with spaces", country, nil, proxy, [][2]string{{"Country", " us-ca "}}, "US-CA"},
		{"country and part apart", both, nil, proxy, [][2]string{{"Country", "US"}, {"Part", "CA"}}, "US-CA"},
		{"the whole in the second", both, nil, proxy, [][2]string{{"Country", "US"}, {"Part", "US-CA"}}, "US-CA"},
		{"no part", both, nil, proxy, [][2]string{{"Country", "US"}}, "US"},
		{"a part that is none", both, nil, proxy, [][2]string{{"Country", "US"}, {"Part", "?"}}, "US"},
		{"a part without its country", both, nil, proxy, [][2]string{{"Part", "CA"}}, ""},
		{"nothing", country, nil, proxy, nil, ""},
		{"an empty header", country, nil, proxy, [][2]string{{"Country", ""}}, ""},
		{"not known to the proxy", country, nil, proxy, [][2]string{{"Country", "XX"}}, ""},
		{"Tor", country, nil, proxy, [][2]string{{"Country", "T1"}}, ""},
		{"garbage", country, nil, proxy, [][2]string{{"Country", "<script>"}}, ""},
		{"two headers", country, nil, proxy, [][2]string{{"Country", "US"}, {"Country", "US"}}, ""},
		{"a list", country, nil, proxy, [][2]string{{"Country", "US, DE"}}, ""},
		{"two parts", both, nil, proxy, [][2]string{{"Country", "US"}, {"Part", "CA"}, {"Part", "TX"}}, ""},
		{"the visitor herself", country, nil, anybody, [][2]string{{"Country", "US"}}, ""},
		{"a proxy that is not named", country, []netip.Prefix{}, proxy, [][2]string{{"Country", "US"}}, ""},
		{"a named proxy", country, []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}, anybody, [][2]string{{"Country", "US"}}, "US"},
		{"a header that no operator named", nil, nil, proxy, [][2]string{{"Country", "US"}}, ""},
		{"another header", country, nil, proxy, [][2]string{{"CF-IPCountry", "US"}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.RemoteAddr = tt.peer
			for _, h := range tt.sent {
				r.Header.Add(h[0], h[1])
			}
			s := &Server{TrustedProxies: tt.proxies, RegionHeaders: tt.headers}
			if got := s.region(r); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
