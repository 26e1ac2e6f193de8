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

// published returns the latest revision of a site, or a group, or all of both
// ("" and "").
func (r *remote) published(ctx context.Context, site, group string) ([]published, error) {
	var all []published
	sites, groups := []string{site}, []string{group}
	var err error
	if site == "" && group == "" {
		if sites, err = r.ids(ctx, "site"); err == nil {
			groups, err = r.ids(ctx, "group")
		}
	}
	for _, id := range sites {
		if id != "" && err == nil {
			var one published
			one, err = r.site(ctx, id)
			all = append(all, one)
		}
	}
	for _, id := range groups {
		if id != "" && err == nil {
			var one published
			one, err = r.group(ctx, id)
			all = append(all, one)
		}
	}
	return all, err
}

// site returns the latest revision of a site.
func (r *remote) site(ctx context.Context, id string) (published, error) {
	f, number, err := r.file(ctx, "/sites/"+id+"/config", "Optgate-Revision")
	if err != nil {
		return published{}, err
	}
	if c := siteIn(f); c == nil || c.Site != optgate.SiteID(id) {
		return published{}, fmt.Errorf("%s did not answer as an Optgate does", r.base)
	}
	return publishedSite(f, optgate.SiteID(id), number), nil
}

// group returns a group.
func (r *remote) group(ctx context.Context, id string) (published, error) {
	f, version, err := r.file(ctx, "/groups/"+id, "Optgate-Version")
	if err != nil {
		return published{}, err
	}
	if f.Group == nil || f.Group.ID != optgate.GroupID(id) {
		return published{}, fmt.Errorf("%s did not answer as an Optgate does", r.base)
	}
	f.Group.Version = version
	return publishedGroup(f.Group), nil
}

// file returns a file and its number, which a header says.
func (r *remote) file(ctx context.Context, path, header string) (*sitefile.File, int, error) {
	doc, h, err := r.get(ctx, path, "application/yaml")
	if err != nil {
		return nil, 0, err
	}
	f, err := sitefile.Read(doc)
	if err != nil {
		return nil, 0, fmt.Errorf("read what %s sent: %w (hint: is this Optgate older than the server?)", r.base, err)
	}
	number, err := strconv.Atoi(h.Get(header))
	if err != nil {
		return nil, 0, fmt.Errorf("%s did not answer as an Optgate does", r.base)
	}
	return f, number, nil
}

// ids returns the ids of all sites, or of all groups.
func (r *remote) ids(ctx context.Context, kind string) ([]string, error) {
	doc, _, err := r.get(ctx, "/"+kind+"s", "application/json")
	if err != nil {
		return nil, err
	}
	var lists map[string][]map[string]any
	if err := json.Unmarshal(doc, &lists); err != nil {
		return nil, fmt.Errorf("%s did not answer as an Optgate does: %w", r.base, err)
	}
	var ids []string
	for _, row := range lists[kind+"s"] {
		id, _ := row[kind].(string)
		// Files are named by it. A group's id has the form of a site's.
		if !optgate.IsSiteID(id) {
			return nil, fmt.Errorf("%s names a %s %.64q, which cannot be", r.base, kind, id)
		}
		ids = append(ids, id)
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
