package optgate

import (
	"context"
	"time"
)

// Store keeps all that must outlive the process. There are two: one on Redis,
// one on a file of its own. Both pass the suite in internal/store/storetest,
// which is this contract as tests.
//
// All methods are safe for concurrent use. A write is durable, as far as the
// medium can say so, when its method returns nil; if it returns another error
// than the ones named here, it may or may not have happened, and the caller may
// try again: every write can be repeated. Times are stored in whole
// milliseconds. A context that ends makes a method return early; it undoes
// nothing.
type Store interface {
	Ledger
	CheckpointStore
	RevisionStore
	DraftStore
	GroupStore
	PanelStore
	UnmarkedStore
	UserStore
	GuessStore
	KeyStore
	AuditStore

	// Ping reports whether the store answers.
	Ping(ctx context.Context) error

	// Warnings says in an operator's words what is wrong with how the store is
	// set up, for example that it would forget what it acknowledged. Nil is well.
	Warnings(ctx context.Context) ([]string, error)

	// Close waits for writes under way and releases the store.
	Close() error
}

// Ledger keeps each site's records as the links of [Partitions] chains. Entries
// are appended and never changed, but for one thing: erasing a record leaves its
// tombstone in its place.
type Ledger interface {
	// Append stores r as the newest record of its visitor, links it to the chain
	// of her partition and counts it, in one atomic step. If the visitor has a
	// record of that id already, nothing is written: then it returns the entry of
	// that first one and created is false, or [ErrConflict] if it holds another
	// answer (see [Record.SameAnswer]).
	Append(ctx context.Context, r Record) (e Entry, created bool, err error)

	// Current returns the entry of a visitor's newest record, or [ErrNotFound].
	Current(ctx context.Context, site SiteID, visitor string) (Entry, error)

	// Records returns the entries of all records of a visitor, oldest first. None
	// is no error.
	Records(ctx context.Context, site SiteID, visitor string) ([]Entry, error)

	// EntryAt returns the entry at a place of a chain, as a receipt names it, or
	// [ErrNotFound].
	EntryAt(ctx context.Context, p Place) (Entry, error)

	// Find returns the entry of the record of that id, or [ErrNotFound]. Nothing
	// is indexed by an id alone: it looks through what was recorded from ten
	// minutes before to [FindWithin] after the time in the id, which is that of
	// the visitor's clock. If that clock was wrong, or if she was offline for
	// longer, the record is not found; look for it by visitor or by place.
	Find(ctx context.Context, site SiteID, id string) (Entry, error)

	// Erase turns all records of a visitor into tombstones, from which nothing
	// leads to her, notes that in an entry at the end of her chain, all in one
	// atomic step, and returns how many records there were. If there was none,
	// nothing is noted. Counts of days stay: they name nobody.
	Erase(ctx context.Context, r EraseRequest) (int, error)

	// Expire does what Erase does, with reason [ErasedByRetention], to the oldest
	// records of a site, and is to be called again while more is true. Records are
	// gone through in their order up to one that may stay; what is old behind that
	// one, because a clock was set back, is erased with it later.
	Expire(ctx context.Context, r ExpireRequest) (erased int, more bool, err error)

	// Scan returns up to limit entries of a site in the order in which the store
	// took them, those of one partition by Seq, from after the cursor on ("": from
	// the start), and the cursor to go on from. An entry that was appended before
	// the call is met exactly once by a series of calls, as it is at that moment.
	// Fewer than limit means the end. A cursor that Scan did not return is an
	// [InvalidError] of field "cursor".
	Scan(ctx context.Context, site SiteID, cursor string, limit int) ([]Entry, string, error)

	// Heads returns the newest link of each partition that has any, by partition.
	Heads(ctx context.Context, site SiteID) ([]Head, error)

	// Restore appends entries that have their links already, as Scan returned
	// them on another store, and returns how many. Those of a partition must
	// follow one another and its head, or be there already: then they are passed
	// over, and stay as they are there. Otherwise Restore returns an
	// [InvalidError] for an entry that contradicts itself or those before it, or
	// [ErrConflict] for one that does not fit what is there; other partitions may
	// be stored then. Records are counted.
	Restore(ctx context.Context, site SiteID, entries []Entry) (int, error)

	// Counts returns the counts of each day from the day of from to the day of
	// to (both UTC, both included) that has any, in order.
	Counts(ctx context.Context, site SiteID, from, to time.Time) ([]DayCount, error)

	// Answered returns how many of a site's visitors gave their newest answer to
	// each revision, visitors who have a record, that is. It is kept as a count.
	Answered(ctx context.Context, site SiteID) (map[int]int, error)
}

