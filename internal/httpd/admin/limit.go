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

// A code has six digits and three are good at a time, so that guesses at it have
// to be rarer than at a password: at most 288 a day, which is right once in three
// years. Only who has the password can make them. Meanwhile the user gets in by a
// recovery code, a passkey, or from a browser that she signed in from before.
const (
	codesPerAccount  = 5
	accountCodeEvery = 5 * time.Minute
	deviceCodeEvery  = time.Minute
)

// signInLimit says how long a guess has to wait.
type signInLimit struct {
	clients, accounts, devices limit.Buckets

	codeAccounts, codeDevices limit.Buckets
}

func newSignInLimit() *signInLimit {
	return &signInLimit{
		clients:  limit.Buckets{Every: clientGuessEvery, Burst: guessesPerClient, Max: maxKeys},
		accounts: limit.Buckets{Every: accountGuessEvery, Burst: guessesPerAccount, Max: maxKeys},
		devices:  limit.Buckets{Every: accountGuessEvery, Burst: guessesPerClient, Max: maxKeys},

		codeAccounts: limit.Buckets{Every: accountCodeEvery, Burst: codesPerAccount, Max: maxKeys},
		codeDevices:  limit.Buckets{Every: deviceCodeEvery, Burst: guessesPerClient, Max: maxKeys},
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

// waitForCode is wait for a guess at the code of an authenticator app.
func (l *signInLimit) waitForCode(g guess, now time.Time) time.Duration {
	if d := l.clients.Take(g.client, now); d > 0 {
		return d
	}
	if g.device != "" {
		return l.codeDevices.Take(g.device, now)
	}
	return l.codeAccounts.Take(g.account, now)
}

// waitForClient is wait for what cannot be guessed, such as a recovery code, but
// costs work.
func (l *signInLimit) waitForClient(client string, now time.Time) time.Duration {
	return l.clients.Take(client, now)
}

// maxKeys bounds the memory of each limit.
const maxKeys = 4096
