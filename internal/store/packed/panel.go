package packed

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/optgate/optgate/internal/optgate"
)

// maxPanel is the most bytes that a panel may have. It bounds the memory that
// damaged bytes can ask for.
const maxPanel = 16 << 20

// panelWriter and panelReader are made when the first panel is stored or read.
// Their options are constants, so there is no error to handle.
var (
	panelWriter = sync.OnceValue(func() *zstd.Encoder {
		w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
		return w
	})
	panelReader = sync.OnceValue(func() *zstd.Decoder {
		r, _ := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPanel), zstd.WithDecoderConcurrency(1))
		return r
	})
)

// Panel returns a panel's content compressed. Content of over 16 MiB is an
// [optgate.InvalidError] of field "content".
func Panel(content []byte) ([]byte, error) {
	if len(content) > maxPanel {
		return nil, &optgate.InvalidError{Field: "content", Msg: "of a panel is larger than 16 MiB"}
	}
	return panelWriter().EncodeAll(content, nil), nil
}

// ParsePanel reads what [Panel] wrote, which must have that hash.
func ParsePanel(hash string, b []byte) ([]byte, error) {
	content, err := panelReader().DecodeAll(b, nil)
	if err != nil {
		return nil, errors.Join(ErrDamaged, err)
	}
	if is := optgate.PanelHash(content); is != hash {
		return nil, fmt.Errorf("packed: its content has the hash %s: %w", is, ErrDamaged)
	}
	return content, nil
}
