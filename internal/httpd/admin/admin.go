// Package admin is the admin at /admin/: setting it up, signing in, and changing
// what sites ask and load. Its pages work without a script; every change is a
// form that is posted and answered by a redirect.
package admin

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/limit"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
	"github.com/optgate/optgate/internal/provider"
	"github.com/optgate/optgate/internal/publish"
)

// Publisher knows the latest revision of each site and publishes new ones.
type Publisher interface {
	// Sites returns the latest revision of each site, ordered by site.
	Sites() []optgate.Revision

	// Site returns the latest revision of a site.
	Site(id optgate.SiteID) (optgate.Revision, bool)

	// Revision returns any revision of a site, or [optgate.ErrNotFound].
	Revision(ctx context.Context, id optgate.SiteID, number int) (*optgate.Revision, error)

	// History returns a page of a site's revisions, newest first, beginning with
	// the one before number before (0: the latest).
	History(ctx context.Context, id optgate.SiteID, before int) ([]publish.Entry, error)

	// Check returns the faults for which Publish would refuse c as
	// [optgate.InvalidErrors], or nil.
	Check(c *optgate.Config) error

	// Publish makes c the revision of its site that follows number previous (0: a
	// new site). It returns [optgate.InvalidErrors] if c has faults, and
	// [optgate.ErrConflict] if the site's latest revision is another one.
	Publish(ctx context.Context, c *optgate.Config, previous int, author, note string, how ...publish.Option) (optgate.Revision, error)

	// Groups returns all groups, ordered by id.
	Groups(ctx context.Context) ([]optgate.Group, error)

	// Group returns a group, or [optgate.ErrNotFound].
	Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error)

	// PutGroup stores a group whose version is the one that was read (0: there is
	// none). It returns [optgate.InvalidErrors] or [optgate.ErrConflict].
	PutGroup(ctx context.Context, g optgate.Group) (optgate.Group, error)

	// RemoveGroup deletes a group whose version is the one that was read. It
	// returns [publish.ErrHasSites] or [optgate.ErrConflict].
	RemoveGroup(ctx context.Context, g optgate.Group) error

	// Members returns the latest revision of each site of a group, ordered by site.
	Members(id optgate.GroupID) []optgate.Revision

	// Follow publishes to each site of a group what it is with the group's settings.
	Follow(ctx context.Context, g *optgate.Group, f publish.Following) []publish.Follower

	// Paused returns what is paused on a site.
	Paused(id optgate.SiteID) optgate.Paused

	// Pause stops something on a site at once. What is paused already stays so, and
	// done is false. What cannot be paused there is an [optgate.InvalidError].
	Pause(ctx context.Context, id optgate.SiteID, p optgate.Pause) (done bool, err error)

	// Resume ends a pause and returns it; done is false if there was none.
	Resume(ctx context.Context, id optgate.SiteID, what optgate.Pausable) (ended optgate.Pause, done bool, err error)
}

// Admin answers the admin's requests. Its fields are set before the first call
// of a method and not changed afterwards.
type Admin struct {
	Users     optgate.UserStore
	Guesses   optgate.GuessStore
	Derive    func(text string) []byte // 32 bytes that nobody without the key ring can tell
	Ledger    optgate.Ledger
	Warnings  func(ctx context.Context) ([]string, error) // what is wrong with the store's set-up
	Trail     optgate.AuditStore
	Panels    optgate.PanelStore // what visitors were shown
	Unmarked  optgate.UnmarkedStore
	Signed    optgate.CheckpointStore
	Verifier  func() (keys.Verifier, error) // for receipts and checkpoints of this installation
	Drafts    optgate.DraftStore
	Sites     Publisher
	Codecs    func() []securecookie.Codec  // for cookies, the one to seal with first
	PublicURL func(r *http.Request) string // scheme://host under which sites reach Optgate
	AdminURL  func(r *http.Request) string // scheme://host under which browsers reach the admin
	Provider  *provider.Provider           // for single sign-on; nil: none
	Secure    func(r *http.Request) bool   // the browser sent r over https
	ClientKey func(r *http.Request) string // opaque key of the client's address
	Pages     *pagecheck.Fetcher
	// TellsRegions is whether a proxy tells the server where visitors are.
	TellsRegions bool
	Gate         func(optgate.SiteID) []byte // what is served as a site's gate; nil: there is no such site
	Log          *slog.Logger
	Now          func() time.Time

	limitOnce sync.Once
	clients   *limit.Buckets // guesses of a client's address

	looksOnce sync.Once
	looks     *limit.Buckets // fetched pages of a user
}

