package redisstore_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// TestDraftOfAnotherProcess reads a draft again that another process changed in
// the meantime, though this one keeps what it has decoded.
func TestDraftOfAnotherProcess(t *testing.T) {
	url := redistest.Start(t).URL()
	reader, writer := open(t, url, redisstore.Options{}), open(t, url, redisstore.Options{})
	defer reader.Close()
	defer writer.Close()
	for version, name := range []string{"One", "Two", "Three"} {
		d := optgate.Draft{Site: "shop", Base: 1, Config: optgate.Config{Site: "shop", Name: name}, Version: version}
		if err := writer.PutDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := reader.Draft(t.Context(), "shop"); err != nil || got.Config.Name != name || got.Version != version+1 {
				t.Errorf("the draft is %q, version %d (%v), want %q, version %d", got.Config.Name, got.Version, err, name, version+1)
			}
		}
	}
}
