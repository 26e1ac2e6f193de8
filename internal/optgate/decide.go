package optgate

import "maps"

// Allows is the gate's rule: may something of this category load? The essential
// category always may. Any other may only if the site asks about it and the
// visitor said yes; choices are nil before a decision. web/gate/decide.ts is its
// twin, and both run testdata/vectors/decide.json.
func Allows(asked []CategoryID, choices Choices, category CategoryID) bool {
	return category == Essential || oneOf(category, asked) && choices[category]
}

// Holding returns what still holds of choices that were given to a revision: all
// but a yes to a category that has materially changed since. A no stays a no,
// though [MustAsk] asks about it. web/gate/decide.ts is its twin.
func Holding(choices Choices, since Since, given int) Choices {
	held := maps.Clone(choices)
	for id, number := range since {
		if number > given && held[id] {
			delete(held, id)
		}
	}
	return held
}

// MustAsk reports whether a visitor who answered the revision given (0: none)
// has to be asked: some category that the site asks about has no answer yet, or
// only one from before it changed materially. Answers to others stay as they
// are. What is scheduled for later is not asked of her yet.
func MustAsk(asked []CategoryID, choices Choices, timing Timing, given int) bool {
	for _, id := range asked {
		_, answered := choices[id]
		waits := given > 0 && timing.Later[id].Revision > given
		if timing.Since[id] > given || !answered && !waits {
			return true
		}
	}
	return false
}
