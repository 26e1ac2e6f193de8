package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// remoteTimeout bounds one call of another Optgate's API.
const remoteTimeout = 30 * time.Second

// remote is another Optgate, by its API.
type remote struct {
	base   string // without a slash at its end
	token  string
	client *http.Client
}

// newRemote returns the Optgate at an address, with the token of the environment.
func newRemote(address string, env config.Environment) (*remote, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, config.Faults{{Name: "--server", Msg: "is not the address of a server", Hint: "for example https://consent.example.com"}}
	case u.Scheme != "https" && !isLoopback(u.Hostname()):
		return nil, config.Faults{{Name: "--server", Msg: "does not begin with https://", Hint: "on the way there everybody could read the token"}}
	}
	const name = "OPTGATE_TOKEN"
	token := env(name)
	if file := env(name + "_FILE"); token == "" && file != "" {
		if token, err = config.ReadSecret(file); err != nil {
			return nil, config.Faults{{Name: name + "_FILE", Msg: err.Error(), Hint: "name a readable file that holds the token"}}
		}
	}
	if token == "" {
		return nil, config.Faults{{Name: name, Msg: "is required with --server", Hint: "make an API token with the scope sites:read on the account page of the admin"}}
	}
	return &remote{u.String(), token, &http.Client{Timeout: remoteTimeout}}, nil
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// published returns the latest revision of a site, or of all ("").
func (r *remote) published(ctx context.Context, site string) ([]published, error) {
	ids := []string{site}
	if site == "" {
		var err error
		if ids, err = r.sites(ctx); err != nil {
			return nil, err
		}
	}
	var all []published
	for _, id := range ids {
		doc, header, err := r.get(ctx, "/sites/"+id+"/config", "application/yaml")
		if err != nil {
			return nil, err
		}
		f, err := sitefile.Read(doc)
		if err != nil {
			return nil, fmt.Errorf("read what %s sent: %w (hint: is this Optgate older than the server?)", r.base, err)
		}
		number, err := strconv.Atoi(header.Get("Optgate-Revision"))
		if c := siteIn(f); err != nil || c == nil || c.Site != optgate.SiteID(id) {
			return nil, fmt.Errorf("%s did not answer as an Optgate does", r.base)
		}
		all = append(all, publishedSite(f, optgate.SiteID(id), number))
	}
	return all, nil
}

// sites returns the ids of all sites.
func (r *remote) sites(ctx context.Context) ([]string, error) {
	doc, _, err := r.get(ctx, "/sites", "application/json")
	if err != nil {
		return nil, err
	}
	var list struct{ Sites []struct{ Site string } }
	if err := json.Unmarshal(doc, &list); err != nil {
		return nil, fmt.Errorf("%s did not answer as an Optgate does: %w", r.base, err)
	}
	var ids []string
	for _, s := range list.Sites {
		// Files are named by it.
		if !optgate.IsSiteID(s.Site) {
			return nil, fmt.Errorf("%s names a site %.64q, which cannot be", r.base, s.Site)
		}
		ids = append(ids, s.Site)
	}
	return ids, nil
}

// get makes a call of the API.
func (r *remote) get(ctx context.Context, path, accept string) ([]byte, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/api/v1"+path, nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Accept", accept)
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	doc, err := io.ReadAll(io.LimitReader(answer.Body, maxSiteFile))
	if err != nil {
		return nil, nil, fmt.Errorf("read the answer of %s: %w", r.base, err)
	}
	if answer.StatusCode == http.StatusOK {
		return doc, answer.Header, nil
	}
	var problem struct{ Detail string }
	if json.Unmarshal(doc, &problem) != nil || problem.Detail == "" {
		return nil, nil, fmt.Errorf("%s answered %s", r.base, answer.Status)
	}
	return nil, nil, errors.New(r.base + ": " + problem.Detail)
}
