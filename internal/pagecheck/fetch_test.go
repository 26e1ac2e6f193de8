package pagecheck_test

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/optgate/optgate/internal/pagecheck"
)

func TestPublic(t *testing.T) {
	for _, c := range []struct {
		address string
		want    bool
	}{
		{"93.184.215.14", true}, {"8.8.8.8", true}, {"172.32.0.1", true}, {"100.128.0.1", true}, {"2606:2800:21f:cb07::1", true}, {"::ffff:8.8.8.8", true},
		{"0.0.0.0", false}, {"0.1.2.3", false}, {"10.0.0.1", false}, {"100.64.0.1", false}, {"100.100.100.200", false}, {"127.0.0.1", false},
		{"127.255.255.254", false}, {"168.63.129.16", false}, {"169.254.169.254", false}, {"172.16.0.1", false}, {"172.31.255.255", false},
		{"192.0.0.192", false}, {"192.0.2.1", false}, {"192.168.1.1", false}, {"198.18.0.1", false}, {"198.51.100.1", false}, {"203.0.113.1", false},
		{"224.0.0.1", false}, {"239.255.255.250", false}, {"240.0.0.1", false}, {"255.255.255.255", false},
		{"::", false}, {"::1", false}, {"::127.0.0.1", false}, {"::ffff:127.0.0.1", false}, {"::ffff:169.254.169.254", false}, {"::ffff:10.0.0.1", false},
		{"64:ff9b::7f00:1", false}, {"64:ff9b:1::a00:1", false}, {"2002:7f00:1::", false}, {"2001:0:7f00:1::", false}, {"2001:db8::1", false},
		{"3fff::1", false}, {"fc00::1", false}, {"fd00:ec2::254", false}, {"fe80::1", false}, {"fe80::1%eth0", false}, {"fec0::1", false}, {"ff02::1", false},
		{"2606:2800::1%eth0", false}, {"5f00::1", false},
	} {
		if got := pagecheck.Public(netip.MustParseAddr(c.address)); got != c.want {
			t.Errorf("Public(%s) = %t, want %t", c.address, got, c.want)
		}
	}
	if pagecheck.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// secret is a server that nobody must reach; it counts who does.
type secret struct {
	*httptest.Server
	hits atomic.Int32
}

func newSecret(t *testing.T) *secret {
	s := &secret{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.hits.Add(1) }))
	t.Cleanup(s.Close)
	return s
}

// port returns the port at the end of a server's address.
func port(s *httptest.Server) string {
	_, p, _ := net.SplitHostPort(s.Listener.Addr().String())
	return p
}

// nameServer answers each question for an IPv4 address with the next of those
// given, the last again and again. It returns a resolver that asks it.
func nameServer(t *testing.T, addresses ...string) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	asked := new(atomic.Int32)
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply, ok := answer(buffer[:n], addresses, asked); ok {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}, asked
}

func answer(question []byte, addresses []string, asked *atomic.Int32) ([]byte, bool) {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil, false
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		at := min(int(asked.Add(1)), len(addresses)) - 1
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addresses[at]).As4()},
		}}
	}
	reply, err := m.Pack()
	return reply, err == nil
}

