// Package paneltest holds the site that the panel's tests and the storybook
// show: a shop for 3D printers.
package paneltest

import "github.com/optgate/optgate/internal/optgate"

// Shop returns a new copy of the shop's configuration: four categories, eight
// services, three languages.
func Shop() *optgate.Config {
	radius := 12
	return &optgate.Config{
		Site:      "layerworks",
		Name:      "Layerworks 3D printers",
		Origins:   []string{"https://www.layerworks.example"},
		Languages: []string{"en", "de", "ar"},
		Controller: optgate.Controller{
			Name: "Layerworks GmbH", Address: "Lindenstraße 12, 10969 Berlin", Contact: "privacy@layerworks.example",
		},
		Policy: optgate.Policy{
			URL: optgate.Text{
				"en": "https://www.layerworks.example/privacy", "de": "https://www.layerworks.example/datenschutz",
				"ar": "https://www.layerworks.example/ar/privacy",
			},
			Effective: "2026-05-25",
		},
		Categories: []optgate.Category{
			{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing},
		},
		Services: services(),
		Theme:    optgate.Theme{Radius: &radius},
	}
}

func services() []optgate.Service {
	return []optgate.Service{
		{
			ID: "shop", Name: "Web store", Category: optgate.Essential, Provider: "Layerworks GmbH", Country: "DE",
			Reason: optgate.Text{
				"en": "Keeps your basket and your sign-in while you order.",
				"de": "Behält Warenkorb und Anmeldung, während Sie bestellen.",
				"ar": "تحتفظ بسلة مشترياتك وتسجيل دخولك أثناء الطلب.",
			},
			Cookies: []optgate.StoredCookie{{Name: "basket", Duration: "7 days"}, {Name: "session", Duration: "until you close the browser"}},
		},
		{
			ID: "pay", Name: "Stripe", Category: optgate.Essential, Provider: "Stripe Payments Europe", Country: "IE",
			Policy: "https://stripe.com/privacy", Hosts: []string{"js.stripe.com"},
			Reason: optgate.Text{
				"en": "Takes the payment that you start and detects fraud in it.",
				"de": "Führt die Zahlung aus, die Sie beginnen, und erkennt Betrug dabei.",
				"ar": "تنفّذ عملية الدفع التي تبدؤها وتكشف الاحتيال فيها.",
			},
			Cookies: []optgate.StoredCookie{{Name: "__stripe_mid", Duration: "1 year"}},
		},
		{
			ID: "youtube", Name: "YouTube", Category: optgate.Functional, Provider: "Google Ireland", Country: "IE",
			Policy: "https://policies.google.com/privacy", Hosts: []string{"www.youtube-nocookie.com"},
			Purpose: optgate.Text{"en": "Plays the assembly videos.", "de": "Zeigt die Aufbauvideos.", "ar": "يعرض مقاطع فيديو التجميع."},
			Cookies: []optgate.StoredCookie{{Name: "VISITOR_INFO1_LIVE", Duration: "180 days"}},
		},
		{
			ID: "forum", Name: "Forum comments", Category: optgate.Functional, Provider: "Discourse", Country: "US",
			Policy: "https://www.discourse.org/privacy", Hosts: []string{"forum.layerworks.example"},
			Purpose: optgate.Text{"en": "Shows comments and lets you write some.", "de": "Zeigt Kommentare und lässt Sie schreiben.", "ar": "يعرض التعليقات ويتيح لك كتابتها."},
			Cookies: []optgate.StoredCookie{{Name: "forum_theme", Kind: "local", Duration: "1 year"}},
		},
		{
			ID: "matomo", Name: "Matomo", Category: optgate.Analytics, Provider: "InnoCraft", Country: "NZ",
			Policy: "https://matomo.org/privacy-policy", Hosts: []string{"layerworks.matomo.cloud"},
			Purpose: optgate.Text{"en": "Counts visits and pages.", "de": "Zählt Besuche und Seiten.", "ar": "يُحصي الزيارات والصفحات."},
			Cookies: []optgate.StoredCookie{{Name: "_pk_id.*", Duration: "13 months"}, {Name: "_pk_ses.*", Duration: "30 minutes"}},
		},
		{
			ID: "hotjar", Name: "Hotjar", Category: optgate.Analytics, Provider: "Hotjar", Country: "MT",
			Policy: "https://www.hotjar.com/legal/policies/privacy", Hosts: []string{"static.hotjar.com", "*.hotjar.io"},
			Purpose: optgate.Text{"en": "Shows where people click and scroll.", "de": "Zeigt, wo geklickt und gescrollt wird.", "ar": "يبيّن مواضع النقر والتمرير."},
			Cookies: []optgate.StoredCookie{{Name: "_hjSessionUser_*", Duration: "1 year"}},
		},
		{
			ID: "google-ads", Name: "Google Ads", Category: optgate.Marketing, Provider: "Google Ireland", Country: "IE",
			Policy: "https://policies.google.com/privacy", Hosts: []string{"www.googletagmanager.com"},
			Purpose: optgate.Text{"en": "Measures which ads led to an order.", "de": "Misst, welche Anzeige zu einer Bestellung führte.", "ar": "يقيس الإعلانات التي أدت إلى طلب."},
			Cookies: []optgate.StoredCookie{{Name: "_gcl_au", Duration: "90 days"}},
		},
		{
			ID: "meta", Name: "Meta Pixel", Category: optgate.Marketing, Provider: "Meta Platforms Ireland", Country: "IE",
			Policy: "https://www.facebook.com/privacy/policy", Hosts: []string{"connect.facebook.net"},
			Purpose: optgate.Text{"en": "Shows you our printers on Facebook and Instagram.", "de": "Zeigt Ihnen unsere Drucker auf Facebook und Instagram.", "ar": "يعرض لك طابعاتنا على فيسبوك وإنستغرام."},
			Cookies: []optgate.StoredCookie{{Name: "_fbp", Duration: "90 days"}, {Name: "tr", Kind: "pixel"}},
		},
	}
}
