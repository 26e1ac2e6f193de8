package httpd

import (
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"
)

// burstMinutes is how many minutes' worth of decisions an address may record at
// once: an office behind one address comes back from lunch together.
const burstMinutes = 2

// newLimit returns what counts decisions an address; nil counts nothing. It
// keeps addresses in memory for some minutes and tells them to nobody.
func newLimit(perMinute int) *middleware.RateLimiterMemoryStore {
	if perMinute <= 0 {
		return nil
	}
	return middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{
		Rate: rate.Limit(perMinute) / 60, Burst: perMinute * burstMinutes, ExpiresIn: 5 * time.Minute,
	})
}

// fromProxy takes the client's address from X-Forwarded-For if a proxy on a
// loopback or private address sent it.
var fromProxy = echo.ExtractIPFromXFFHeader()

// clientKey returns what tells clients apart for limits. It is not to be stored
// or logged.
func clientKey(r *http.Request) string { return fromProxy(r) }

// mayRecord reports whether the client may record another decision now. A
// loopback address is not limited: it is this machine itself, or a proxy that
// does not say for whom it asks.
func (s *Server) mayRecord(r *http.Request) bool {
	if s.limit == nil {
		return true
	}
	key := clientKey(r)
	if ip := net.ParseIP(key); ip != nil && ip.IsLoopback() {
		return true
	}
	allowed, err := s.limit.Allow(key)
	return allowed || err != nil
}
