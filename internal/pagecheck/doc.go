// Package pagecheck looks at a page of a site as it is sent, without running it,
// and tells what of it does not work with the gate: [Fetcher.Fetch] gets the page
// without letting anybody use the server to reach what only the server reaches,
// [Read] takes it apart, [Site.Findings] says what to change. Its input is
// strangers' bytes.
package pagecheck