// maxBody is enough for a service in sixty languages.
const maxBody = 1 << 20

// Register adds the admin's routes to g, the group "/admin". Whatever it does
// not answer itself it returns as an error to Echo's handler.
func (a *Admin) Register(g *echo.Group) {
	cross := http.NewCrossOriginProtection()
	g.Use(a.headers, speak, limitBody, a.refuseCrossOrigin(cross))

	g.POST("/language", a.postLanguage)
	g.GET("/sign-in", a.getSignIn)
	g.POST("/sign-in", a.postSignIn)
	g.GET("/sign-in/provider", a.getProvider)
	g.GET("/sign-in/provider/back", a.getProviderBack)
	g.POST("/sign-in/passkey", a.postPasskey)
	g.POST("/sign-in/passkey/begin", a.postPasskeyBegin)
	g.GET("/sign-in/code", a.getCode)
	g.POST("/sign-in/code", a.postCode)
	g.GET("/setup/:token", a.getSetup)
	g.POST("/setup/:token", a.postSetup)

	g.GET("/invitation/:role/:token", a.byLink(a.invitation, a.showLink))
	g.POST("/invitation/:role/:token", a.byLink(a.invitation, a.postInvitation))
	g.GET("/reset/:user/:token", a.byLink(a.reset, a.showLink))
	g.POST("/reset/:user/:token", a.byLink(a.reset, a.postReset))

	g.POST("/sign-out", a.signedIn(a.postSignOut))
	g.GET("/account", a.signedIn(a.getAccount))
	g.POST("/account/password", a.signedIn(a.postPassword))
	g.POST("/account/confirm", a.signedIn(a.confirmed(a.postConfirm)))
	g.POST("/account/sign-out", a.signedIn(a.postSignOutEverywhere))
	g.POST("/account/end-session", a.signedIn(a.postEndSession))
	g.POST("/account/authenticator", a.signedIn(a.confirmed(a.postAuthenticator)))
	g.POST("/account/authenticator/confirm", a.signedIn(a.postConfirmAuthenticator))
	g.POST("/account/authenticator/codes", a.signedIn(a.confirmed(a.postRecoveryCodes)))
	g.POST("/account/authenticator/remove", a.signedIn(a.confirmed(a.postRemoveAuthenticator)))
	g.POST("/account/passkeys/begin", a.signedIn(a.postNewPasskeyBegin))
	g.POST("/account/passkeys", a.signedIn(a.postNewPasskey))
	g.POST("/account/passkeys/remove", a.signedIn(a.confirmed(a.postRemovePasskey)))
	g.POST("/account/new-token", a.signedIn(a.confirmed(a.postNewToken)))
	g.POST("/account/revoke-token", a.signedIn(a.postRevokeToken))

	g.GET("/people", a.may(optgate.ManageUsers, a.getPeople))
	g.POST("/people/invite", a.may(optgate.ManageUsers, a.confirmed(a.postInvite)))
	g.GET("/people/:user", a.may(optgate.ManageUsers, a.getPerson))
	g.POST("/people/:user/role", a.may(optgate.ManageUsers, a.confirmed(a.postRole)))
	g.GET("/people/:user/reset", a.may(optgate.ManageUsers, a.getResetLink))
	g.POST("/people/:user/reset", a.may(optgate.ManageUsers, a.confirmed(a.postResetLink)))
	g.POST("/people/:user/end-session", a.may(optgate.ManageUsers, a.postEndTheirSession))
	g.POST("/people/:user/end-sessions", a.may(optgate.ManageUsers, a.postEndTheirSessions))
	g.POST("/people/:user/revoke-token", a.may(optgate.ManageUsers, a.postRevokeTheirToken))
	g.POST("/people/:user/remove-passkey", a.may(optgate.ManageUsers, a.postRemoveTheirPasskey))
	g.GET("/people/:user/second-step", a.may(optgate.ManageUsers, a.getRemoveSecondStep))
	g.POST("/people/:user/second-step", a.may(optgate.ManageUsers, a.confirmed(a.postRemoveSecondStep)))
	g.GET("/people/:user/remove", a.may(optgate.ManageUsers, a.getRemoveUser))
	g.POST("/people/:user/remove", a.may(optgate.ManageUsers, a.confirmed(a.postRemoveUser)))

	g.GET("/audit", a.may(optgate.SeeAudit, a.getAudit))
	g.GET("/audit.jsonl", a.may(optgate.SeeAudit, a.getAuditLines))

	g.GET("/", a.may(optgate.SeeSites, a.getSites))
	g.GET("/sites/:site", a.may(optgate.SeeSites, a.getSite))
	g.GET("/sites/:site/overview", a.may(optgate.SeeSites, a.getOverview))
	g.GET("/sites/:site/overview.csv", a.may(optgate.SeeSites, a.getOverviewCSV))
	g.GET("/sites/:site/check", a.may(optgate.EditSites, a.getCheck))
	g.POST("/sites/:site/check", a.may(optgate.EditSites, a.postCheck))
	g.GET("/sites/:site/history", a.may(optgate.SeeSites, a.getHistory))
	g.GET("/sites/:site/compare", a.may(optgate.SeeSites, a.getCompare))
	g.GET("/sites/:site/history/:number", a.may(optgate.SeeSites, a.getRevision))

	g.GET("/sites/:site/records", a.may(optgate.SeeRecords, a.getRecords))
	g.POST("/sites/:site/records", a.may(optgate.SeeRecords, a.postRecords))
	g.POST("/sites/:site/records/erase", a.may(optgate.EraseRecords, a.postErase))

	g.GET("/new-site", a.may(optgate.EditSites, a.getNewSite))
	g.POST("/new-site/look", a.may(optgate.EditSites, a.postLookAtSite))
	g.POST("/new-site", a.may(optgate.EditSites, a.postNewSite))
	g.POST("/sites/:site/categories/:category", a.may(optgate.EditSites, a.postCategory))
	g.POST("/sites/:site/pause", a.may(optgate.EditSites, a.postPause))
	g.POST("/sites/:site/resume", a.may(optgate.EditSites, a.postResume))
	g.POST("/sites/:site/hold", a.may(optgate.EditSites, a.postHold))
	g.POST("/sites/:site/unmarked/forget", a.may(optgate.EditSites, a.postForgetUnmarked))
	g.POST("/sites/:site/history/:number/roll-back", a.may(optgate.EditSites, a.postRollBack))

	g.GET("/sites/:site/preview", a.may(optgate.SeeSites, a.getSettings(previewPage)))
	g.GET("/sites/:site/publish", a.may(optgate.EditSites, a.getPublish))
	g.POST("/sites/:site/publish", a.may(optgate.EditSites, a.postPublish))

	// A group is edited as a site is.
	a.editRoutes(g, "/sites/:site")
	a.editRoutes(g, "/groups/:group")
	a.groupRoutes(g)
}

