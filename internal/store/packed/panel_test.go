package packed_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

func TestPanel(t *testing.T) {
	for name, content := range map[string][]byte{
		"nothing": nil,
		"markup":  bytes.Repeat([]byte("<p>Wir fragen, bevor etwas geladen wird.</p>"), 100),
		"any":     {0, 255, 40, 181, 47, 253},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := packed.Panel(content)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := packed.ParsePanel(optgate.PanelHash(content), b); err != nil || !bytes.Equal(got, content) {
				t.Errorf("ParsePanel = %d bytes, %v; want the %d that were packed", len(got), err, len(content))
			}
			if len(content) > 1000 && len(b) > len(content)/10 {
				t.Errorf("%d bytes that repeat themselves take %d", len(content), len(b))
			}
		})
	}
	var invalid *optgate.InvalidError
	if _, err := packed.Panel(make([]byte, 16<<20+1)); !errors.As(err, &invalid) || invalid.Field != "content" {
		t.Errorf("Panel of over 16 MiB = %v, want an InvalidError of field content", err)
	}
}

// What a hash names is that content or an error.
func TestPanelDamaged(t *testing.T) {
	hash := optgate.PanelHash([]byte("as it was shown"))
	whole, err := packed.Panel([]byte("as it was shown"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := packed.Panel([]byte("as it was edited"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"cut short": whole[:len(whole)-1], "another": other, "no panel": []byte("<p>"), "nothing": nil} {
		if got, err := packed.ParsePanel(hash, b); !errors.Is(err, packed.ErrDamaged) {
			t.Errorf("ParsePanel of what is %s = %q, %v; want ErrDamaged", name, got, err)
		}
	}
}
