package optgate

import "time"

// User may sign in to the admin.
type User struct {
	Name     string    `json:"name"`     // see [ValidateUserName]
	Password string    `json:"password"` // argon2id hash in PHC form, never the password
	Epoch    int       `json:"epoch"`    // raised to end every session of the user
	Created  time.Time `json:"created"`
}

// Token is a one-time permission, such as the link that sets up the first
// user. Only the hash of what was handed out is kept.
type Token struct {
	Hash    string    `json:"hash"` // SHA-256 of the token, in hex
	Expires time.Time `json:"expires"`
}

// ValidateUserName reports why name cannot be a user name, as an
// [InvalidError], or nil.
func ValidateUserName(name string) error {
	if !userNamePattern.MatchString(name) {
		return &InvalidError{"name", "is 1 to 64 letters, digits and . _ @ + -"}
	}
	return nil
}
