package packed

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"github.com/optgate/optgate/internal/optgate"
)

// Cursor returns an opaque cursor that holds place, for one kind of store and
// one site. The checksum is there for mistakes, a cursor cut short or taken to
// another site or store; it is no signature, and place grants nothing.
func Cursor(kind string, site optgate.SiteID, place []byte) string {
	sum := crc32.ChecksumIEEE(append([]byte(kind+"\x00"+string(site)+"\x00"), place...))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(place, sum))
}

// ParseCursor returns the place that [Cursor] put in, which has size bytes.
// Anything else is an [optgate.InvalidError] of field "cursor".
func ParseCursor(kind string, site optgate.SiteID, cursor string, size int) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != size+crc32.Size || Cursor(kind, site, raw[:size:size]) != cursor {
		return nil, &optgate.InvalidError{Field: "cursor", Msg: "is none that this ledger gave out: leave it out to begin at the start"}
	}
	return raw[:size], nil
}
