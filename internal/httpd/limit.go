package httpd

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/limit"
)

const (
	// burstMinutes is how many minutes' worth of decisions an address may record
	// at once: an office behind one address comes back from lunch together.
	burstMinutes = 2

	// maxClients bounds the memory of each limit to some ten megabytes.
	maxClients = 1 << 16

	// retryLimit is after how many seconds to try again when the limit is reached.
	retryLimit = 30

	// ipv6Client is how many bits of an IPv6 address tell clients apart: the
	// others are free for a client to choose (RFC 6177).
	ipv6Client = 64
)

// newLimit returns what counts requests of an address; nil counts nothing. It
// keeps addresses in memory and tells them to nobody.
func newLimit(perMinute int) *limit.Buckets {
	if perMinute <= 0 {
		return nil
	}
	return &limit.Buckets{Every: time.Minute / time.Duration(perMinute), Burst: perMinute * burstMinutes, Max: maxClients}
}

// fromProxy takes the client's address from X-Forwarded-For if a proxy on a
// loopback or private address sent it.
var fromProxy = echo.ExtractIPFromXFFHeader()

// clientKey returns what tells clients apart for limits. It is not to be stored
// or logged.
func clientKey(r *http.Request) string {
	from := fromProxy(r)
	ip, err := netip.ParseAddr(from)
	if err != nil {
		return from
	}
	if ip = ip.Unmap(); ip.Is6() {
		network, _ := ip.Prefix(ipv6Client) // has that many bits
		return network.String()
	}
	return ip.String()
}

// slow returns an error if the client has to wait, by what counts its requests. A
// loopback address is not limited: it is this machine itself, or a proxy that
// does not say for whom it asks.
func (s *Server) slow(r *http.Request, count *limit.Buckets) error {
	if count == nil {
		return nil
	}
	if ip, err := netip.ParseAddr(fromProxy(r)); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	if count.Take(clientKey(r), s.Now()) > 0 {
		return later(http.StatusTooManyRequests, retryLimit, "too many requests from one address")
	}
	return nil
}
