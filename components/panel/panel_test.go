package panel_test

import (
	"bytes"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/components/panel/paneltest"
)

// maxFragment is the most that banner and preferences may weigh on the way, in
// bytes of brotli: with its headers the answer then leaves in one write.
const maxFragment = 4000

func TestFragmentKeepsItsBudget(t *testing.T) {
	for _, lang := range []string{"en", "de", "ar"} {
		t.Run(lang, func(t *testing.T) {
			var plain, packed bytes.Buffer
			if err := panel.Fragment(paneltest.Shop(), lang).Render(t.Context(), &plain); err != nil {
				t.Fatal(err)
			}
			w := brotli.NewWriterLevel(&packed, brotli.BestCompression)
			if _, err := w.Write(plain.Bytes()); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes, %d in brotli", plain.Len(), packed.Len())
			if packed.Len() > maxFragment {
				t.Errorf("got %d bytes of brotli, want at most %d", packed.Len(), maxFragment)
			}
		})
	}
}
