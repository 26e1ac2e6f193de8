package pagecheck

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrRefused means that an address is not one of the public web, or that a page
// leads to such a one. Nothing was sent to it.
var ErrRefused = errors.New("not an address of the public web")

// refused4 is what of IPv4 belongs to a network of somebody's own, to nobody, or
// to more than one: the special-purpose registry of IANA, and the address under
// which Azure answers its machines.
var refused4 = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)

// Of IPv6 only what is given out as global is taken, without the parts of it that
// hold an IPv4 address (Teredo, 6to4) or are for documents and tests. NAT64,
// unique local, link-local and multicast addresses are outside of it.
var (
	global6  = netip.MustParsePrefix("2000::/3")
	refused6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// Public reports whether an address is one of the public internet. An IPv4
// address in the form of IPv6 is judged as what it is.
func Public(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	among := refused6
	if ip.Is4() {
		among = refused4
	} else if !global6.Contains(ip) {
		return false
	}
	for _, p := range among {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.IsValid()
}

// control refuses a connection by the address that it is about to be made to.
// Whatever a name meant a moment ago, and however an address was spelled, this is
// where it leads.
func control(loopback bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("pagecheck: connect: %w", ErrRefused)
		}
		if Public(at.Addr()) || loopback && at.Addr().Unmap().IsLoopback() {
			return nil
		}
		return fmt.Errorf("pagecheck: connect: %w", ErrRefused)
	}
}
