package webbed

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// web is where Chromium's every host name leads.
var web listener

// listener takes connections with and without TLS on one port, and gives each to
// the bed that was there when it came: a late one of an earlier test is not
// counted in the next.
type listener struct {
	net.Listener
	ready chan net.Conn
	cert  tls.Certificate

	mu   sync.Mutex
	bed  *Bed
	open []net.Conn // all that the bed had
}

// chromiums are hosts that Chromium asks of its own accord. No page of a test is
// about them, so they are nowhere.
var chromiums = []string{
	"accounts.google.com", "clients*.google.com", "update.googleapis.com", "*-pa.googleapis.com",
	"content-autofill.googleapis.com", "safebrowsing*.googleapis.com", "*.gvt1.com",
}

// bedKey finds the bed of a request's connection.
type bedKey struct{}

// open listens, serves, and tells Chromium.
func open() error {
	cert, pin, err := certificate()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web.Listener, web.cert, web.ready = l, cert, make(chan net.Conn)
	go web.accept()
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Context().Value(bedKey{}).(*Bed).ServeHTTP(w, r)
		}),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if t, ok := c.(*tls.Conn); ok {
				c = t.NetConn()
			}
			return context.WithValue(ctx, bedKey{}, c.(*connection).bed)
		},
		// Browsers end connections as they like, which is nothing to tell.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = server.Serve(&web) }()
	rules := fmt.Sprintf("MAP * %s, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost", l.Addr())
	for _, host := range chromiums {
		rules = "MAP " + host + " ~NOTFOUND, " + rules
	}
	browser.Flag("host-resolver-rules", rules)
	browser.Flag("ignore-certificate-errors-spki-list", pin)
	return nil
}

// use makes b the web.
func (l *listener) use(b *Bed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.Listener == nil:
		return errors.New("call webbed.Main from TestMain")
	case l.bed != nil:
		return errors.New("another test has its bed still: tests with a bed are not parallel")
	}
	l.bed = b
	return nil
}

// leave ends the bed and its connections, so that none is used again.
func (l *listener) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bed = nil
	for _, c := range l.open {
		_ = c.Close()
	}
	l.open = nil
}

// connection is one whose first byte was looked at.
type connection struct {
	net.Conn
	in  *bufio.Reader
	bed *Bed
}

// Read implements [net.Conn].
func (c *connection) Read(b []byte) (int, error) { return c.in.Read(b) }

// accept sorts connections by whether they begin with a TLS handshake.
func (l *listener) accept() {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		bed := l.bed
		l.open = append(l.open, c)
		l.mu.Unlock()
		if bed == nil {
			_ = c.Close()
			continue
		}
		go l.sort(&connection{c, bufio.NewReader(c), bed})
	}
}

// sort waits for the first byte, which some connections never send.
func (l *listener) sort(c *connection) {
	const handshake = 0x16
	first, err := c.in.Peek(1)
	switch {
	case err != nil:
		_ = c.Close()
	case first[0] != handshake:
		l.ready <- c
	default:
		// Without HTTP/2, which would share a connection among hosts.
		t := tls.Server(c, &tls.Config{
			Certificates: []tls.Certificate{l.cert},
			NextProtos:   []string{"http/1.1"},
			GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				c.bed.connected(hello)
				return nil, nil // the configuration that there is
			},
		})
		l.ready <- t
	}
}

// Accept implements [net.Listener].
func (l *listener) Accept() (net.Conn, error) { return <-l.ready, nil }

// certificate returns a new one for no name in particular, and what Chromium
// knows it by: with that it forgives all else.
func certificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"webbed.test"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("make certificate: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("encode public key: %w", err)
	}
	sum := sha256.Sum256(spki)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, base64.StdEncoding.EncodeToString(sum[:]), nil
}
