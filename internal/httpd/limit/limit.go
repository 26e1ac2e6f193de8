// Package limit slows clients down by token buckets, one for each key, in
// bounded memory.
package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Buckets is a token bucket for each key. Its exported fields are set before
// the first call of a method. It is safe for concurrent use.
//
// Memory is bounded to two generations of Max keys. When a generation is full it
// becomes the old one, and the one before is dropped: a key in use moves on, so
// only a flood of keys makes one forgotten early.
type Buckets struct {
	Every time.Duration // until a token comes back
	Burst int           // tokens of a full bucket
	Max   int           // keys of a generation

	mu       sync.Mutex
	now, old map[string]*rate.Limiter
}

// Take takes a token of key and returns 0, or the time until there is one.
func (b *Buckets) Take(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.now[key]
	if l == nil {
		if l = b.old[key]; l == nil {
			l = rate.NewLimiter(rate.Every(b.Every), b.Burst)
		}
		if b.now == nil || len(b.now) >= b.Max {
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
