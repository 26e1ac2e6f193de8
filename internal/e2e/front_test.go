package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// failure is what the network between browsers and Optgate does.
type failure int

const (
	none         failure = iota
	requestsLost         // nothing reaches Optgate
	answersLost          // decisions arrive, but their answers are lost
)

// front stands before Optgate as a site's own web server would. It can lose
// what is meant for Optgate, or what comes back, while the site's pages go on.
type front struct {
	optgate http.Handler

	mu      sync.Mutex
	failing failure
	bodies  []string // of the decisions that browsers sent, whatever became of them
}

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	decision := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/choices")
	f.mu.Lock()
	failing := f.failing
	if decision {
		body, _ := io.ReadAll(r.Body) // what is cut short Optgate refuses itself
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.bodies = append(f.bodies, string(body))
	}
	f.mu.Unlock()
	if failing == requestsLost && strings.HasPrefix(r.URL.Path, "/s/") {
		panic(http.ErrAbortHandler)
	}
	if decision && failing == answersLost {
		// Were the connection cut, browsers would try again by themselves, unseen by
		// the page.
		f.optgate.ServeHTTP(nowhere{http.Header{}}, r)
		w.WriteHeader(http.StatusGatewayTimeout)
		return
	}
	f.optgate.ServeHTTP(w, r)
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// fail sets what the network does from now on.
func (f *front) fail(how failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = how
}

// sent returns the bodies of the decisions that browsers sent, in order.
func (f *front) sent() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.bodies)
}
