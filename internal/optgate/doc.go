// Package optgate is the domain: what a site asks, what a visitor answered, and
// the rules that decide whether a tag may load. It knows nothing of HTTP, of
// Redis or of files, so every other package may import it; it imports only the
// standard library and ULIDs.
package optgate
