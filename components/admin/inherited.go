package admin

import (
	"context"
	"strings"
)

// settingForms are the forms of a site's settings with what they call each, in
// their order.
var settingForms = []struct {
	path     string
	label    text
	settings []settingName
}{
	{"/settings", "Settings", []settingName{
		{"controller.name", "Company or person"}, {"controller.address", "Address"}, {"controller.contact", "Contact"},
		{"policy.url", "Privacy policy"}, {"policy.effective", "In force from"},
		{"choice_days", "How long an answer holds, in days"}, {"record_days", "How long records are kept, in days"},
		{"hold", "Tags without a mark"}, {"regions", "Regions"},
	}},
	{"/look", "Look", []settingName{
		{"theme.position", "Where the banner stands"}, {"theme.accent", "Accent"}, {"theme.radius", "Corner radius"}, {"theme.logo", "Logo"},
	}},
	{"/texts", "Texts", []settingName{{"languages", "Languages"}}},
	{"/signals", "Signals", []settingName{
		{"gpc", "Global Privacy Control"}, {"signals.google", "Google"}, {"signals.microsoft", "Microsoft Advertising"}, {"signals.clarity", "Clarity"},
		{"signals.meta", "Meta"}, {"signals.tiktok", "TikTok"}, {"signals.pinterest", "Pinterest"}, {"signals.matomo", "Matomo"},
		{"signals.wordpress", "WP Consent API"}, {"signals.datalayer", "dataLayer"},
	}},
}

// settingName is a setting by its path in site files, and what its form calls it.
type settingName struct {
	path  string
	label text
}

// inheritedForm is what of a form comes from the site's group.
type inheritedForm struct {
	path, label string
	settings    []string
}

// inheritedSettings returns which settings are inherited, by form.
func (p *SitePage) inheritedSettings(ctx context.Context) []inheritedForm {
	inherited := map[string]bool{}
	for item := range p.Inherited {
		if (item.Subject == "setting" || item.Subject == "texts") && p.inherits(item.Subject, item.Name) {
			inherited[item.Path()] = true
		}
	}
	var all []inheritedForm
	for _, form := range settingForms {
		f := inheritedForm{path: form.path, label: say(ctx, form.label)}
		for _, s := range form.settings {
			if inherited[s.path] {
				f.settings = append(f.settings, say(ctx, s.label))
			}
		}
		if form.path == "/texts" {
			for _, lang := range p.Live.Config.Languages {
				if inherited["texts."+lang] {
					f.settings = append(f.settings, say(ctx, "Banner (%s)", LanguageName(ctx, lang)))
				}
			}
		}
		if len(f.settings) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// names lists the settings of a form, whose names may have commas.
func (f inheritedForm) names() string { return strings.Join(f.settings, " · ") }

// settingsIn returns how many settings forms have.
func settingsIn(forms []inheritedForm) (n int) {
	for _, f := range forms {
		n += len(f.settings)
	}
	return n
}
