// Package plainjson writes JSON that stands alone, as a script's or an answer's.
package plainjson

import (
	"bytes"
	"encoding/json"
)

// Marshal is [json.Marshal] without the escapes that JSON inside HTML needs.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
