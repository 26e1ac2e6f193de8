package publish

import (
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
	"github.com/optgate/optgate/internal/policy"
)

// holdScript returns the code that holds what no tag marks, with what c means
// for addresses inlined, or nothing if c wants nothing held. It goes behind the
// gate, whose first steps need not pass what it wraps, in a function of its own
// that throws nothing: either works without the other.
func holdScript(c *optgate.Config) ([]byte, error) {
	if c.Hold == optgate.HoldOff {
		return nil, nil
	}
	rules, err := plainjson.Marshal(policy.Compile(c))
	if err != nil {
		return nil, fmt.Errorf("publish: encode policy of %s: %w", c.Site, err)
	}
	file := "gate/hold.js"
	if c.Hold == optgate.HoldThirdParty {
		file = "gate/strict.js"
	}
	return withArguments(file, "__HOLD", rules)
}
