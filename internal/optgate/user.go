package optgate

import (
	"slices"
	"strings"
	"time"
)

// User may sign in to the admin.
type User struct {
	Name     string     `json:"name"`     // see [ValidateUserName]
	Password string     `json:"password"` // argon2id hash in PHC form, never the password; see [User.HasPassword]
	Role     Role       `json:"role,omitempty"`
	Created  time.Time  `json:"created"`
	Sessions []Session  `json:"sessions,omitempty"`
	Tokens   []APIToken `json:"tokens,omitempty"`

	// Language is the tag of the one that she chose for the admin; empty: none.
	Language string `json:"language,omitempty"`

	// Authenticator is the app that gives the codes for her second step; nil: she
	// signs in by the password alone.
	Authenticator *Authenticator `json:"authenticator,omitempty"`

	// External is who she is at an OpenID provider; nil: she is a user of this
	// Optgate alone. Who is external has no password and no other way to sign in.
	External *External `json:"external,omitempty"`

	// Handle is random, and what passkeys know her by; empty until the first one.
	Handle   []byte    `json:"handle,omitempty"`
	Passkeys []Passkey `json:"passkeys,omitempty"`

	// Version counts the user's changes. Who changes a user hands in the version
	// that she read; see [UserStore.UpdateUser].
	Version int `json:"version,omitempty"`
}

// HasPassword reports whether there is a password by which u can sign in. An
// external user has none, and neither has who is to set a new one by a link.
func (u User) HasPassword() bool { return strings.HasPrefix(u.Password, "$") }

// Role is what a user is there for. The empty one is an owner: the users of
// Optgate's first version, which knew no roles, could do everything.
type Role string

// The roles.
const (
	Owner   Role = "owner"   // everything, people included
	Editor  Role = "editor"  // changes sites; no person's records
	Viewer  Role = "viewer"  // sees sites and numbers
	Auditor Role = "auditor" // sees what a viewer sees and each record, and changes nothing
)

// Roles lists every role.
var Roles = []Role{Owner, Editor, Viewer, Auditor}

// Permission is one kind of thing that a user may do.
type Permission string

// The permissions. Everybody who is signed in may also change her own account.
const (
	SeeSites     Permission = "sites:read"
	EditSites    Permission = "sites:write"
	SeeRecords   Permission = "records:read" // of persons; counts are with SeeSites
	EraseRecords Permission = "records:erase"
	SeeAudit     Permission = "audit:read" // what users did
	ManageUsers  Permission = "users"
)

// Permissions lists every permission.
var Permissions = []Permission{SeeSites, EditSites, SeeRecords, EraseRecords, SeeAudit, ManageUsers}

var rolePermissions = map[Role][]Permission{
	Owner:   Permissions,
	Editor:  {SeeSites, EditSites},
	Viewer:  {SeeSites},
	Auditor: {SeeSites, SeeRecords, SeeAudit},
}

// OrOwner returns r, or [Owner] for the empty role.
func (r Role) OrOwner() Role {
	if r == "" {
		return Owner
	}
	return r
}

// May reports whether users of the role have the permission. A role that this
// Optgate does not know has none.
func (r Role) May(p Permission) bool { return slices.Contains(rolePermissions[r.OrOwner()], p) }

// MaxSessions is how many sessions a user can have at a time; one more ends the
// one that began first.
const MaxSessions = 20

// Session is a browser in which a user is signed in.
type Session struct {
	ID    string    `json:"id"`    // SHA-256, in hex, of what the browser's cookie holds
	Since time.Time `json:"since"` // when she signed in
	Seen  time.Time `json:"seen"`  // last used, give or take an hour
	Until time.Time `json:"until"`
	By    Proof     `json:"by,omitempty"` // empty: from before it was kept

	// Confirmed is when she showed once more who she is, after she signed in.
	Confirmed time.Time `json:"confirmed,omitzero"`
}

// Proof is how a user showed who she is.
type Proof string

// The proofs.
const (
	ByPassword Proof = "password"
	ByCode     Proof = "password and code"
	ByRecovery Proof = "password and recovery code"
	ByPasskey  Proof = "passkey"
	ByProvider Proof = "single sign-on"
)

// Authenticator is an app that shows a new code every 30 seconds (RFC 6238).
type Authenticator struct {
	Secret   string    `json:"secret"` // sealed by the key ring, for this user alone
	Since    time.Time `json:"since"`
	LastStep int64     `json:"lastStep"` // of the last code that was used; neither it nor older ones count again
	Recovery []string  `json:"recovery"` // hashes of the recovery codes that are left
}

// External is a person at an OpenID provider. Names there can change hands; this
// never does.
type External struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// Passkey is a key pair of a user's device (WebAuthn). Only the public half is
// here.
type Passkey struct {
	ID      []byte    `json:"id"`
	Name    string    `json:"name"`   // in the user's words
	Public  []byte    `json:"public"` // COSE key
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"` // last sign-in by it

	// Count is how many signatures the device says it has made; always 0 for
	// devices that do not count.
	Count uint32 `json:"count,omitempty"`

	// Synced tells keys that a device shares with others of its owner. It never
	// changes.
	Synced bool `json:"synced,omitempty"`

	// Challenged is when the challenge that it signed last was made. It signs no
	// older one, nor that one again.
	Challenged time.Time `json:"challenged,omitzero"`
}

// MaxPasskeys is how many passkeys a user can have at a time.
const MaxPasskeys = 20

// APIToken lets a program do some of what its user may do.
type APIToken struct {
	ID      string       `json:"id"`     // to revoke it by
	Name    string       `json:"name"`   // what it is for, in the user's words
	Hash    string       `json:"hash"`   // SHA-256 of its secret, in hex
	Scopes  []Permission `json:"scopes"` // of these what the user's role has
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"`
}

// MaxTokens is how many API tokens a user can have at a time.
const MaxTokens = 50

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

// ParseRole reads a role, or returns an [InvalidError] of field "role".
func ParseRole(text string) (Role, error) {
	if role := Role(text); slices.Contains(Roles, role) {
		return role, nil
	}
	return "", &InvalidError{"role", "is one of " + list(Roles)}
}
