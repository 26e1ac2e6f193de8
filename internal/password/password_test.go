package password_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

func TestHash(t *testing.T) {
	const word = "correct horse"
	hash, err := password.Hash(word)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash is %q, want argon2id with 19 MiB, two passes, one lane", hash)
	}
	again, err := password.Hash(word)
	if err != nil {
		t.Fatal(err)
	}
	if again == hash {
		t.Error("two hashes of one password are equal: the salt is missing")
	}
}

func TestVerify(t *testing.T) {
	const word = "correct horse"
	hash, err := password.Hash(word)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		hash, password string
		want           bool
	}{
		{"right", hash, word, true},
		{"wrong", hash, "correct house", false},
		{"empty password", hash, "", false},
		{"longer by a NUL", hash, word + "\x00", false},
		{"far too long", hash, strings.Repeat("x", password.MaxBytes+1), false},
		{"no such user", "", word, false},
		{"malformed hash", "$argon2id$v=19$m=19456", word, false},
		{"other algorithm", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", word, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := password.Verify(tt.hash, tt.password); got != tt.want {
				t.Errorf("Verify is %t, want %t", got, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name, password string
		ok             bool
	}{
		{"nine characters", "123456789", false},
		{"ten characters", "1234567890", true},
		{"nine umlauts, eighteen bytes", strings.Repeat("ü", 9), false},
		{"ten umlauts", strings.Repeat("ü", 10), true},
		{"longest", strings.Repeat("x", 1000), true},
		{"too long", strings.Repeat("x", 1001), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := password.Check(tt.password)
			if (err == nil) != tt.ok {
				t.Fatalf("Check returned %v, want ok %t", err, tt.ok)
			}
			if e, is := errors.AsType[*optgate.InvalidError](err); !tt.ok && (!is || e.Field != "password") {
				t.Errorf("Check returned %#v, want an InvalidError of the password", err)
			}
		})
	}
	if _, err := password.Hash("short"); err == nil {
		t.Error("Hash took a password that Check refuses")
	}
}

func TestVerifyByManyAtOnce(t *testing.T) {
	hash, err := password.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if !password.Verify(hash, "correct horse") {
				t.Error("the right password was refused")
			}
		})
	}
	all.Wait()
}
