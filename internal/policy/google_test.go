package policy_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// Google's tags pass only where the site chose to tell them of a denial instead
// of holding them.
func TestGoogleInTheAdvancedMode(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signals optgate.Signals
		held    bool
	}{
		{"not told", optgate.Signals{}, true},
		{"basic", optgate.Signals{Google: &optgate.GoogleSignal{}}, true},
		{"advanced", optgate.Signals{Google: &optgate.GoogleSignal{Mode: optgate.GoogleAdvanced}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := policy.Compile(&optgate.Config{
				Site: "shop", Origins: []string{"https://www.shop.example"}, Hold: optgate.HoldKnown, Signals: tt.signals,
				Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
				Services:   []optgate.Service{{ID: "ga", Category: optgate.Analytics, Hosts: []string{"www.google-analytics.com", "*.google-analytics.com"}}},
			})
			for _, address := range []string{
				"https://www.googletagmanager.com/gtag/js?id=G-1", "https://www.google-analytics.com/g/collect", "https://region1.google-analytics.com/g/collect",
			} {
				if got := p.Match(address, shopPage); (len(got) > 0) != tt.held {
					t.Errorf("%s needs %v, want it held: %v", address, got, tt.held)
				}
			}
			if got := p.Match("https://ad.doubleclick.net/x.js", shopPage); len(got) == 0 {
				t.Error("got an advertising server free")
			}
		})
	}
}
