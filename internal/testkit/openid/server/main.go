// Command server is an OpenID provider for tests: the one of zitadel/oidc, with two
// people whose groups a test sets. It has a module of its own, so that what it
// brings stays out of Optgate's.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func main() {
	redirect := flag.String("redirect", "", "where browsers are sent back to")
	flag.Parse()
	if err := run(*redirect); err != nil {
		log.Fatal(err)
	}
}

func run(redirect string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	issuer := "http://" + l.Addr().String()
	storage.RegisterClients(storage.WebClient("optgate", "a secret of tests", redirect))
	people := people{
		"1": {ID: "1", Username: "anna", Password: "pass", Email: "anna@example.com", EmailVerified: true},
		"2": {ID: "2", Username: "mara", Password: "pass", Email: "mara@example.com", EmailVerified: true},
	}
	d := &directory{Storage: storage.NewStorage(people), groups: map[string][]string{}}
	mux := http.NewServeMux()
	mux.Handle("/", exampleop.SetupServer(issuer, d, slog.New(slog.DiscardHandler), false))
	mux.HandleFunc("POST /groups", d.postGroups)
	fmt.Println(issuer)
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(l)
}

// people are by their subject.
type people map[string]*storage.User

// ExampleClientID implements [storage.UserStore].
func (people) ExampleClientID() string { return "service" }

// GetUserByID implements [storage.UserStore].
func (p people) GetUserByID(id string) *storage.User { return p[id] }

// GetUserByUsername implements [storage.UserStore].
func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

// directory also knows people's groups, and tells them where it is asked who
// somebody is.
type directory struct {
	*storage.Storage

	mu     sync.Mutex
	groups map[string][]string // by subject
}

func (d *directory) postGroups(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups[r.PostFormValue("subject")] = strings.Fields(r.PostFormValue("groups"))
	w.WriteHeader(http.StatusNoContent)
}

// SetUserinfoFromToken implements [op.Storage].
func (d *directory) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	if err := d.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	info.AppendClaims("groups", d.groups[subject])
	return nil
}

var _ op.Storage = (*directory)(nil)
