package admin

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Guesses are slowed per client address and per account. The account's limit is
// the looser one and never closes for longer than one guess takes to come back,
// so that nobody can lock another out by guessing; a browser that has signed in
// before is not counted against it at all.
const (
	guessesPerClient  = 10
	clientGuessEvery  = 6 * time.Second
	guessesPerAccount = 20
	accountGuessEvery = 2 * time.Second
)

// signInLimit says how long a guess has to wait.
type signInLimit struct {
	clients, accounts, devices buckets
}

func newSignInLimit() *signInLimit {
	return &signInLimit{
		clients:  buckets{every: clientGuessEvery, burst: guessesPerClient},
		accounts: buckets{every: accountGuessEvery, burst: guessesPerAccount},
		devices:  buckets{every: accountGuessEvery, burst: guessesPerClient},
	}
}

// guess is one attempt to sign in.
type guess struct {
	client, account string
	device          string // id of a browser that signed in to the account before, or empty
}

// wait takes g into account and returns 0, or how long to wait before trying
// again.
func (l *signInLimit) wait(g guess, now time.Time) time.Duration {
	if d := l.clients.take(g.client, now); d > 0 {
		return d
	}
	if g.device != "" {
		return l.devices.take(g.device, now)
	}
	return l.accounts.take(g.account, now)
}

// maxBuckets bounds the memory of each limit to two generations of this many.
const maxBuckets = 4096

// buckets is a token bucket per key. When a generation is full it becomes the
// old one, and the one before is dropped: a key in use moves on, so only a flood
// of thousands of keys makes one forgotten early.
type buckets struct {
	every time.Duration
	burst int

	mu       sync.Mutex
	now, old map[string]*rate.Limiter
}

// take takes a token of key and returns 0, or the time until there is one.
func (b *buckets) take(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.now[key]
	if l == nil {
		if l = b.old[key]; l == nil {
			l = rate.NewLimiter(rate.Every(b.every), b.burst)
		}
		if b.now == nil || len(b.now) >= maxBuckets {
			b.old, b.now = b.now, make(map[string]*rate.Limiter)
		}
		b.now[key] = l
	}
	r := l.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
