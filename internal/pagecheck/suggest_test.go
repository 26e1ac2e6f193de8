package pagecheck_test

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/pagecheck"
)

func TestServices(t *testing.T) {
	p, err := pagecheck.Read(&pagecheck.Answer{Address: "https://shop.example/", Type: "text/html", Body: []byte(`<head>
		<script src="https://static.hotjar.com/c/hotjar-1.js"></script>
		<script>n("//connect.facebook.net/en_US/fbevents.js")</script>
		<iframe data-gate="functional" data-src="https://player.vimeo.com/video/1"></iframe>
		<img src="https://shop.example/a.gif"><img src="https://cdn.example/b.gif">
		<script src="https://js.stripe.com/v3/"></script>
		<script src="https://cdn.heapanalytics.com/js/heap.js"></script>`)})
	if err != nil {
		t.Fatal(err)
	}
	services, strangers := p.Services()
	var got []string
	for _, s := range services {
		got = append(got, s.ID)
	}
	for _, s := range strangers {
		got = append(got, s.Host+":"+string(s.Category))
	}
	if want := "hotjar meta-pixel stripe vimeo cdn.heapanalytics.com:analytics"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}
