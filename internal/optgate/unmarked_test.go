package optgate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestUnmarkedValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		tag  optgate.Unmarked
		want string // field at fault
	}{
		{"script", optgate.Unmarked{Kind: "script", Host: "www.google-analytics.com", Path: "/analytics.js"}, ""},
		{"port", optgate.Unmarked{Kind: "img", Host: "ads.example:8443", Path: "/"}, ""},
		{"element of the site's own", optgate.Unmarked{Kind: "x-video", Host: "ads.example", Path: "/a%20b"}, ""},
		{"no kind", optgate.Unmarked{Host: "ads.example", Path: "/"}, "kind"},
		{"markup", optgate.Unmarked{Kind: "<b>", Host: "ads.example", Path: "/"}, "kind"},
		{"no host", optgate.Unmarked{Kind: "img", Path: "/"}, "host"},
		{"credentials", optgate.Unmarked{Kind: "img", Host: "a@ads.example", Path: "/"}, "host"},
		{"capitals", optgate.Unmarked{Kind: "img", Host: "Ads.example", Path: "/"}, "host"},
		{"no path", optgate.Unmarked{Kind: "img", Host: "ads.example"}, "path"},
		{"query", optgate.Unmarked{Kind: "img", Host: "ads.example", Path: "/p?email=a"}, "path"},
		{"fragment", optgate.Unmarked{Kind: "img", Host: "ads.example", Path: "/p#a"}, "path"},
		{"line break", optgate.Unmarked{Kind: "img", Host: "ads.example", Path: "/p\n"}, "path"},
		{"long", optgate.Unmarked{Kind: "img", Host: "ads.example", Path: "/" + strings.Repeat("a", 200)}, "path"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err, got := tt.tag.Validate(), ""
			if invalid, ok := errors.AsType[*optgate.InvalidError](err); ok {
				got = invalid.Field
			}
			if got != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("got %v, want a fault of %q", err, tt.want)
			}
		})
	}
}
