package publish

import (
	"context"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Asked is how many visitors a revision asks who had answered all that the one
// before it asked.
type Asked struct {
	Visitors int // whom it asks again
	Of       int // visitors who have a record at all
}

// AskedBy returns how many visitors the revision to asks because of what it
// changed against the revision from. For a scheduled one that is counted for the
// time at which it takes effect. Answered is what [optgate.Ledger.Answered]
// returned.
func (r *Registry) AskedBy(ctx context.Context, from, to *optgate.Revision, answered map[int]int) (Asked, error) {
	at := r.now()
	if to.Effective.After(at) {
		at = to.Effective
	}
	var asked Asked
	for number, visitors := range answered {
		asked.Of += visitors
		answer, err := r.Revision(ctx, to.Site, number)
		if err != nil {
			return Asked{}, err
		}
		if holds(answer, from, at) && !holds(answer, to, at) {
			asked.Visitors += visitors
		}
	}
	return asked, nil
}

// holds reports whether who answered the revision answer is asked nothing by the
// revision by at that time.
func holds(answer, by *optgate.Revision, at time.Time) bool {
	said, since := answer.Config.Asked(), by.TimingAt(at).Since
	return !slices.ContainsFunc(by.Config.Asked(), func(id optgate.CategoryID) bool {
		return since[id] > answer.Number || !slices.Contains(said, id)
	})
}
