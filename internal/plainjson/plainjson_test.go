package plainjson_test

import (
	"math"
	"testing"

	"github.com/optgate/optgate/internal/plainjson"
)

func TestMarshal(t *testing.T) {
	if got, err := plainjson.Marshal(map[string]string{"a": "<b> & c"}); err != nil || string(got) != `{"a":"<b> & c"}` {
		t.Errorf("Marshal = %s, %v", got, err)
	}
	if got, err := plainjson.Marshal(math.NaN()); err == nil {
		t.Errorf("Marshal of what is no number = %s", got)
	}
}
