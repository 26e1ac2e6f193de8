package optgate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// telling returns a valid configuration that tells every vendor.
func telling() *optgate.Config {
	c := shop()
	c.Signals = optgate.Signals{
		Google: &optgate.GoogleSignal{
			Mode: optgate.GoogleAdvanced, Map: optgate.SignalMap{"marketing": {"ad_storage"}, "research": {"analytics_storage"}},
			Regions: []string{"DE", "US-CA"}, WaitForUpdate: 500, Redaction: true, URLPassthrough: true,
		},
		Microsoft: &optgate.VendorSignal{}, Clarity: &optgate.WordsSignal{Map: optgate.SignalMap{"research": {"analytics_Storage"}}},
		Meta: &optgate.MetaSignal{LimitedDataUse: true}, TikTok: &optgate.VendorSignal{}, Pinterest: &optgate.VendorSignal{Category: "marketing"},
		Matomo: &optgate.MatomoSignal{Category: "research", Cookies: true, Remember: true}, WordPress: &optgate.WordsSignal{}, DataLayer: true,
	}
	return c
}

func TestValidateSignals(t *testing.T) {
	if err := telling().Validate(); err != nil {
		t.Errorf("got %v, want a valid configuration", err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(*optgate.Signals)
		want  string // fault's field and the start of its message
	}{
		{"mode that there is not", func(s *optgate.Signals) { s.Google.Mode = "strict" }, "signals.google.mode: is one of basic, advanced"},
		{"word that there is not", func(s *optgate.Signals) { s.Google.Map["marketing"] = []string{"ads"} }, `signals.google.map.marketing: "ads" is not one of ad_storage`},
		{"word of two categories", func(s *optgate.Signals) { s.Google.Map["research"] = []string{"ad_storage"} }, `signals.google.map.research: "ad_storage" is decided by marketing already`},
		{"word that is not essential", func(s *optgate.Signals) { s.Google.Map = optgate.SignalMap{"essential": {"analytics_storage"}} }, `signals.google.map.essential: "analytics_storage" is not essential`},
		{"words of a category that there is not", func(s *optgate.Signals) { s.Clarity.Map = optgate.SignalMap{"ads": {"ad_Storage"}} }, `signals.clarity.map.ads: "ads" is not one of this site's`},
		{"word that WordPress does not have", func(s *optgate.Signals) { s.WordPress.Map = optgate.SignalMap{"marketing": {"ads"}} }, `signals.wordpress.map.marketing: "ads" is not one of functional`},
		{"region in lower case", func(s *optgate.Signals) { s.Google.Regions[1] = "us-ca" }, "signals.google.regions[1]: is a region"},
		{"regions without end", func(s *optgate.Signals) { s.Google.Regions = slices.Repeat([]string{"DE"}, 301) }, "signals.google.regions: are more than 300"},
		{"waiting for ever", func(s *optgate.Signals) { s.Google.WaitForUpdate = 10001 }, "signals.google.wait_for_update: is 0 to 10000"},
		{"what is always on", func(s *optgate.Signals) { s.Meta.Category = "essential" }, "signals.meta.category: is not essential"},
		{"the usual category without it", func(s *optgate.Signals) { s.Matomo.Category = "" }, `signals.matomo.category: "analytics" is not one of this site's`},
		{"TikTok by another category", func(s *optgate.Signals) { s.TikTok.Category = "ads" }, "signals.tiktok.category: "},
		{"Microsoft by another category", func(s *optgate.Signals) { s.Microsoft.Category = "ads" }, "signals.microsoft.category: "},
		{"Pinterest by another category", func(s *optgate.Signals) { s.Pinterest.Category = "ads" }, "signals.pinterest.category: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := telling()
			tt.spoil(&c.Signals)
			var bad optgate.InvalidErrors
			if err := c.Validate(); !errors.As(err, &bad) || len(bad) != 1 || !strings.HasPrefix(bad[0].Error(), tt.want) {
				t.Errorf("got %v\nwant one fault, %s...", err, tt.want)
			}
		})
	}
}

func TestDiffSignals(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*optgate.Signals)
		want []string
	}{
		{"another way", func(s *optgate.Signals) {
			s.Google, s.TikTok, s.DataLayer, s.Matomo.Remember = &optgate.GoogleSignal{}, nil, false, false
		}, []string{
			"signal “Google”: mode changed from “advanced” to “basic”",
			"signal “Google”: map changed from “marketing: ad_storage; research: analytics_storage” to “analytics: analytics_storage; functional: functionality_storage, personalization_storage; marketing: ad_storage, ad_user…”",
			"signal “Google”: regions changed from “DE, US-CA” to nothing",
			"signal “Google”: wait_for_update changed from “500” to “0”",
			"signal “Google”: ads_data_redaction changed from “true” to “false”",
			"signal “Google”: url_passthrough changed from “true” to “false”",
			"signal “Matomo”: remember changed from “true” to “false”",
			"signal “TikTok” removed",
			"signal “dataLayer” removed",
		}},
		{"the usual, written out", func(s *optgate.Signals) {
			s.Microsoft.Category = "marketing"
			s.WordPress.Map = optgate.SignalMap{"marketing": {"marketing"}, "essential": {"functional"}, "functional": {"preferences"}, "analytics": {"statistics", "statistics-anonymous"}}
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := telling()
			tt.edit(&c.Signals)
			if got := told(optgate.Diff(telling(), c)); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
