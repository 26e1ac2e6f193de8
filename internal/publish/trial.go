package publish

import (
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Trial returns the gate of a page that has one tag of a configuration and asks
// about nothing else, and the piece that runs scripts, to try the tag out. Its
// category counts as on, whatever the configuration says; a frame's place is the
// element of id "place"; and behind a script's text stands a line that says that
// it ran, to window.ranForTrial.
func Trial(c *optgate.Config, t optgate.Tag, now time.Time) (gate, scripts string, err error) {
	k, _ := c.Category(c.TagCategory(t))
	k.Off = false
	t.Service, t.Category = "", k.ID
	if t.Kind == optgate.TagIframe {
		t.Target = "#place"
	}
	if t.Kind == optgate.TagInline {
		t.Code += "\n;window.ranForTrial && window.ranForTrial();"
	}
	one := &optgate.Config{
		Site: "trial", Name: "Trial", Origins: []string{"https://trial.example"}, Languages: []string{"en"},
		Controller: optgate.Controller{Name: "Trial"}, Categories: []optgate.Category{{ID: optgate.Essential}, k},
		Tags: []optgate.Tag{t}, Hold: c.Hold, GPC: optgate.GPC{Off: true},
	}
	if k.ID == optgate.Essential {
		one.Categories = one.Categories[:1]
	}
	s, _, err := build(optgate.NewRevision(one, 0, "", "", now))
	if err == nil {
		s, err = s.pausing(optgate.Paused{}, "", now)
	}
	if err != nil {
		return "", "", err
	}
	return string(s.Gate.Body()), string(s.Pieces[Scripts]["en"].Body()), nil
}
