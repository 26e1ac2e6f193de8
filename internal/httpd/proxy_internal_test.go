package httpd

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
)

// TestScheme says whose word counts for https, on which the Secure attribute and
// the addresses in links depend.
func TestScheme(t *testing.T) {
	named := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::7/128")}
	tests := []struct {
		name    string
		proxies []netip.Prefix
		peer    string
		header  string
		public  string
		want    string
	}{
		{"a proxy on this machine", nil, "127.0.0.1:1", "https", "", "https"},
		{"by IPv6", nil, "[::1]:1", "https", "", "https"},
		{"by an IPv4 address in IPv6", nil, "[::ffff:127.0.0.1]:1", "https", "", "https"},
		{"in the private network", nil, "10.0.9.9:1", "https", "", "https"},
		{"link-local, with a zone", nil, "[fe80::1%eth0]:1", "https", "", "https"},
		{"anybody", nil, "203.0.113.7:1", "https", "", "http"},
		{"anybody, by IPv6", nil, "[2001:db8::7]:1", "https", "", "http"},
		{"a named one", named, "198.51.100.9:1", "https", "", "https"},
		{"a named one, by IPv6", named, "[2001:db8::7]:1", "https", "", "https"},
		{"one that is not named", named, "10.0.9.9:1", "https", "", "http"},
		{"this machine, which is not named", named, "127.0.0.1:1", "https", "", "http"},
		{"nobody is believed", []netip.Prefix{}, "127.0.0.1:1", "https", "", "http"},
		{"no peer that can be read", nil, "@", "https", "", "http"},
		{"a proxy that says http", nil, "127.0.0.1:1", "http", "", "http"},
		{"a public address with https stands for itself", named, "203.0.113.7:1", "", "https://consent.example", "https"},
		{"and anybody cannot bend one without", nil, "203.0.113.7:1", "https", "http://consent.example", "http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.RemoteAddr = tt.peer
			r.Header.Set("X-Forwarded-Proto", tt.header)
			r.Header.Set("X-Forwarded-Host", "evil.example")
			s := &Server{TrustedProxies: tt.proxies}
			if tt.public != "" {
				s.PublicURL, _ = url.Parse(tt.public)
			}
			if got := s.scheme(r); got != tt.want {
				t.Errorf("the scheme is %s, want %s", got, tt.want)
			}
			if want := tt.want + "://example.com"; tt.public == "" && s.adminURL(r) != want {
				t.Errorf("the admin is at %s, want %s", s.adminURL(r), want)
			}
		})
	}
}
