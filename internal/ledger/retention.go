package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// expireAtOnce bounds one step of an expiry, so that recording goes on beside it.
const expireAtOnce = 500

// Expire turns a site's records from before a time into tombstones and returns
// how many there were. It goes on where an earlier call ended.
func Expire(ctx context.Context, ledger optgate.Ledger, site optgate.SiteID, before, now time.Time) (int, error) {
	erased := 0
	for {
		n, more, err := ledger.Expire(ctx, optgate.ExpireRequest{Site: site, Before: before, At: now, Limit: expireAtOnce})
		erased += n
		if err != nil {
			return erased, fmt.Errorf("ledger: expire records of %s: %w", site, err)
		}
		if !more {
			return erased, nil
		}
	}
}
