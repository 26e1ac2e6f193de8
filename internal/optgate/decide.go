package optgate

// Allows is the gate's rule: may something of this category load? The essential
// category always may. Any other may only if the site asks about it and the
// visitor said yes; choices are nil before a decision. web/gate/decide.ts is its
// twin, and both run testdata/vectors/decide.json.
func Allows(asked []CategoryID, choices Choices, category CategoryID) bool {
	return category == Essential || oneOf(category, asked) && choices[category]
}

// MustAsk reports whether the visitor has to be asked: some category that the
// site asks about has no answer yet. Answers given before stay as they are.
func MustAsk(asked []CategoryID, choices Choices) bool {
	for _, id := range asked {
		if _, answered := choices[id]; !answered {
			return true
		}
	}
	return false
}
