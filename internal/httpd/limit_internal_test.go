package httpd

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	named := []netip.Prefix{netip.MustParsePrefix("10.0.3.0/24"), netip.MustParsePrefix("2001:db8::7/128")}
	tests := []struct {
		name    string
		proxies []netip.Prefix
		peer    string
		header  string
		want    string
	}{
		{"private peer, nobody named", nil, "10.0.9.9", "203.0.113.7", "203.0.113.7"},
		{"public peer, nobody named", nil, "198.51.100.1", "203.0.113.7", "198.51.100.1"},
		{"named peer", named, "10.0.3.9", "203.0.113.7", "203.0.113.7"},
		{"named peer of IPv6", named, "[2001:db8::7]", "203.0.113.7", "203.0.113.7"},
		{"private peer that is not named", named, "10.0.9.9", "203.0.113.7", "10.0.9.9"},
		{"loopback peer that is not named", named, "127.0.0.1", "203.0.113.7", "127.0.0.1"},
		{"private client who says that she is loopback", named, "10.0.3.9", "127.0.0.1, 10.0.9.9", "10.0.9.9"},
		{"two named peers", named, "10.0.3.9", "203.0.113.7, 10.0.3.8", "203.0.113.7"},
		{"none at all", []netip.Prefix{}, "127.0.0.1", "203.0.113.7", "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.RemoteAddr = tt.peer + ":1234"
			r.Header.Set("X-Forwarded-For", tt.header)
			if got := clientAddress(tt.proxies)(r); got != tt.want {
				t.Errorf("the client is %s, want %s", got, tt.want)
			}
		})
	}
}
