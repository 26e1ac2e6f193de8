package publish

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// Encoding is a content coding of HTTP; the empty one is none.
type Encoding string

// The codings that an [Asset] is kept in, in order of preference.
const (
	Brotli   Encoding = "br"
	Zstd     Encoding = "zstd"
	Gzip     Encoding = "gzip"
	Identity Encoding = ""
)

// preferred is by size, smallest first.
var preferred = []Encoding{Brotli, Zstd, Gzip}

// Asset is something to serve from memory, compressed once.
type Asset struct {
	Type string // Content-Type
	Hash string // of the content, hex
	body []byte

	compress sync.Once // some assets, panels in rare languages, are never asked for
	encoded  map[Encoding][]byte
}

func newAsset(contentType string, body []byte) *Asset {
	return &Asset{Type: contentType, Hash: hashOf(body), body: body}
}

// hashOf returns enough of the SHA-256 of b to name it, in hex.
func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// Encoded returns the asset in the best coding that an Accept-Encoding header
// allows, and which one that is. The bytes are shared: do not change them.
func (a *Asset) Encoded(acceptEncoding string) ([]byte, Encoding) {
	a.compress.Do(a.compressAll)
	for _, e := range preferred {
		if accepts(acceptEncoding, string(e)) {
			return a.encoded[e], e
		}
	}
	return a.body, Identity
}

// Body returns the asset as it is. The bytes are shared: do not change them.
func (a *Asset) Body() []byte { return a.body }

// compressAll fills encoded at the highest levels: it happens once a revision,
// serving happens once a page view. Writes to a bytes.Buffer cannot fail, and
// the levels are constants, so there is no error to handle.
func (a *Asset) compressAll() {
	var br, zs, gz bytes.Buffer
	bw := brotli.NewWriterLevel(&br, brotli.BestCompression)
	_, _ = bw.Write(a.body)
	_ = bw.Close()
	zw, _ := zstd.NewWriter(&zs, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	_, _ = zw.Write(a.body)
	_ = zw.Close()
	gw, _ := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	_, _ = gw.Write(a.body)
	_ = gw.Close()
	a.encoded = map[Encoding][]byte{Brotli: br.Bytes(), Zstd: zs.Bytes(), Gzip: gz.Bytes()}
}

// accepts reports whether an Accept-Encoding header names the coding without
// giving it the weight 0. It allocates nothing.
func accepts(header, coding string) bool {
	for header != "" {
		var item string
		item, header, _ = strings.Cut(header, ",")
		name, params, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) == coding {
			return !zeroWeight(strings.TrimSpace(params))
		}
	}
	return false
}

// zeroWeight reports whether params are "q=0", "q=0.0", "q=0.00" or "q=0.000".
func zeroWeight(params string) bool {
	q, ok := strings.CutPrefix(params, "q=")
	return ok && strings.HasPrefix(q, "0") && strings.Trim(q, "0.") == ""
}

// ETag returns the entity tag of the asset in a coding.
func (a *Asset) ETag(e Encoding) string {
	if e == Identity {
		return fmt.Sprintf(`"%s"`, a.Hash)
	}
	return fmt.Sprintf(`"%s-%s"`, a.Hash, e)
}
