// Package password hashes and checks the passwords of the admin's users by
// argon2id, with the parameters that OWASP recommends.
package password

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/optgate/optgate/internal/optgate"
)

// Bounds of a password. The upper one keeps a request from making us hash
// megabytes.
const (
	MinCharacters = 10
	MaxBytes      = 1000
)

// params are OWASP's for argon2id: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// running bounds how many hashes are computed at once: each takes params.Memory,
// and more of them than processors would only wait for each other.
var running = make(chan struct{}, runtime.NumCPU())

// nobody is the hash of a password that nobody knows.
var nobody = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(rand.Text(), params)
})

// compare is what takes the time. Tests count its calls.
var compare = argon2id.ComparePasswordAndHash

// Check reports, as an [optgate.InvalidError] of field "password", why password
// cannot be one, or nil.
func Check(password string) error {
	switch {
	case utf8.RuneCountInString(password) < MinCharacters:
		return &optgate.InvalidError{Field: "password", Msg: fmt.Sprintf("is shorter than %d characters", MinCharacters)}
	case len(password) > MaxBytes:
		return &optgate.InvalidError{Field: "password", Msg: fmt.Sprintf("is longer than %d bytes", MaxBytes)}
	}
	return nil
}

// Hash returns the argon2id hash of password in PHC form. It returns the error
// of [Check] if password cannot be one.
func Hash(password string) (string, error) {
	if err := Check(password); err != nil {
		return "", err
	}
	running <- struct{}{}
	defer func() { <-running }()
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return "", fmt.Errorf("password: hash: %w", err)
	}
	return hash, nil
}

// Verify reports whether password belongs to hash. An empty hash, for a user
// who does not exist, and a malformed one take as long as a true one and are
// never right, so that the time of an answer tells nothing.
func Verify(hash, password string) bool {
	running <- struct{}{}
	defer func() { <-running }()
	// Made by whichever call is the first, so that it does not stand out by that.
	dummy, err := nobody()
	if err != nil {
		return false
	}
	if len(password) <= MaxBytes {
		if ok, err := compare(password, hash); err == nil {
			return ok
		}
	}
	_, _ = compare(password[:min(len(password), MaxBytes)], dummy) // for its time alone
	return false
}