// editRoutes adds the forms for what a site or a group says, and for its draft.
func (a *Admin) editRoutes(g *echo.Group, at string) {
	g.GET(at+"/preview/frame", a.may(optgate.SeeSites, a.getPreviewFrame))
	g.GET(at+"/look", a.may(optgate.SeeSites, a.getSettings(lookSettings)))
	g.POST(at+"/look", a.may(optgate.EditSites, a.postSettings(lookSettings)))
	g.POST(at+"/look/preview", a.may(optgate.EditSites, a.postPreview(lookSettings)))
	g.GET(at+"/texts", a.may(optgate.SeeSites, a.getSettings(textSettings)))
	g.POST(at+"/texts", a.may(optgate.EditSites, a.postSettings(textSettings)))
	g.POST(at+"/texts/preview", a.may(optgate.EditSites, a.postPreview(textSettings)))
	g.POST(at+"/languages", a.may(optgate.EditSites, a.postLanguages))
	g.GET(at+"/settings", a.may(optgate.SeeSites, a.getSettings(siteSettings)))
	g.POST(at+"/settings", a.may(optgate.EditSites, a.postSettings(siteSettings)))
	g.GET(at+"/signals", a.may(optgate.SeeSites, a.getSettings(signalSettings)))
	g.POST(at+"/signals", a.may(optgate.EditSites, a.postSettings(signalSettings)))
	g.GET(at+"/categories", a.may(optgate.SeeSites, a.getSettings(categorySettings)))
	g.POST(at+"/categories", a.may(optgate.EditSites, a.postSettings(categorySettings)))
	g.POST(at+"/categories/:category/move", a.may(optgate.EditSites, a.postMoveCategory))
	g.POST(at+"/categories/:category/remove", a.may(optgate.EditSites, a.postRemoveCategory))
	g.POST(at+"/publish/take-over", a.may(optgate.EditSites, a.postTakeOver))
	g.POST(at+"/publish/undo", a.may(optgate.EditSites, a.postUndo))
	g.GET(at+"/publish/discard", a.may(optgate.EditSites, a.getDiscard))
	g.POST(at+"/publish/discard", a.may(optgate.EditSites, a.postDiscard))
	g.GET(at+"/new-tag", a.may(optgate.EditSites, a.getNewTag))
	g.POST(at+"/new-tag", a.may(optgate.EditSites, a.postNewTag))
	g.GET(at+"/tags/:tag", a.may(optgate.EditSites, a.getTag))
	g.POST(at+"/tags/:tag", a.may(optgate.EditSites, a.postTag))
	g.GET(at+"/tags/:tag/test", a.may(optgate.EditSites, a.getTagTest))
	g.GET(at+"/tags/:tag/test/frame", a.may(optgate.EditSites, a.getTagTestFrame))
	g.GET(at+"/tags/:tag/remove", a.may(optgate.EditSites, a.getRemoveTag))
	g.POST(at+"/tags/:tag/remove", a.may(optgate.EditSites, a.postRemoveTag))
	g.GET(at+"/new-service", a.may(optgate.EditSites, a.getNewService))
	g.POST(at+"/new-service", a.may(optgate.EditSites, a.postNewService))
	g.GET(at+"/services/:service", a.may(optgate.EditSites, a.getService))
	g.POST(at+"/services/:service", a.may(optgate.EditSites, a.postService))
	g.GET(at+"/services/:service/remove", a.may(optgate.EditSites, a.getRemoveService))
	g.POST(at+"/services/:service/remove", a.may(optgate.EditSites, a.postRemoveService))
}

