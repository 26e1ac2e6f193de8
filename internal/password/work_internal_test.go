package password

import (
	"strings"
	"testing"
)

// TestVerifyWorksAlike counts hashes instead of measuring time: whoever does not
// exist, has no password or types nonsense costs as much as a wrong password.
func TestVerifyWorksAlike(t *testing.T) {
	hash, err := Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	other, err := nobody()
	if err != nil {
		t.Fatal(err)
	}
	if parts := strings.Split(hash, "$"); !strings.HasPrefix(other, strings.Join(parts[:4], "$")+"$") {
		t.Errorf("the hash for nobody is %q, of another cost than %q", other, hash)
	}
	was := compare
	t.Cleanup(func() { compare = was })
	tests := []struct{ name, hash, password string }{
		{"right", hash, "correct horse"},
		{"wrong", hash, "battery staple"},
		{"nothing typed", hash, ""},
		{"far too long", hash, strings.Repeat("x", MaxBytes+1)},
		{"unknown user", "", "correct horse"},
		{"unknown user, far too long", "", strings.Repeat("x", MaxBytes+1)},
		{"malformed hash", "$argon2id$v=19$m=19456", "correct horse"},
		{"another algorithm", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "correct horse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			computed := 0
			compare = func(password, hash string) (bool, error) {
				match, err := was(password, hash)
				if err == nil {
					computed++
				}
				return match, err
			}
			Verify(tt.hash, tt.password)
			if computed != 1 {
				t.Errorf("%d hashes were computed, want 1", computed)
			}
		})
	}
}