// Whatever way leads to what only this machine reaches, nothing arrives there.
func TestFetchReachesNothingPrivate(t *testing.T) {
	s := newSecret(t)
	p := port(s.Server)
	redirecting := func(to string) string {
		hop := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
		t.Cleanup(hop.Close)
		return hop.URL
	}
	for _, c := range []struct {
		name, address string
		origins       []string
		loopback      bool
		name4         string // what every host name means
	}{
		{name: "as it is", address: "http://127.0.0.1:" + p + "/"},
		{name: "listed, where this machine is not to be checked", address: s.URL, origins: []string{s.URL}},
		{name: "another port than the listed one", address: s.URL, origins: []string{"http://127.0.0.1:1"}, loopback: true},
		{name: "not listed", address: s.URL, loopback: true},
		{name: "decimal", address: "http://2130706433:" + p, origins: []string{"http://2130706433:" + p}},
		{name: "hexadecimal", address: "http://0x7f.0x0.0x0.0x1:" + p, origins: []string{"http://127.0.0.1:" + p}},
		{name: "octal", address: "http://0177.0.0.01:" + p, origins: []string{"http://127.0.0.1:" + p}},
		{name: "short", address: "http://127.1:" + p, origins: []string{"http://127.0.0.1:" + p}},
		{name: "wide digits", address: "http://①②⑦.0.0.1:" + p, origins: []string{"http://127.0.0.1:" + p}},
		{name: "nothing at all", address: "http://0:" + p, origins: []string{"http://0.0.0.0:" + p}},
		{name: "IPv6", address: "http://[::1]:" + p, origins: []string{"http://[::1]:" + p}},
		{name: "IPv4 in IPv6", address: "http://[::ffff:127.0.0.1]:" + p, origins: []string{"http://[::ffff:7f00:1]:" + p}},
		{name: "IPv4 in IPv6, in hex", address: "http://[::ffff:7f00:1]:" + p, origins: []string{"http://[::ffff:7f00:1]:" + p}},
		{name: "NAT64", address: "http://[64:ff9b::7f00:1]:" + p, origins: []string{"http://[64:ff9b::7f00:1]:" + p}},
		{name: "a zone", address: "http://[fe80::1%25lo]:" + p, origins: []string{"http://[fe80::1%25lo]:" + p}},
		{name: "metadata", address: "http://169.254.169.254/latest/meta-data/"},
		{name: "localhost", address: "http://localhost:" + p, origins: []string{"http://localhost:" + p}},
		{name: "a name that leads here", address: "http://shop.example:" + p, origins: []string{"http://shop.example:" + p}, name4: "127.0.0.1"},
		{name: "a listed name that leads here", address: "http://shop.example:" + p, origins: []string{"http://shop.example:" + p}, loopback: true, name4: "127.0.0.1"},
		{name: "a name of metadata", address: "http://metadata.example/", name4: "169.254.169.254"},
		{name: "redirected", address: redirecting(s.URL), loopback: true},
		{name: "redirected to a spelling", address: redirecting("http://0x7f000001:" + p), loopback: true},
		{name: "redirected to another scheme", address: redirecting("file:///etc/passwd"), loopback: true},
		{name: "redirected with a password", address: redirecting("http://a:b@127.0.0.1:" + p), loopback: true},
		{name: "redirected to a name that leads here", address: redirecting("http://inside.example/"), loopback: true, name4: "127.0.0.1"},
		{name: "a password", address: "http://user:word@shop.example/", name4: "127.0.0.1"},
		{name: "another port", address: "http://shop.example:6379/", name4: "127.0.0.1"},
		{name: "no web", address: "gopher://127.0.0.1:" + p},
		{name: "a file", address: "file:///etc/passwd"},
		{name: "no host", address: "http:///"},
		{name: "a socket", address: "unix:///run/docker.sock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := pagecheck.Fetcher{Loopback: c.loopback, Timeout: 5 * time.Second}
			f.Resolver, _ = nameServer(t, cmp.Or(c.name4, "127.0.0.1"))
			if strings.HasPrefix(c.name, "redirected") {
				c.origins = []string{c.address}
			}
			a, err := f.Fetch(t.Context(), c.address, c.origins)
			if e, ok := errors.AsType[*pagecheck.Error](err); !ok || e.Msg == "" {
				t.Errorf("Fetch(%s) = %v, %v; want an Error", c.address, a, err)
			}
			if s.hits.Swap(0) > 0 {
				t.Errorf("Fetch(%s) reached the server", c.address)
			}
		})
	}
}

// A name that means something harmless when it is looked up first, and this
// machine a moment later, is of no use: each connection is judged by its own
// address.
func TestFetchRefusesRebinding(t *testing.T) {
	s := newSecret(t)
	resolver, asked := nameServer(t, "127.0.0.1")
	f := pagecheck.Fetcher{Resolver: resolver, Loopback: true}
	origin := "http://rebind.example:" + port(s.Server)
	for range 3 {
		if _, err := f.Fetch(t.Context(), origin, []string{origin}); !errors.Is(err, pagecheck.ErrRefused) {
			t.Errorf("got %v, want %v", err, pagecheck.ErrRefused)
		}
	}
	if asked.Load() == 0 {
		t.Error("the name was never looked up")
	}
	if n := s.hits.Load(); n > 0 {
		t.Errorf("the server was reached %d times", n)
	}
}

