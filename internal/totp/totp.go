// Package totp has what an authenticator app and Optgate agree on: a secret, and
// the code of six digits that follows from it every 30 seconds (RFC 6238).
package totp

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	period = 30 // seconds
	// skew is how many steps a code may be early or late: clocks of phones differ,
	// and people type slowly.
	skew = 1
)

// codes are as every app understands them: some know no others.
var codes = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewSecret returns a secret of 160 bits, in base 32.
func NewSecret() (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Optgate", AccountName: "user"})
	if err != nil {
		return "", fmt.Errorf("totp: make secret: %w", err)
	}
	return key.Secret(), nil
}

// Check returns the step that code is for, if it is the code of secret now or one
// step before or after, and no code of its step or a later one was used: last is
// that of the last one that was.
func Check(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	current := now.Unix() / period
	for at := current - skew; at <= current+skew; at++ {
		// Compared in constant time, and every step, so that the time of an answer tells nothing.
		right, err := hotp.ValidateCustom(code, uint64(at), secret, codes)
		if err == nil && right && at > last {
			step, ok = at, true
		}
	}
	return step, ok
}

// Code returns the code of secret at a time.
func Code(secret string, at time.Time) (string, error) {
	code, err := hotp.GenerateCodeCustom(secret, uint64(at.Unix()/period), codes)
	if err != nil {
		return "", fmt.Errorf("totp: make code: %w", err)
	}
	return code, nil
}

// Drawing is a QR code: Path is the data of an SVG path that draws its dark
// squares, each of length 1, in a square of length Size with its margin.
type Drawing struct {
	Path string
	Size int
}

// margin is what a QR code needs around it, in squares.
const margin = 4

// Draw returns the QR code by which an app takes over the secret. The app shows
// it as the account's.
func Draw(secret, account string) (Drawing, error) {
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return Drawing{}, errors.New("totp: the secret is not base 32") // what is wrong with it would tell it
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Optgate", AccountName: account, Secret: decoded})
	if err != nil {
		return Drawing{}, fmt.Errorf("totp: make address of the secret: %w", err)
	}
	code, err := qr.Encode(key.URL(), qr.M, qr.Auto)
	if err != nil {
		return Drawing{}, fmt.Errorf("totp: draw secret: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+margin, y+margin)
			}
		}
	}
	return Drawing{path.String(), size + 2*margin}, nil
}
