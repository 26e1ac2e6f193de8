package httpd

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
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

// clientAddress returns what takes the client's address from X-Forwarded-For: the
// last one there that is no proxy's, if a proxy sent the request. Without a list
// of proxies these are loopback, link-local and private addresses.
func clientAddress(proxies []netip.Prefix) echo.IPExtractor {
	if proxies == nil {
		return echo.ExtractIPFromXFFHeader()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// fromProxy reports whether the peer that sent r is one of the proxies, as
// [clientAddress] means them.
func fromProxy(r *http.Request, proxies []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := peer.Addr().Unmap().WithZone("")
	if proxies == nil {
		return ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsPrivate()
	}
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// clientKey returns what tells clients apart for limits. It is not to be stored
// or logged.
func (s *Server) clientKey(r *http.Request) string {
	from := s.client(r)
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
	if ip, err := netip.ParseAddr(s.client(r)); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	if count.Take(s.clientKey(r), s.Now()) > 0 {
		return later(http.StatusTooManyRequests, retryLimit, "too many requests from one address")
	}
	return nil
}