// FindWithin is how long after the time in its id a record is looked for by
// [Ledger.Find].
const FindWithin = 24 * time.Hour

// Place is where an entry lies.
type Place struct {
	Site      SiteID
	Partition int
	Seq       uint64
}

// EraseRequest asks for a visitor's records to be erased.
type EraseRequest struct {
	Site    SiteID
	Visitor string
	Reason  ErasureReason
	At      time.Time // now, to be noted
}

// ExpireRequest asks for records to be erased that are older than Before.
type ExpireRequest struct {
	Site   SiteID
	Before time.Time
	At     time.Time // now, to be noted
	Limit  int       // look at no more entries than about so many
}

// CheckpointStore keeps the signed heads of a site's ledger, as texts of which
// it knows nothing. They are numbered from 1 on and never change.
type CheckpointStore interface {
	// PutCheckpoint appends a checkpoint, unless it is the newest already.
	PutCheckpoint(ctx context.Context, site SiteID, text string) error

	// Checkpoints returns up to limit checkpoints that follow the number after. A
	// negative after counts from the end: -1 stands before the newest.
	Checkpoints(ctx context.Context, site SiteID, after, limit int) ([]string, error)
}

// DayCount is how a site's visitors decided on one day. Sources, Languages and
// Revisions are empty for decisions of before they were counted.
type DayCount struct {
	Day       string             `json:"day"` // YYYY-MM-DD, UTC
	Actions   map[Action]int     `json:"actions"`
	Yes       map[CategoryID]int `json:"yes"` // decisions that allowed the category
	No        map[CategoryID]int `json:"no"`  // decisions that did not
	Sources   map[string]int     `json:"sources"`
	Languages map[string]int     `json:"languages"`
	Revisions map[int]int        `json:"revisions"`

	// BySource and ByLanguage are the answers about all categories, of decisions
	// that are counted by source and language.
	BySource   map[string]Answers `json:"bySource"`
	ByLanguage map[string]Answers `json:"byLanguage"`
}

// Answers are how often a category was allowed, and how often one was not.
type Answers struct {
	Yes int `json:"yes"`
	No  int `json:"no"`
}

// Plus returns both together.
func (a Answers) Plus(b Answers) Answers { return Answers{a.Yes + b.Yes, a.No + b.No} }

// RevisionStore keeps sites, each a series of revisions, and what is paused on
// them.
type RevisionStore interface {
	// Publish stores r and tells every [RevisionStore.Watch]. Its number must be
	// one more than the site's latest (1 for a new site), otherwise it returns
	// [ErrConflict]: somebody else published, look again.
	Publish(ctx context.Context, r Revision) error

	// Latest returns the latest revision of every site, ordered by site.
	Latest(ctx context.Context) ([]Revision, error)

	// Revision returns one revision, or [ErrNotFound].
	Revision(ctx context.Context, site SiteID, number int) (Revision, error)

	// Paused returns what is paused on each site on which something was paused
	// ever, ordered by site.
	Paused(ctx context.Context) ([]Paused, error)

	// SetPaused replaces what is paused on a site, whose stored version must be
	// p.Version, stores the next version and tells every [RevisionStore.Watch].
	// Otherwise it returns [ErrConflict]: somebody else paused or resumed
	// something, look again.
	SetPaused(ctx context.Context, p Paused) error

	// Watch calls changed when it begins to listen, and then each time that a
	// revision or a pause may have been stored by any process, soon after it. It may call
	// too often and, when messages are lost, too seldom: poll as well. It returns
	// ctx's error when that ends, or earlier when the store fails.
	Watch(ctx context.Context, changed func()) error
}

// DraftStore keeps the draft of each site.
type DraftStore interface {
	// Draft returns a site's draft. While it has none that is open, what is
	// returned holds only the version to follow. Its configuration is shared with
	// other callers: clone it to edit it.
	Draft(ctx context.Context, site SiteID) (Draft, error)

	// PutDraft replaces a site's draft, whose stored version is d.Version (0: there
	// never was one), and stores the next version. It returns [ErrConflict] if
	// somebody else changed the draft since d was read. To remove a draft, put
	// [Draft.Closed].
	PutDraft(ctx context.Context, d Draft) error
}

// GroupStore keeps groups of sites. Which sites are in one is said by their
// revisions.
type GroupStore interface {
	// Group returns a group, or [ErrNotFound].
	Group(ctx context.Context, id GroupID) (Group, error)

	// Groups returns all groups, ordered by id.
	Groups(ctx context.Context) ([]Group, error)

	// PutGroup replaces a group whose stored version is g.Version (0: there is none
	// yet), and stores the next version. It returns [ErrConflict] if somebody else
	// changed the group since g was read.
	PutGroup(ctx context.Context, g Group) error
}