// page serves one handler and returns a fetcher that may reach it.
func page(t *testing.T, h http.HandlerFunc) (f *pagecheck.Fetcher, address string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &pagecheck.Fetcher{Loopback: true}, s.URL
}

func TestFetch(t *testing.T) {
	var got *http.Request
	f, at := page(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
			http.Redirect(w, r, "/next?a=b", http.StatusMovedPermanently)
			return
		}
		got = r
		w.Header().Add("Content-Security-Policy", "default-src 'self'")
		w.Header().Add("Content-Security-Policy", "img-src *")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "<p>short")
	})
	a, err := f.Fetch(t.Context(), at+"/#part", []string{at})
	if err != nil {
		t.Fatal(err)
	}
	if a.Address != at+"/next?a=b" || a.Status != http.StatusTeapot || string(a.Body) != "<p>short" || a.Cut || len(a.Policies) != 2 {
		t.Errorf("got %+v", a)
	}
	for _, name := range []string{"Cookie", "Referer", "Authorization"} {
		if v := got.Header.Get(name); v != "" {
			t.Errorf("%s: %q was sent", name, v)
		}
	}
}

func TestFetchIsBounded(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		for block := strings.Repeat("<p>x", 1000); ; {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	}
	t.Run("an endless body", func(t *testing.T) {
		f, at := page(t, endless)
		f.MaxBytes = 10_000
		a, err := f.Fetch(t.Context(), at, []string{at})
		if err != nil || len(a.Body) != 10_000 || !a.Cut {
			t.Errorf("got %v, want 10,000 bytes and no more", err)
		}
	})
	t.Run("a bomb", func(t *testing.T) {
		f, at := page(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for block := make([]byte, 1<<20); ; {
				if _, err := z.Write(block); err != nil {
					return
				}
			}
		})
		a, err := f.Fetch(t.Context(), at, []string{at})
		if err != nil || len(a.Body) != pagecheck.DefaultMaxBytes || !a.Cut {
			t.Errorf("got %v, want %d bytes and no more", err, pagecheck.DefaultMaxBytes)
		}
	})
	t.Run("a slow body", func(t *testing.T) {
		f, at := page(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "<p>")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		f.Timeout = 200 * time.Millisecond
		_, err := f.Fetch(t.Context(), at, []string{at})
		if e, ok := errors.AsType[*pagecheck.Error](err); !ok || e.Msg != "took too long to answer" {
			t.Errorf("got %v, want that it took too long", err)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		f, at := page(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		f.Timeout = 200 * time.Millisecond
		if _, err := f.Fetch(t.Context(), at, []string{at}); err == nil {
			t.Error("got no error")
		}
	})
	t.Run("a round of redirects", func(t *testing.T) {
		hops := 0
		f, at := page(t, func(w http.ResponseWriter, r *http.Request) {
			hops++
			http.Redirect(w, r, fmt.Sprintf("/%d", hops), http.StatusFound)
		})
		if _, err := f.Fetch(t.Context(), at, []string{at}); err == nil || hops > 7 {
			t.Errorf("got %v after %d redirects", err, hops)
		}
	})
	t.Run("endless headers", func(t *testing.T) {
		f, at := page(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		})
		if _, err := f.Fetch(t.Context(), at, []string{at}); err == nil {
			t.Error("got no error")
		}
	})
}

// A proxy of the environment would connect on its own, past what is guarded.
func TestFetchAsksNoProxy(t *testing.T) {
	s := newSecret(t)
	t.Setenv("HTTP_PROXY", s.URL)
	t.Setenv("HTTPS_PROXY", s.URL)
	resolver, _ := nameServer(t, "127.0.0.1")
	f := pagecheck.Fetcher{Resolver: resolver}
	if _, err := f.Fetch(t.Context(), "http://shop.example/", nil); !errors.Is(err, pagecheck.ErrRefused) || s.hits.Load() > 0 {
		t.Errorf("got %v and %d requests of the proxy", err, s.hits.Load())
	}
	if u, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "http", Host: "shop.example"}}); err != nil || u == nil {
		t.Errorf("the test's proxy is not in force: %v, %v", u, err)
	}
}
