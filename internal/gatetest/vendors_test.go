package gatetest_test

import (
	"testing"
)

// Each page does what a vendor's snippet does, in other words: whether it keeps
// what is there under the vendor's name, when its queue is made, and when it
// begins to load. The vendor's own script then sees the queue.
func TestVendorsAreToldBeforeTheyStart(t *testing.T) {
	for _, c := range []struct {
		name, vendor string
		argument     any
		page         string
		queue        string
		first        []string // at first
		after        []string // what yes and then no add
	}{
		{
			name: "an array that is kept, of lists", vendor: "microsoft", argument: "marketing", queue: "uetq",
			page:  `<script>uetq = window.uetq || []; uetq.push("event", "page")</script>`,
			first: []string{`["c","o","n","s","e","n","t"]`, `["d","e","f","a","u","l","t"]`, `{"ad_storage":"denied"}`, `["e","v","e","n","t"]`, `["p","a","g","e"]`},
			after: []string{
				`["c","o","n","s","e","n","t"]`, `["u","p","d","a","t","e"]`, `{"ad_storage":"granted"}`,
				`["c","o","n","s","e","n","t"]`, `["u","p","d","a","t","e"]`, `{"ad_storage":"denied"}`,
			},
		},
		{
			name: "a function that is kept", vendor: "clarity", argument: map[string]string{"ad_Storage": "marketing", "analytics_Storage": ""}, queue: "clarity.q",
			page:  `<script>window.clarity = window.clarity || function () { (clarity.q = clarity.q || []).push(arguments) }; clarity("start")</script>`,
			first: []string{`["consentv2",{"ad_Storage":"denied","analytics_Storage":"denied"}]`, `["start"]`},
			after: []string{`["consentv2",{"ad_Storage":"granted","analytics_Storage":"denied"}]`, `["consentv2",{"ad_Storage":"denied","analytics_Storage":"denied"}]`},
		},
		{
			name: "a function that must not be there", vendor: "meta", argument: []any{"marketing", true}, queue: "fbq.queue",
			page: `<script>(function (w) {
				if (w.fbq) return;
				var made = w.fbq = function () { made.callMethod ? made.callMethod.apply(made, arguments) : made.queue.push(arguments) };
				w._fbq = w._fbq || made; made.push = made; made.loaded = true; made.queue = [];
				w.loads = true;
			})(window); fbq("init", "1"); fbq("track", "PageView")</script>`,
			first: []string{`["dataProcessingOptions",["LDU"],1,1000]`, `["consent","revoke"]`, `["init","1"]`, `["track","PageView"]`},
			after: []string{`["consent","grant"]`, `["consent","revoke"]`},
		},
		{
			name: "an array that is kept and gets methods", vendor: "tiktok", argument: "marketing", queue: "ttq",
			page: `<script>(function (w) {
				var made = w.ttq = w.ttq || [];
				["page", "holdConsent", "grantConsent", "revokeConsent"].forEach(function (name) {
					made[name] = function () { made.push([name].concat([].slice.call(arguments))) };
				});
				made.page();
			})(window)</script>`,
			first: []string{`["holdConsent"]`, `["page"]`},
			after: []string{`["grantConsent"]`, `["revokeConsent"]`},
		},
		{
			name: "a function that must not be there and loads first", vendor: "pinterest", argument: "marketing", queue: "pintrk.queue",
			page: `<script>if (!window.pintrk) {
				window.pintrk = function () { window.pintrk.queue.push([].slice.call(arguments)) };
				var made = window.pintrk; made.queue = []; made.version = "3";
				window.loads = true;
			} pintrk("load", "1"); pintrk("page")</script>`,
			first: []string{`["load","1"]`, `["setconsent",false]`, `["page"]`},
			after: []string{`["setconsent",true]`, `["setconsent",false]`},
		},
		{
			name: "a queue of commands", vendor: "matomo", argument: []any{"marketing", "Consent"}, queue: "_paq",
			page:  `<script>var _paq = window._paq = window._paq || []; _paq.push(["trackPageView"])</script>`,
			first: []string{`["requireConsent"]`, `["trackPageView"]`},
			after: []string{`["setConsentGiven"]`, `["forgetConsentGiven"]`},
		},
		{
			name: "a queue of commands, for cookies, remembered", vendor: "matomo", argument: []any{"marketing", "CookieConsent", true}, queue: "_paq",
			page:  `<script>var _paq = window._paq = window._paq || []; _paq.push(["trackPageView"])</script>`,
			first: []string{`["requireCookieConsent"]`, `["trackPageView"]`},
			after: []string{`["rememberCookieConsentGiven"]`, `["forgetCookieConsentGiven"]`},
		},
		{
			name: "a function of its own that comes late", vendor: "wordpress", argument: map[string]string{"functional": "essential", "marketing": "marketing"}, queue: "heard",
			page: `<script>heard = [["type", wp_consent_type]]; addEventListener("load", () => {
				window.wp_set_consent = (...call) => heard.push(call);
			})</script>`,
			first: []string{`["type","optin"]`},
			after: []string{`["functional","allow"]`, `["marketing","allow"]`, `["functional","allow"]`, `["marketing","deny"]`},
		},
		{
			name: "an event", vendor: "datalayer", queue: "dataLayer",
			page:  `<script>dataLayer = window.dataLayer || []; dataLayer.push(["own"])</script>`,
			first: []string{`["own"]`},
			after: []string{
				`{"event":"optgate_consent","optgate_choices":{"functional":true,"marketing":true}}`,
				`{"event":"optgate_consent","optgate_choices":{"functional":false,"marketing":false}}`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.page)
			s.precede(signal(t, c.vendor, c.argument))
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel') && document.readyState === 'complete'")
			settle(p)
			wantTold(t, p, c.queue, c.first...)
			p.Eval("optgate.acceptAll()", nil)
			s.wantPosts(1)
			p.Eval("optgate.rejectAll()", nil)
			s.wantPosts(2)
			wantTold(t, p, c.queue, append(c.first, c.after...)...)
			for _, line := range p.Console() {
				t.Errorf("console: %s", line)
			}
		})
	}
}

// A vendor whose snippet is itself held until a yes hears the no that was before
// it, then the yes, and then the page.
func TestAVendorThatIsReleasedHearsTheAnswer(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="marketing">
		if (!window.fbq) { fbq = function () { fbq.queue.push(arguments) }; fbq.queue = [] }
		fbq("init");
	</script>`)
	s.precede(signal(t, "meta", []any{"marketing"}))
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel') && typeof fbq === 'undefined'")
	p.Click("#og-accept")
	s.wantPosts(1)
	p.WaitFor("window.fbq")
	wantTold(t, p, "fbq.queue", `["consent","revoke"]`, `["consent","grant"]`, `["init"]`)
	p.Reload()
	p.WaitFor("window.fbq")
	wantTold(t, p, "fbq.queue", `["consent","revoke"]`, `["consent","grant"]`, `["init"]`)
}

// WordPress plugins may hear a choice that was made before their script came.
func TestALateFunctionHearsTheLatestChoice(t *testing.T) {
	s := newStand(t, `<script>heard = []</script>`)
	s.precede(signal(t, "wordpress", map[string]string{"marketing": "marketing"}))
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantPosts(1)
	s.put("/", `<script>heard = []; wp_set_consent = (...call) => heard.push(call)</script>`)
	p.Reload()
	p.WaitFor("document.readyState === 'complete'")
	wantTold(t, p, "heard", `["marketing","allow"]`)
}
