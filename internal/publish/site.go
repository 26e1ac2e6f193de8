package publish

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
	"github.com/optgate/optgate/internal/words"
)

// Site is a published revision, ready to serve. It is never changed.
type Site struct {
	Revision optgate.Revision
	Paused   optgate.Paused // of what the revision has
	Gate     *Asset
	Panels   map[string]*Asset // the panel's markup, by language
	// Pieces are what the gate loads when it is needed, by language.
	Pieces map[Piece]map[string]*Asset
	// PiecesHash names the panels and the pieces: it changes when the revision
	// does, and when Optgate renders it differently.
	PiecesHash string
	// Shown names what records say was shown, by language.
	Shown map[string]Shown
	// Declaration is the table of services as JSON.
	Declaration *Asset

	first     map[string]func() (*Asset, error) // see [Site.FirstVisit]
	languages *words.Matcher
	origins   map[string]bool
	due       time.Time // when something scheduled takes effect; zero: nothing is
}

// AllowsOrigin reports whether pages of that origin belong to the site.
func (s *Site) AllowsOrigin(origin string) bool { return s.origins[origin] }

// isOf reports whether s is that revision.
func (s *Site) isOf(r *optgate.Revision) bool {
	return s.Revision.Number == r.Number && s.Revision.Hash == r.Hash
}

// upToDate reports whether the gate of s is what is served now.
func (s *Site) upToDate(p optgate.Paused, now time.Time) bool {
	return s.Gate != nil && s.Paused.Version == p.Version && (s.due.IsZero() || now.Before(s.due))
}

// build renders all that a revision serves but the gate, see [Site.pausing], and
// returns what of it is to be kept.
func build(r optgate.Revision) (*Site, []optgate.Panel, error) {
	s := &Site{Revision: r, Panels: map[string]*Asset{}, Pieces: map[Piece]map[string]*Asset{}, Shown: map[string]Shown{}, origins: map[string]bool{}}
	s.languages = words.NewMatcher(r.Config.Languages)
	for _, o := range r.Config.Origins {
		s.origins[o] = true
	}
	var shown []optgate.Panel
	for _, lang := range r.Config.Languages {
		var b bytes.Buffer
		if err := panel.Fragment(&s.Revision, lang).Render(context.Background(), &b); err != nil {
			return nil, nil, fmt.Errorf("publish: render panel of %s in %s: %w", r.Site, lang, err)
		}
		s.Panels[lang] = newAsset("text/html; charset=utf-8", b.Bytes())
		page, err := pageContent(&s.Revision.Config, lang)
		if err != nil {
			return nil, nil, err
		}
		contents, names := [][]byte{b.Bytes(), page}, Shown{Panel: optgate.PanelHash(b.Bytes()), Page: optgate.PanelHash(page)}
		if r.Config.HasRule(optgate.OptOut) {
			notice, err := noticeContent(&s.Revision.Config, lang)
			if err != nil {
				return nil, nil, err
			}
			contents, names.Notice = append(contents, notice), optgate.PanelHash(notice)
		}
		for _, content := range contents {
			shown = append(shown, optgate.Panel{Site: r.Site, Revision: r.Number, Language: lang, Content: content})
		}
		s.Shown[lang] = names
	}
	hashes := r.Hash
	for _, p := range piecesOf(&r.Config) {
		s.Pieces[p] = map[string]*Asset{}
		for _, lang := range r.Config.Languages {
			shown := s.Shown[lang].Panel
			if p == Notice {
				shown = s.Shown[lang].Notice
			}
			script, err := pieceScript(p, &s.Revision, lang, shown, ownElement)
			if err != nil {
				return nil, nil, err
			}
			s.Pieces[p][lang] = newAsset(javaScript, script)
			hashes += s.Pieces[p][lang].Hash
		}
	}
	s.PiecesHash = hashOf([]byte(hashes))
	declaration, err := declarationJSON(&s.Revision)
	if err != nil {
		return nil, nil, err
	}
	s.Declaration = newAsset("application/json", declaration)
	return s, shown, nil
}

// pausing returns s with the gate of what is paused. All else is of the revision,
// and what visitors are shown stays as it was.
func (s *Site) pausing(p optgate.Paused, version string, now time.Time) (*Site, error) {
	next := *s
	next.Paused, next.due = p.On(&s.Revision.Config), time.Time{}
	timing := s.Revision.TimingAt(now)
	for _, later := range timing.Later {
		if next.due.IsZero() || later.From.Before(next.due) {
			next.due = later.From
		}
	}
	script, err := newGateScript(&next, timing, version)
	if err != nil {
		return nil, err
	}
	gate, err := script.with(nil)
	if err != nil {
		return nil, err
	}
	next.Gate = newAsset(javaScript, gate)
	next.first = map[string]func() (*Asset, error){}
	for _, lang := range next.Revision.Config.Languages {
		next.first[lang] = sync.OnceValues(func() (*Asset, error) { return firstVisit(&next, script, lang) })
	}
	return &next, nil
}

// firstVisit returns the gate with the first layer's piece in it.
func firstVisit(s *Site, gate *gateScript, lang string) (*Asset, error) {
	piece, err := bringing(Panel, &s.Revision, lang, s.Shown[lang].Panel)
	if err != nil {
		return nil, err
	}
	body, err := gate.with(piece)
	if err != nil {
		return nil, err
	}
	return newAsset(javaScript, body), nil
}

// FirstVisit returns the gate together with the first layer in one of the site's
// languages: all that is needed to ask a visitor, in one request. It is made when
// it is first asked for.
func (s *Site) FirstVisit(lang string) (*Asset, error) { return s.first[lang]() }

// Language returns the one of the site's languages that serves best whom wanted
// describes, see [words.Matcher.Match].
func (s *Site) Language(wanted ...string) string { return s.languages.Match(wanted...) }

// declaration is what a site says of its services (ePrivacy art. 5(3)), for
// programs.
type declaration struct {
	Site       optgate.SiteID     `json:"site"`
	Name       string             `json:"name"`
	Revision   int                `json:"revision"`
	Hash       string             `json:"revision_sha256"`
	Controller optgate.Controller `json:"controller"`
	Policy     optgate.Policy     `json:"policy"`
	ChoiceDays int                `json:"choice_days"`
	Categories []optgate.Category `json:"categories"`
	Services   []optgate.Service  `json:"services"`
}

func declarationJSON(r *optgate.Revision) ([]byte, error) {
	c := &r.Config
	d := declaration{
		Site: c.Site, Name: c.Name, Revision: r.Number, Hash: r.Hash, Controller: c.Controller, Policy: c.Policy,
		ChoiceDays: c.ChoiceLifetimeDays(), Categories: []optgate.Category{}, Services: []optgate.Service{},
	}
	for _, k := range c.Categories {
		if !k.Off {
			d.Categories = append(d.Categories, k)
			d.Services = append(d.Services, c.ServicesIn(k.ID)...)
		}
	}
	doc, err := plainjson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("publish: encode declaration of %s: %w", r.Site, err)
	}
	return doc, nil
}
