package admin

import (
	"time"

	"github.com/optgate/optgate/internal/httpd/limit"
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
	clients, accounts, devices limit.Buckets
}

func newSignInLimit() *signInLimit {
	return &signInLimit{
		clients:  limit.Buckets{Every: clientGuessEvery, Burst: guessesPerClient, Max: maxKeys},
		accounts: limit.Buckets{Every: accountGuessEvery, Burst: guessesPerAccount, Max: maxKeys},
		devices:  limit.Buckets{Every: accountGuessEvery, Burst: guessesPerClient, Max: maxKeys},
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
	if d := l.clients.Take(g.client, now); d > 0 {
		return d
	}
	if g.device != "" {
		return l.devices.Take(g.device, now)
	}
	return l.accounts.Take(g.account, now)
}

// maxKeys bounds the memory of each limit.
const maxKeys = 4096
