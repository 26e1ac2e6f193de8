package webbed

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// pixel is a transparent GIF.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// byKind answers a request for which the test has nothing of its own.
func byKind(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", cmp.Or(r.Header.Get("Origin"), "*"))
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, HEAD")
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	h.Set("Timing-Allow-Origin", "*")
	kind, body := contentOf(r)
	h.Set("Content-Type", kind)
	_, _ = fmt.Fprint(w, body)
}

// contentOf returns what the browser wants, with its type.
func contentOf(r *http.Request) (contentType, body string) {
	dest, path := r.Header.Get("Sec-Fetch-Dest"), r.URL.Path
	switch {
	case r.Header.Get("Accept") == "text/event-stream":
		return "text/event-stream", ": nothing\n\n"
	case dest == "script" || strings.HasSuffix(dest, "worker") || strings.HasSuffix(dest, "worklet") || strings.HasSuffix(path, ".js"):
		// Worklets have neither self nor a page.
		return "text/javascript", fmt.Sprintf("(globalThis.ran ||= []).push(%q);", "https://"+r.Host+r.URL.EscapedPath())
	case dest == "style" || strings.HasSuffix(path, ".css"):
		return "text/css", "/* nothing */"
	case dest == "image":
		return "image/gif", pixel
	case dest == "iframe" || dest == "frame" || dest == "document":
		return "text/html; charset=utf-8", "<!doctype html><title>" + r.Host + "</title><p>" + r.Host
	}
	return "text/plain", ""
}
