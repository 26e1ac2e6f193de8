package redisstore

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

// The scripts, one file each. Each begins with what it takes and returns.
var (
	//go:embed scripts/append.lua
	appendSource string
	//go:embed scripts/records.lua
	recordsSource string
	//go:embed scripts/recent.lua
	recentSource string
	//go:embed scripts/erase.lua
	eraseSource string
	//go:embed scripts/oldest.lua
	oldestSource string
	//go:embed scripts/head.lua
	headSource string
	//go:embed scripts/find.lua
	findSource string
	//go:embed scripts/put_checkpoint.lua
	putCheckpointSource string
	//go:embed scripts/publish.lua
	publishSource string
	//go:embed scripts/swap_doc.lua
	swapDocSource string
	//go:embed scripts/update_user.lua
	updateUserSource string
	//go:embed scripts/delete_user.lua
	deleteUserSource string
	//go:embed scripts/guess.lua
	guessSource string
	//go:embed scripts/take_token.lua
	takeTokenSource string
	//go:embed scripts/swap_keys.lua
	swapKeysSource string
	//go:embed scripts/append_audit.lua
	appendAuditSource string
	//go:embed scripts/saw_unmarked.lua
	sawUnmarkedSource string
	//go:embed scripts/put_draft.lua
	putDraftSource string

	appendScript        = redis.NewScript(appendSource)
	recordsScript       = redis.NewScript(recordsSource)
	recentScript        = redis.NewScript(recentSource)
	eraseScript         = redis.NewScript(eraseSource)
	oldestScript        = redis.NewScript(oldestSource)
	headScript          = redis.NewScript(headSource)
	findScript          = redis.NewScript(findSource)
	putCheckpointScript = redis.NewScript(putCheckpointSource)
	publishScript       = redis.NewScript(publishSource)
	swapDocScript       = redis.NewScript(swapDocSource)
	updateUserScript    = redis.NewScript(updateUserSource)
	deleteUserScript    = redis.NewScript(deleteUserSource)
	guessScript         = redis.NewScript(guessSource)
	takeTokenScript     = redis.NewScript(takeTokenSource)
	swapKeysScript      = redis.NewScript(swapKeysSource)
	appendAuditScript   = redis.NewScript(appendAuditSource)
	sawUnmarkedScript   = redis.NewScript(sawUnmarkedSource)
	putDraftScript      = redis.NewScript(putDraftSource)

	scripts = []*redis.Script{
		appendScript, recordsScript, recentScript, eraseScript, oldestScript, headScript, findScript, putCheckpointScript,
		publishScript, swapDocScript, updateUserScript, takeTokenScript, swapKeysScript, appendAuditScript, sawUnmarkedScript,
		putDraftScript, deleteUserScript, guessScript,
	}
)
