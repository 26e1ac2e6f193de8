package redisstore_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// TestSentinel kills a master that sentinels watch.
func TestSentinel(t *testing.T) {
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(master.Addr())
	if err != nil {
		t.Fatal(err)
	}
	redistest.Start(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	address := redistest.StartSentinels(t, master, 1)
	waiting := open(t, address, redisstore.Options{Wait: 1})
	defer waiting.Close()
	r := benchRecord()
	waitFor(t, "the replica", func() bool { _, _, err := waiting.Append(t.Context(), r); return err == nil })
	s := open(t, address, redisstore.Options{})
	defer s.Close()
	master.Kill()
	start := time.Now()
	second := r
	second.ID = ulid.Make().String()
	waitFor(t, "the new master", func() bool { _, _, err := s.Append(t.Context(), second); return err == nil })
	t.Logf("recording resumed %v after the master's death", time.Since(start).Round(time.Millisecond))
	if got, err := s.Records(t.Context(), r.Site, r.Visitor); err != nil || len(got) != 2 {
		t.Errorf("Records = %d, %v; want the one before the death and the one after", len(got), err)
	}
	// Nobody follows the new master.
	waitFor(t, "the refusal without a replica", func() bool {
		_, _, err := waiting.Append(t.Context(), second) // at first its connection may still lead to the dead one
		return errors.Is(err, redisstore.ErrReplicas)
	})
}

// mustRecord appends a record and returns it.
func mustRecord(t *testing.T, s optgate.Store) optgate.Record {
	t.Helper()
	r := benchRecord()
	if _, created, err := s.Append(t.Context(), r); err != nil || !created {
		t.Fatalf("Append = created %t, %v", created, err)
	}
	if got, err := s.Current(t.Context(), r.Site, r.Visitor); err != nil || got.Record.ID != r.ID {
		t.Fatalf("Current = %s, %v; want %s", got.Record.ID, err, r.ID)
	}
	return r
}

// TestTLS connects to a Redis with a certificate of an authority of its own,
// which asks its clients for one, too, as the user that the documentation gives.
func TestTLS(t *testing.T) {
	f := writeCertificates(t)
	port := strconv.Itoa(redistest.FreePort(t))
	server := redistest.Start(t, "--tls-port", port, "--tls-ca-cert-file", f.ca, "--tls-cert-file", f.cert, "--tls-key-file", f.key)
	setDocumentedUser(t, client(t, server))
	for _, c := range []struct {
		name, login, host, query string
		want                     string // a part of the error; empty: none
	}{
		{"all is right", "optgate:secret", "127.0.0.1", "?ca=CA&cert=CERT&key=KEY", ""},
		{"unknown authority", "optgate:secret", "127.0.0.1", "?cert=CERT&key=KEY", "unknown authority"},
		{"no certificate of the client's own", "optgate:secret", "127.0.0.1", "?ca=CA", "certificate required"},
		{"another name than the certificate's", "optgate:secret", "localhost", "?ca=CA&cert=CERT&key=KEY", "not localhost"},
		{"wrong password", "optgate:hunter2", "127.0.0.1", "?ca=CA&cert=CERT&key=KEY", "WRONGPASS"},
		{"no file", "optgate:secret", "127.0.0.1", "?ca=/nowhere/hunter2.pem", "no such file"},
		{"not a certificate", "optgate:secret", "127.0.0.1", "?ca=KEY", "holds no certificate"},
		{"a certificate without its key", "optgate:secret", "127.0.0.1", "?ca=CA&cert=CERT", "is none of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			query := strings.NewReplacer("CA", url.QueryEscape(f.ca), "CERT", url.QueryEscape(f.cert), "KEY", url.QueryEscape(f.key)).Replace(c.query)
			s, err := redisstore.Open(t.Context(), "rediss://"+c.login+"@"+c.host+":"+port+query, redisstore.Options{})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				mustRecord(t, s)
				return
			}
			if err == nil {
				s.Close()
				t.Fatal("Open succeeded")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Open: %v; want %q in it, and no password", err, c.want)
			}
		})
	}
}

// certificates are the files of an authority and of a certificate that it gave
// to 127.0.0.1.
type certificates struct{ ca, cert, key string }

func writeCertificates(t *testing.T) certificates {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames: []string{"redis.test"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   authority.NotBefore, NotAfter: authority.NotAfter,
	}
	var keys [2]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, keys[0].Public(), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, keys[1].Public(), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(keys[1])
	if err != nil {
		t.Fatal(err)
	}
	return certificates{
		ca: write("ca.pem", "CERTIFICATE", caDER), cert: write("cert.pem", "CERTIFICATE", leafDER), key: write("key.pem", "PRIVATE KEY", keyDER),
	}
}

// TestRepeatIsAWrite: whoever repeats a record must wait for the replicas to have
// it. Redis from 7.2 on waits for a connection's last write alone, so that a
// repetition which wrote nothing would be acknowledged at once.
func TestRepeatIsAWrite(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	r := mustRecord(t, s)
	changes := func() string {
		t.Helper()
		info, err := rdb.InfoMap(t.Context(), "persistence").Result()
		if err != nil {
			t.Fatal(err)
		}
		return info["Persistence"]["rdb_changes_since_last_save"]
	}
	before := changes()
	if _, created, err := s.Append(t.Context(), r); err != nil || created {
		t.Fatalf("Append again = created %t, %v", created, err)
	}
	if after := changes(); after == before {
		t.Error("a record that was sent again caused no write")
	}
}
