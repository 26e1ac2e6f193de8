package pagecheck

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// The bounds of one look at a page.
const (
	maxRedirects = 5
	maxAddress   = 2000
	maxHeader    = 64 << 10
	headerWithin = 8 * time.Second

	// DefaultTimeout is how long a page may take in all, redirects included.
	DefaultTimeout = 10 * time.Second
	// DefaultMaxBytes is how much of a page is read, after decompression.
	DefaultMaxBytes = 2 << 20
)

// Fetcher gets pages of the public web. Its zero value is ready. It is safe for
// concurrent use; its fields are set before the first call.
type Fetcher struct {
	// Loopback also allows this machine's own addresses, for those origins alone
	// that a call names and that are loopback by name. It is for a machine on which
	// a site is being made: who edits origins could otherwise reach what listens
	// there.
	Loopback bool
	Resolver *net.Resolver // nil: the system's
	Timeout  time.Duration // 0: [DefaultTimeout]
	MaxBytes int64         // 0: [DefaultMaxBytes]
}

// Answer is what an address answered.
type Answer struct {
	Address  string // where the last redirect led
	Status   int
	Type     string   // Content-Type
	Policies []string // values of Content-Security-Policy
	Body     []byte
	Cut      bool // the body is longer than what was read
}

// Error is a page that could not be fetched. Msg says why in words for the person
// who gave the address, to follow the name of the field.
type Error struct {
	Msg string
	Err error
}

func (e *Error) Error() string { return "pagecheck: fetch: " + e.Msg + ": " + e.Err.Error() }

// Unwrap returns what went wrong.
func (e *Error) Unwrap() error { return e.Err }

// Fetch gets an address by GET, without cookies or credentials, and follows
// redirects. Ports are those of the web, and those of origins. It returns an
// [Error], which wraps [ErrRefused] for what is not to be reached.
func (f *Fetcher) Fetch(ctx context.Context, address string, origins []string) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, defaulted(f.Timeout, DefaultTimeout))
	defer cancel()
	v := &visit{fetcher: f, origins: origins}
	u, err := v.permit(address)
	if err != nil {
		return nil, err
	}
	// A proxy of the environment would make the connections that are guarded here.
	transport := &http.Transport{
		Proxy: nil, DialContext: v.dial, DisableKeepAlives: true, TLSHandshakeTimeout: headerWithin,
		ResponseHeaderTimeout: headerWithin, MaxResponseHeaderBytes: maxHeader, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	client := &http.Client{Transport: transport, CheckRedirect: v.redirect}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &Error{"is not an address", err}
	}
	r.Header.Set("User-Agent", "Optgate page check")
	r.Header.Set("Accept", "text/html, */*;q=0.5")
	resp, err := client.Do(r)
	if err != nil {
		return nil, explain(err)
	}
	defer func() { _ = resp.Body.Close() }() // only read
	most := defaulted(f.MaxBytes, DefaultMaxBytes)
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, explain(err)
	}
	a := &Answer{
		Address: resp.Request.URL.String(), Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"),
		Policies: resp.Header.Values("Content-Security-Policy"), Body: body,
	}
	if int64(len(body)) > most {
		a.Body, a.Cut = body[:most], true
	}
	return a, nil
}

// Start returns the origin whose page is most likely to be looked at: one of this
// machine, where those may be, or else the first.
func (f *Fetcher) Start(origins []string) string {
	v := &visit{fetcher: f, origins: origins}
	for _, o := range origins {
		if _, host, _ := strings.Cut(o, "://"); v.local(host) {
			return o
		}
	}
	return origins[0]
}

func defaulted[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// visit is one call of [Fetcher.Fetch].
type visit struct {
	fetcher *Fetcher
	origins []string
}

// permit reads an address as browsers do, so that all spellings of a host are
// one, and refuses what could not be a page of the public web. It saves a look-up;
// what counts is where connections lead, see [control].
func (v *visit) permit(address string) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, &Error{fmt.Sprintf("is longer than %d characters", maxAddress), ErrRefused}
	}
	read, err := whatwg.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, &Error{"is not an address such as https://www.example.com/page", err}
	}
	u, err := url.Parse(read.Href(true)) // without the fragment
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &Error{"is not an address such as https://www.example.com/page", ErrRefused}
	}
	if u.User != nil {
		return nil, &Error{"has a name or a password in it: leave that out", ErrRefused}
	}
	if p := u.Port(); p != "" && p != "80" && p != "443" && !v.listed(u.Host) {
		return nil, &Error{"has a port that is none of the web, nor of this site’s origins", ErrRefused}
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !Public(ip) && !v.local(u.Host) {
		return nil, explain(ErrRefused)
	}
	return u, nil
}

// listed reports whether host[:port] is that of an origin.
func (v *visit) listed(host string) bool {
	return slices.Contains(v.origins, "https://"+host) || slices.Contains(v.origins, "http://"+host)
}

// local reports whether host[:port] may be on this machine: only by a name that
// means this machine whatever a name server says.
func (v *visit) local(host string) bool {
	if !v.fetcher.Loopback || !v.listed(host) {
		return false
	}
	name := (&url.URL{Host: host}).Hostname()
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || err == nil && ip.IsLoopback()
}

// dial connects to host:port.
func (v *visit) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host := strings.TrimSuffix(strings.TrimSuffix(address, ":80"), ":443")
	d := net.Dialer{Resolver: v.fetcher.Resolver, Control: control(v.local(host))}
	return d.DialContext(ctx, network, address)
}

// redirect judges the address of a redirect as that of a page.
func (v *visit) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return &Error{fmt.Sprintf("leads on more than %d times", maxRedirects), ErrRefused}
	}
	u, err := v.permit(r.URL.String())
	if err != nil {
		return err
	}
	r.URL = u
	r.Header.Del("Referer")
	return nil
}

// explain says why a page could not be fetched, without telling what is on the
// way to it.
func explain(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if errors.Is(err, ErrRefused) {
		return &Error{"is not on the public web, or leads away from it: only public pages are fetched", err}
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return &Error{"has a host name that is not known", err}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Error{"has a certificate that cannot be trusted", err}
	}
	if e, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && e.Timeout() {
		return &Error{"took too long to answer", err}
	}
	return &Error{"did not answer as a web server does", err}
}
