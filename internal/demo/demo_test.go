package demo_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/demo"
	"github.com/optgate/optgate/internal/optgate"
)

func options(tb testing.TB) demo.Options {
	return demo.Options{
		SiteOrigin: map[optgate.SiteID]string{"tiertime": "http://127.0.0.1:8080", "cetus3d": "http://localhost:8080"},
		ThirdParty: "http://127.0.0.1:8081",
		Log:        slog.New(slog.NewTextHandler(tb.Output(), nil)),
		Now:        func() time.Time { return time.Unix(1767322800, 0) },
	}
}

func TestConfigs(t *testing.T) {
	all, err := demo.Configs(options(t))
	if err != nil {
		t.Fatal(err)
	}
	var ids []optgate.SiteID
	for _, c := range all {
		ids = append(ids, c.Site)
		t.Run(string(c.Site), func(t *testing.T) {
			if err := c.Validate(); err != nil {
				t.Error(err)
			}
			if want := options(t).SiteOrigin[c.Site]; !slices.Contains(c.Origins, want) {
				t.Errorf("got origins %q, want %s among them", c.Origins, want)
			}
			for lang, s := range c.Policy.URL {
				if want := options(t).SiteOrigin[c.Site] + "/demo/" + string(c.Site) + "/policy"; s != want {
					t.Errorf("policy in %s: got %s, want %s", lang, s, want)
				}
			}
			for _, tag := range c.Tags {
				if strings.Contains(tag.Src+tag.Code, "https://") || !strings.Contains(tag.Src+tag.Code, "http://127.0.0.1:8081/") {
					t.Errorf("tag %s: got %s%s, want the demo's third party", tag.ID, tag.Src, tag.Code)
				}
			}
		})
	}
	if want := []optgate.SiteID{"cetus3d", "tiertime"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

// An admin's edits outlive the demo's ports.
func TestMove(t *testing.T) {
	all, err := demo.Configs(options(t))
	if err != nil {
		t.Fatal(err)
	}
	c := all[1]
	c.Categories[3].Off = true
	c.Origins = append(c.Origins, "https://shop.example")
	c.Tags = append(c.Tags, optgate.Tag{ID: "own", Category: optgate.Marketing, Kind: optgate.TagPixel, Src: "https://other.test/p.gif"})

	o := options(t)
	o.SiteOrigin["tiertime"], o.ThirdParty = "http://127.0.0.1:9090", "http://127.0.0.1:9091"
	moved := demo.Move(c, o)
	if want := []string{"https://www.tiertime.com", "https://shop.example", "http://127.0.0.1:9090"}; !slices.Equal(moved.Origins, want) {
		t.Errorf("origins: got %q, want %q", moved.Origins, want)
	}
	if got, want := moved.Tags[0].Src, "http://127.0.0.1:9091/stats.example/pixel.gif"; got != want {
		t.Errorf("tag: got %s, want %s", got, want)
	}
	if got, want := moved.Tags[len(moved.Tags)-1].Src, "https://other.test/p.gif"; got != want {
		t.Errorf("the admin's tag: got %s, want %s", got, want)
	}
	if got, want := moved.Policy.URL["de"], "http://127.0.0.1:9090/demo/tiertime/policy"; got != want {
		t.Errorf("policy: got %s, want %s", got, want)
	}
	if !moved.Categories[3].Off {
		t.Error("got marketing on, want it off as the admin left it")
	}
	if again := demo.Move(moved, o); again.Hash() != moved.Hash() {
		t.Error("got another configuration after moving to the same place, want the same")
	}
}
