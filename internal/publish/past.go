package publish

import (
	"sync"

	"github.com/optgate/optgate/internal/optgate"
)

// maxPastRevisions bounds the memory that old revisions take.
const maxPastRevisions = 256

type revisionKey struct {
	site   optgate.SiteID
	number int
}

// pastRevisions remembers old revisions that visitors still answer. Revisions
// never change, so what is held is right forever.
type pastRevisions struct {
	mu   sync.Mutex
	held map[revisionKey]*optgate.Revision
}

// get returns what is held of key, or else what fetch returns, which it then
// holds unless that failed.
func (p *pastRevisions) get(key revisionKey, fetch func() (*optgate.Revision, error)) (*optgate.Revision, error) {
	p.mu.Lock()
	r := p.held[key]
	p.mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := fetch()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil || len(p.held) >= maxPastRevisions {
		p.held = map[revisionKey]*optgate.Revision{}
	}
	p.held[key] = r
	return r, nil
}
