package webbuild

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// trackersPackage is the package of npm that lists third parties by how many
// pages ask for them. It is a tool, pinned in web/package.json.
const trackersPackage = "third-party-web"

// Trackers' output and our own words, below the root.
const (
	VendorsFile = "internal/policy/vendors.txt"
	TableFile   = "internal/policy/table.txt"
)

// How many of the list's domains are taken besides those of our own words. The
// held ones are sent to browsers, so each is paid for on every page view.
const (
	heldDomains      = 12
	essentialDomains = 25
)

// categories are ours for those of the list. The other ones of the list, such as
// "utility" and "content", are too many things to be held.
var categories = map[string]string{
	"ad": "marketing", "marketing": "marketing", "social": "marketing",
	"analytics": "analytics", "tag-manager": "analytics",
	"video": "functional", "customer-success": "functional",
	"cdn": "essential", "consent-provider": "essential", "hosting": "essential",
}

// Trackers returns the table of trackers, [TableFile], as the sources under root
// make it: our own words, then the commonest of the list. It needs web's npm
// packages to be installed.
func Trackers(root string) ([]byte, error) {
	own, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(VendorsFile)))
	if err != nil {
		return nil, fmt.Errorf("webbuild: read vendors: %w", err)
	}
	table, err := readVendors(string(own))
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(root, "web", "node_modules", trackersPackage)
	version, err := versionOf(folder)
	if err != nil {
		return nil, err
	}
	if err := addCommonest(table, filepath.Join(folder, "dist")); err != nil {
		return nil, err
	}
	return writeTable(table, version), nil
}

// readVendors reads words of our own: a category by pattern.
func readVendors(text string) (map[string]string, error) {
	table := map[string]string{}
	category := ""
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) == 1 && !strings.Contains(words[0], ".") {
			category = words[0]
			continue
		}
		for _, word := range words {
			if table[word] != "" {
				return nil, fmt.Errorf("webbuild: read vendors: %s is in both %s and %s", word, table[word], category)
			}
			table[word] = category
		}
	}
	return table, nil
}

// versionOf returns the version of an npm package, if it is the one that
// web/package.json pins.
func versionOf(folder string) (string, error) {
	var has struct{ Version string }
	var wants struct{ DevDependencies map[string]string }
	for file, into := range map[string]any{
		filepath.Join(folder, "package.json"):             &has,
		filepath.Join(folder, "..", "..", "package.json"): &wants,
	} {
		data, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("webbuild: find %s: %w; hint: npm --prefix web ci", trackersPackage, err)
		}
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			return "", fmt.Errorf("webbuild: read version of %s: %w", trackersPackage, err)
		}
	}
	if want := wants.DevDependencies[trackersPackage]; has.Version != want {
		return "", fmt.Errorf("webbuild: read version of %s: it is %s, want %s; hint: npm --prefix web ci", trackersPackage, has.Version, want)
	}
	return has.Version, nil
}

// entity is a vendor of the list.
type entity struct {
	Category         string   // of the list
	Domains          []string // "*.example.com" or an exact host
	TotalOccurrences int      // pages that run a script of it
}

// addCommonest adds the vendors that the most pages use and about which we say
// nothing, each by its commonest domain.
func addCommonest(table map[string]string, folder string) error {
	data, err := os.ReadFile(filepath.Join(folder, "entities.json"))
	if err != nil {
		return fmt.Errorf("webbuild: read the list of third parties: %w", err)
	}
	var all []entity
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("webbuild: read the list of third parties: %w", err)
	}
	rank, err := ranks(folder)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b entity) int { return b.TotalOccurrences - a.TotalOccurrences })
	left := map[bool]int{true: essentialDomains, false: heldDomains}
	for _, e := range all {
		category := categories[e.Category]
		seen := slices.DeleteFunc(slices.Clone(e.Domains), func(d string) bool { _, ok := rank[d]; return !ok })
		if category == "" || len(seen) == 0 || slices.ContainsFunc(e.Domains, func(d string) bool { return said(table, d) }) {
			continue
		}
		commonest := slices.MinFunc(seen, func(a, b string) int { return rank[a] - rank[b] })
		if essential := category == "essential"; left[essential] > 0 {
			table[strings.TrimPrefix(commonest, "*.")] = category
			left[essential]--
		}
	}
	return nil
}

// ranks numbers the domains of vendors by how common their hosts are. The list
// has a line for each host that was seen, the commonest first: host, domain,
// category.
func ranks(folder string) (map[string]int, error) {
	data, err := os.ReadFile(filepath.Join(folder, "domain-map.csv"))
	if err != nil {
		return nil, fmt.Errorf("webbuild: read the list of hosts: %w", err)
	}
	rank := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Split(line, ","); len(fields) == 3 {
			if _, known := rank[fields[1]]; !known {
				rank[fields[1]] = len(rank)
			}
		}
	}
	return rank, nil
}

// said reports whether the table has a word about a domain, one that it is below
// or one below it.
func said(table map[string]string, domain string) bool {
	domain = strings.TrimPrefix(domain, "*.")
	for known := range table {
		host, _, _ := strings.Cut(known, "/")
		if host == domain || strings.HasSuffix(host, "."+domain) || strings.HasSuffix(domain, "."+host) {
			return true
		}
	}
	return false
}

// writeTable writes what is in the table, sorted, so that a change can be read.
func writeTable(table map[string]string, version string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by `go run ./cmd/webbuild trackers` from vendors.txt and %s %s (MIT licence).\n", trackersPackage, version)
	for _, category := range []string{"essential", "functional", "analytics", "marketing"} {
		fmt.Fprintf(&b, "\n%s\n", category)
		var patterns []string
		for pattern, c := range table {
			if c == category {
				patterns = append(patterns, pattern)
			}
		}
		slices.Sort(patterns)
		for _, pattern := range patterns {
			b.WriteString(pattern + "\n")
		}
	}
	return b.Bytes()
}
