package publish_test

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// Only what the site uses is shipped, before the gate, and by whom each word is
// decided is worked out here: nobody decides what nobody is asked about.
func TestSignalsBeforeTheGate(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	for _, tt := range []struct {
		name    string
		signals optgate.Signals
		want    []string // the arguments of the scripts, in order
	}{
		{"none", optgate.Signals{}, nil},
		{"google", optgate.Signals{Google: &optgate.GoogleSignal{}}, []string{
			`([{"ad_storage":"marketing","ad_user_data":"marketing","ad_personalization":"marketing","analytics_storage":"","functionality_storage":"","personalization_storage":"","security_storage":"essential"}])`,
		}},
		{"google, all of it", optgate.Signals{Google: &optgate.GoogleSignal{
			Mode: optgate.GoogleAdvanced, Map: optgate.SignalMap{"marketing": {"ad_storage"}, "essential": {"functionality_storage"}},
			Regions: []string{"DE", "US-CA"}, WaitForUpdate: 500, Redaction: true, URLPassthrough: true,
		}}, []string{
			`([{"ad_storage":"marketing","ad_user_data":"","ad_personalization":"","analytics_storage":"","functionality_storage":"essential","personalization_storage":"","security_storage":"essential"},{"wait_for_update":500,"region":["DE","US-CA"]},["ads_data_redaction","url_passthrough"]])`,
		}},
		{"google, a setting alone", optgate.Signals{Google: &optgate.GoogleSignal{Map: optgate.SignalMap{"marketing": {"ad_storage"}}, Redaction: true}}, []string{
			`"security_storage":"essential"},false,["ads_data_redaction"]])`,
		}},
		{"all others", optgate.Signals{
			Microsoft: &optgate.VendorSignal{}, Clarity: &optgate.WordsSignal{}, Meta: &optgate.MetaSignal{LimitedDataUse: true},
			TikTok: &optgate.VendorSignal{Category: "marketing"}, Pinterest: &optgate.VendorSignal{},
			Matomo: &optgate.MatomoSignal{Category: "marketing", Cookies: true, Remember: true}, WordPress: &optgate.WordsSignal{}, DataLayer: true,
		}, []string{
			`("marketing")`, `({"ad_Storage":"marketing","analytics_Storage":""})`, `(["marketing",true])`, `("marketing")`, `("marketing")`,
			`(["marketing","CookieConsent",true])`, `({"functional":"essential","preferences":"","statistics":"","statistics-anonymous":"","marketing":"marketing"})`, `(null)`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config("s"+strings.Map(letters, tt.name), "https://"+strings.Map(letters, tt.name)+".example")
			c.Categories = append(c.Categories, optgate.Category{ID: "analytics", Off: true})
			c.Signals = tt.signals
			if _, err := r.Publish(t.Context(), c, 0, "test", ""); err != nil {
				t.Fatal(err)
			}
			site, _ := r.Published(c.Site)
			body := string(site.Gate.Body())
			if got := strings.Count(body, "(function(__SIGNAL){"); got != len(tt.want) {
				t.Errorf("got %d signals, want %d", got, len(tt.want))
			}
			for _, want := range append(tt.want, "(function(__OG,__PANEL){") {
				_, rest, found := strings.Cut(body, want)
				if !found {
					t.Fatalf("got no %s in what is left:\n%s", want, body)
				}
				body = rest
			}
		})
	}
}

func letters(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

// signalBudget is what Consent Mode may add to the gate, in bytes of brotli.
const signalBudget = 350

func TestSignalSize(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	size := func(previous int, s optgate.Signals) int {
		c := example(t, "tiertime.yaml")
		c.Hold, c.Signals = optgate.HoldOff, s
		if _, err := r.Publish(t.Context(), c, previous, "test", ""); err != nil {
			t.Fatal(err)
		}
		site, _ := r.Published(c.Site)
		body, _ := site.Gate.Encoded("br")
		return len(body)
	}
	none := size(0, optgate.Signals{})
	google := size(1, optgate.Signals{Google: &optgate.GoogleSignal{}}) - none
	three := size(2, optgate.Signals{Google: &optgate.GoogleSignal{}, Microsoft: &optgate.VendorSignal{}, Meta: &optgate.MetaSignal{}}) - none
	t.Logf("Consent Mode adds %d bytes of brotli, with UET and Meta %d", google, three)
	if google > signalBudget {
		t.Errorf("got %d bytes for Consent Mode, want at most %d", google, signalBudget)
	}
}
