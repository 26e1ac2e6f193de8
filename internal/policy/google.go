package policy

import "github.com/optgate/optgate/internal/optgate"

// googleTags is from where Google's tags come and where they send what they send
// while all is denied.
var googleTags = []pattern{
	{host: "googletagmanager.com"}, {host: "google-analytics.com"}, {host: "analytics.google.com"},
	{host: "www.google.com", path: "/ccm"}, {host: "pagead2.googlesyndication.com", path: "/ccm"},
}

// signals frees the tags that the site tells of a denial instead of holding them,
// whatever it lists their hosts under.
func (k *compiler) signals() {
	g := k.config.Signals.Google
	if g == nil || g.Mode != optgate.GoogleAdvanced {
		return
	}
	for at := range k.rules {
		for _, tag := range googleTags {
			if tag.covers(at) {
				delete(k.rules, at)
			}
		}
	}
	for _, at := range googleTags {
		k.rules[at] = needs{}
	}
}
