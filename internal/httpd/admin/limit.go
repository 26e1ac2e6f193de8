package admin

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/limit"
	"github.com/optgate/optgate/internal/optgate"
)

// Guesses are slowed per client address and per account. The account's limit is
// the looser one and never closes for longer than one guess takes to come back,
// so that nobody can lock another out by guessing; a browser that has signed in
// before is not counted against it at all.
//
// What an account allows is counted in the store, for all replicas together. What
// an address allows is counted by each alone: it is the first thing to be asked
// and keeps floods from the store, and addresses are nothing to be stored.
const (
	guessesPerClient = 10
	clientGuessEvery = 6 * time.Second

	// maxKeys bounds the memory of the clients' limit.
	maxKeys = 4096
)

var (
	accountGuesses = optgate.GuessLimit{Every: 2 * time.Second, Burst: 20}
	deviceGuesses  = optgate.GuessLimit{Every: 2 * time.Second, Burst: 10}
)

// A code has six digits and three are good at a time, so that guesses at it have
// to be rarer than at a password: at most 288 a day, which is right once in three
// years. Only who has the password can make them. Meanwhile the user gets in by a
// recovery code, a passkey, or from a browser that she signed in from before.
var (
	accountCodes = optgate.GuessLimit{Every: 5 * time.Minute, Burst: 5}
	deviceCodes  = optgate.GuessLimit{Every: time.Minute, Burst: 10}
)

// guess counts an attempt to prove by a password to be the user of that name, and
// returns 0 or how long it has to wait.
func (a *Admin) guess(c echo.Context, name string) (time.Duration, error) {
	return a.guessWithin(c, name, accountGuesses, deviceGuesses)
}

// guessCode is guess for the code of an authenticator app.
func (a *Admin) guessCode(c echo.Context, name string) (time.Duration, error) {
	return a.guessWithin(c, name, accountCodes, deviceCodes)
}

func (a *Admin) guessWithin(c echo.Context, name string, account, known optgate.GuessLimit) (time.Duration, error) {
	if d := a.guessOfClient(c); d > 0 {
		return d, nil
	}
	ctx := c.Request().Context()
	var d device
	if a.open(c, deviceCookie, &d) && d.User == name {
		return a.count(ctx, "device "+d.ID, known)
	}
	return a.count(ctx, "account "+name, account)
}

// guessOfClient is guess for what cannot be guessed, such as a recovery code, but
// costs work.
func (a *Admin) guessOfClient(c echo.Context) time.Duration {
	a.limitOnce.Do(func() {
		a.clients = &limit.Buckets{Every: clientGuessEvery, Burst: guessesPerClient, Max: maxKeys}
	})
	return a.clients.Take(a.ClientKey(c.Request()), a.Now())
}

// count takes a guess at what is called so, which the store does not learn: what
// is typed as a name may be a password in the wrong field.
func (a *Admin) count(ctx context.Context, what string, limit optgate.GuessLimit) (time.Duration, error) {
	key := hex.EncodeToString(a.Derive(fmt.Sprintf("guesses %v %s", limit.Every, what))[:16])
	wait, err := a.Guesses.Guess(ctx, key, limit, a.Now())
	if err != nil {
		return 0, fmt.Errorf("admin: count a guess: %w", err)
	}
	return wait, nil
}
