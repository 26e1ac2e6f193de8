package e2e_test

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// writeAnswers appends two weeks of answers to a site's ledger, more on working
// days than on others.
func writeAnswers(ctx context.Context, ledger optgate.Ledger, site optgate.SiteID) error {
	kinds := []struct {
		action optgate.Action
		yes    []optgate.CategoryID
		share  int
	}{
		{optgate.RejectAll, nil, 5}, {optgate.AcceptAll, []optgate.CategoryID{"functional", "analytics", "marketing"}, 4},
		{optgate.Save, []optgate.CategoryID{"functional"}, 2}, {optgate.Save, []optgate.CategoryID{"functional", "analytics"}, 1},
		{optgate.Withdraw, nil, 1},
	}
	for day := range 14 {
		at := time.Now().UTC().AddDate(0, 0, -day).Truncate(time.Millisecond)
		busy := 3 + day%3
		if weekday := at.Weekday(); weekday == time.Saturday || weekday == time.Sunday {
			busy = 1
		}
		for _, kind := range kinds {
			for range kind.share * busy {
				r := optgate.Record{
					ID: ulid.Make().String(), Visitor: ulid.Make().String(), Site: site, Revision: 1, Language: "en", Action: kind.action, Source: "banner",
					Choices: optgate.Choices{"functional": false, "analytics": false, "marketing": false}, At: at,
				}
				for _, id := range kind.yes {
					r.Choices[id] = true
				}
				if _, _, err := ledger.Append(ctx, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