// groupRoutes adds what is about groups alone.
func (a *Admin) groupRoutes(g *echo.Group) {
	g.GET("/groups", a.may(optgate.SeeSites, a.getGroups))
	g.GET("/groups/:group", a.may(optgate.SeeSites, a.getGroup))
	g.GET("/new-group", a.may(optgate.EditSites, a.getNewGroup))
	g.POST("/new-group", a.may(optgate.EditSites, a.postNewGroup))
	g.GET("/groups/:group/join", a.may(optgate.EditSites, a.getJoin))
	g.POST("/groups/:group/join", a.may(optgate.EditSites, a.postJoin))
	g.GET("/groups/:group/leave", a.may(optgate.EditSites, a.getLeave))
	g.POST("/groups/:group/leave", a.may(optgate.EditSites, a.postLeave))
	g.GET("/groups/:group/publish", a.may(optgate.EditSites, a.getPublishGroup))
	g.POST("/groups/:group/publish", a.may(optgate.EditSites, a.postPublishGroup))
	g.POST("/groups/:group/follow", a.may(optgate.EditSites, a.postFollow))
	g.GET("/groups/:group/remove", a.may(optgate.EditSites, a.getRemoveGroup))
	g.POST("/groups/:group/remove", a.may(optgate.EditSites, a.postRemoveGroup))
}
