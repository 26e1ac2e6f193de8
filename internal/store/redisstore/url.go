package redisstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	neturl "net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// errURL says what is wanted and nothing of what was given: any part of a
// mistyped URL may be a piece of the password.
var errURL = errors.New("the Redis URL is none of " +
	"redis://[user:password@]host:port[/db], rediss:// (TLS), unix:///path/to/socket, " +
	"redis+sentinel://host:port,host:port/master[?db=0], redis+cluster://host:port,host:port, " +
	"with TLS perhaps ?ca=/path/ca.pem&cert=/path/client.pem&key=/path/client-key.pem " +
	"(write special characters of a password as %XX)")

// timeout bounds each step of a command: a visitor waits behind it.
const timeout = 2 * time.Second

// severalHosts matches the URLs that net/url does not read. Its groups: base
// scheme, kind, user and password, hosts, path, query.
var severalHosts = regexp.MustCompile(`^(rediss?)\+(sentinel|cluster)://([^@/?#]*@)?([^@/?#]+)(/[^@/?#]*)?(\?[^#]*)?$`)

// parseURL returns the client options for a URL of one of the forms of [Open].
func parseURL(url string) (*redis.UniversalOptions, error) {
	// It begins a fragment, which would be ignored: then a password that holds one
	// would end there, and its beginning be taken for a port and told in errors.
	if strings.Contains(url, "#") {
		return nil, errURL
	}
	url, files, err := cutFiles(url)
	if err != nil {
		return nil, err
	}
	var addrs []string
	var master string
	cluster := false
	if m := severalHosts.FindStringSubmatch(url); m != nil {
		addrs = strings.Split(m[4], ",")
		cluster = m[2] == "cluster"
		master = strings.TrimPrefix(m[5], "/")
		if cluster != (master == "") {
			return nil, errURL
		}
		url = m[1] + "://" + m[3] + addrs[0] + m[6]
	}
	one, err := redis.ParseURL(url)
	if err != nil || cluster && one.DB != 0 || one.TLSConfig == nil && files != (tlsFiles{}) {
		return nil, errURL
	}
	if err := files.apply(one.TLSConfig); err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
			return nil, errURL
		}
	}
	if addrs == nil {
		addrs = []string{one.Addr}
	} else if one.TLSConfig != nil {
		one.TLSConfig.ServerName = "" // each node is checked under its own name
	}
	return &redis.UniversalOptions{
		Addrs: addrs, MasterName: master, IsClusterMode: cluster,
		Username: one.Username, Password: one.Password, DB: one.DB, TLSConfig: one.TLSConfig,
		ClientName:  "optgate",
		DialTimeout: timeout, ReadTimeout: timeout, WriteTimeout: timeout, PoolTimeout: timeout,
		ContextTimeoutEnabled: true,
		// A Redis that is down is reported at once: whoever asked tries again.
		DialerRetries: 1, MaxRetries: 1,
		// Pipelines use the connections that there are.
		PipelinePoolSize:         -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}

// tlsFiles are the files that a URL names for TLS, in PEM.
type tlsFiles struct{ ca, cert, key string }

// cutFiles takes the names of files out of a URL, which go-redis does not know.
func cutFiles(url string) (rest string, files tlsFiles, err error) {
	base, query, ok := strings.Cut(url, "?")
	if !ok {
		return url, files, nil
	}
	values, err := neturl.ParseQuery(query)
	if err != nil {
		return "", files, errURL
	}
	files = tlsFiles{values.Get("ca"), values.Get("cert"), values.Get("key")}
	if (files.cert == "") != (files.key == "") {
		return "", files, errURL
	}
	for _, name := range []string{"ca", "cert", "key"} {
		values.Del(name)
	}
	if len(values) > 0 {
		base += "?" + values.Encode()
	}
	return base, files, nil
}

// apply puts what the files hold into c.
func (f tlsFiles) apply(c *tls.Config) error {
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return fmt.Errorf("read the file of ?ca=: %w", nameless(err))
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("the file of ?ca= holds no certificate in PEM")
		}
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return fmt.Errorf("read the files of ?cert= and ?key=: %w", nameless(err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// nameless takes the path out of an error, which may be a piece of a mistyped URL.
func nameless(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