// PanelStore keeps what visitors were shown, for good: records name it.
type PanelStore interface {
	// PutPanel stores a panel, unless it is there already.
	PutPanel(ctx context.Context, p Panel) error

	// Panel returns the content that has that [PanelHash], or [ErrNotFound]. What
	// it returns has that hash: it is checked.
	Panel(ctx context.Context, hash string) ([]byte, error)

	// Panels returns the panels of a revision, ordered by language and hash. None
	// is no error.
	Panels(ctx context.Context, site SiteID, revision int) ([]PanelName, error)
}

// UnmarkedStore keeps what pages of a site brought though no tag marks it.
type UnmarkedStore interface {
	// SawUnmarked notes that a site's pages had these tags on a day (YYYY-MM-DD,
	// UTC). One that is there keeps its first day. Tags that were not seen for
	// [UnmarkedDays] are gone, and while a site has [MaxUnmarked] of them, new ones
	// are dropped.
	SawUnmarked(ctx context.Context, site SiteID, day string, tags []Unmarked) error

	// Unmarked returns a site's tags, ordered by host, path and kind. None is no
	// error.
	Unmarked(ctx context.Context, site SiteID) ([]SeenUnmarked, error)

	// ForgetUnmarked removes a tag. It is no error if it is not there.
	ForgetUnmarked(ctx context.Context, site SiteID, tag Unmarked) error
}

// UserStore keeps the admin's users and one-time tokens.
type UserStore interface {
	// CreateUser stores a new user, or returns [ErrConflict] if the name is taken.
	CreateUser(ctx context.Context, u User) error

	// UpdateUser replaces a user whose stored version is u.Version and stores the
	// next version. It returns [ErrNotFound], or [ErrConflict] if somebody else
	// changed the user since u was read, or [ErrLastOwner] if u were an owner no
	// more and there were none then. Whose role a provider gives can lose it all the
	// same. Of two owners who take the role from each other at once, one keeps it.
	UpdateUser(ctx context.Context, u User) error

	// DeleteUser removes a user, or returns [ErrNotFound], or [ErrLastOwner] if
	// nobody else is an owner and somebody has to stay.
	DeleteUser(ctx context.Context, name string) error

	// User returns a user, or [ErrNotFound].
	User(ctx context.Context, name string) (User, error)

	// Users returns all users, ordered by name.
	Users(ctx context.Context) ([]User, error)

	// PutToken stores a token.
	PutToken(ctx context.Context, t Token) error

	// TakeToken removes the token with that hash. If there is none, or if it
	// expired at or before now, it returns [ErrNotFound]. Of two callers at the
	// same time only one gets it.
	TakeToken(ctx context.Context, hash string, now time.Time) error

	// HasToken returns nil if [UserStore.TakeToken] would find the token now,
	// otherwise [ErrNotFound].
	HasToken(ctx context.Context, hash string, now time.Time) error
}

// GuessStore counts guesses at secrets, for all processes on the store together.
type GuessStore interface {
	// Guess takes one guess from what the limit allows for the key and returns 0, or
	// how long to wait until there is one. A key must not tell whom it is about, and
	// is forgotten when all its guesses have come back.
	Guess(ctx context.Context, key string, limit GuessLimit, now time.Time) (time.Duration, error)
}

// GuessLimit allows Burst guesses at once, of which one comes back after each
// Every.
type GuessLimit struct {
	Every time.Duration // at least a millisecond
	Burst int           // at least 1
}

// KeyStore keeps the key ring that signs cookies and receipts, one for all
// processes on the store. What it holds is secret.
type KeyStore interface {
	// Keys returns the key ring, or [ErrNotFound] if none was stored yet.
	Keys(ctx context.Context) ([]byte, error)

	// SwapKeys replaces the key ring old by ring (old nil: there is none yet), or
	// returns [ErrConflict] if the store holds another than old.
	SwapKeys(ctx context.Context, old, ring []byte) error
}

// AuditStore keeps the audit log, one for all sites.
type AuditStore interface {
	// AppendAudit stores e, which must be the entry after the newest, or returns
	// [ErrConflict]: somebody else added one, look again.
	AppendAudit(ctx context.Context, e AuditEntry) error

	// Audit returns up to limit entries, newest first, beginning with the one
	// before number before (0: with the newest).
	Audit(ctx context.Context, before uint64, limit int) ([]AuditEntry, error)
}
