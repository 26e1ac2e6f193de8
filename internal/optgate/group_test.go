package optgate_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// chain returns the settings of a group of shops.
func chain() *optgate.Config {
	c := shop()
	c.Site, c.Name, c.Origins = "", "", nil
	c.ChoiceDays, c.RecordDays, c.Hold = 90, 365, optgate.HoldKnown
	c.Texts = append(c.Texts, optgate.Texts{Language: "pt-BR", Title: "Olá"})
	c.Signals.Meta = &optgate.MetaSignal{}
	return c
}

// member returns what a site of the group is, and what else it says.
func member(says func(*optgate.Own)) *optgate.Own {
	o := &optgate.Own{Says: optgate.Config{Site: "berlin", Name: "Berlin", Group: "shops", Origins: []string{"https://berlin.example"}}}
	says(o)
	return o
}

// ids lists what a configuration has, by path.
func ids(c *optgate.Config) string {
	var all []string
	for _, k := range c.Categories {
		all = append(all, string(k.ID))
	}
	all = append(all, "|")
	for _, s := range c.Services {
		all = append(all, s.ID)
	}
	all = append(all, "|")
	for _, t := range c.Tags {
		all = append(all, t.ID)
	}
	all = append(all, "|")
	for _, t := range c.Texts {
		all = append(all, t.Language)
	}
	return strings.Join(all, " ")
}

func TestResolve(t *testing.T) {
	const all = "essential functional marketing research | cart ads | pixel code frame | en pt-BR"
	for _, tt := range []struct {
		name  string
		says  func(*optgate.Own)
		want  string
		check func(c *optgate.Config) (got, want any) // of a setting; nil: none
	}{
		{"nothing", func(*optgate.Own) {}, all, func(c *optgate.Config) (any, any) { return c.ChoiceDays, 90 }},
		{"what it is", func(*optgate.Own) {}, all, func(c *optgate.Config) (any, any) { return c.Origins, []string{"https://berlin.example"} }},
		{"a setting", func(o *optgate.Own) { o.Says.ChoiceDays = 30 }, all, func(c *optgate.Config) (any, any) { return c.ChoiceDays, 30 }},
		{"part of a setting", func(o *optgate.Own) { o.Says.Theme.Accent = "#000000" }, all,
			func(c *optgate.Config) (any, any) { return c.Theme, optgate.Theme{Accent: "#000000", Radius: new(int)} }},
		{"not a setting", func(o *optgate.Own) { o.Without = []string{"record_days", "signals.meta"} }, all,
			func(c *optgate.Config) (any, any) { return c.RecordDays == 0 && c.Signals.Meta == nil, true }},
		{"a service of the same id", func(o *optgate.Own) {
			o.Says.Services = []optgate.Service{{ID: "ads", Name: "Own ads", Category: optgate.Marketing, Provider: "Own"}}
		}, all, func(c *optgate.Config) (any, any) { return c.Services[1].Provider, "Own" }},
		{"a service more", func(o *optgate.Own) {
			o.Says.Services = []optgate.Service{{ID: "map", Name: "Map", Category: optgate.Functional, Provider: "Map"}}
		},
			"essential functional marketing research | cart ads map | pixel code frame | en pt-BR", nil},
		{"another order", func(o *optgate.Own) {
			o.Order.Categories, o.Order.Tags = []string{"essential", "research", "gone"}, []string{"frame"}
		}, "essential research functional marketing | cart ads | frame pixel code | en pt-BR", nil},
		{"without a tag", func(o *optgate.Own) { o.Without = []string{"tags.code"} },
			"essential functional marketing research | cart ads | pixel frame | en pt-BR", nil},
		{"without a service and its tags", func(o *optgate.Own) { o.Without = []string{"services.ads"} },
			"essential functional marketing research | cart | code | en pt-BR", nil},
		{"without a category and all in it", func(o *optgate.Own) { o.Without = []string{"categories.marketing", "signals.meta"} },
			"essential functional research | cart | code | en pt-BR", nil},
		{"its own languages", func(o *optgate.Own) { o.Says.Languages = []string{"en"} },
			"essential functional marketing research | cart ads | pixel code frame | en", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := member(tt.says)
			c := o.Resolve(chain())
			if got := ids(c); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.check != nil {
				if got, want := tt.check(c); !reflect.DeepEqual(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			}
			if err := c.Validate(); err != nil {
				t.Errorf("got a configuration with faults: %v", err)
			}
			if again := optgate.Difference(chain(), c).Resolve(chain()); again.Hash() != c.Hash() {
				t.Errorf("its difference resolves to\n%+v, want\n%+v", again, c)
			}
		})
	}
}

func TestDifferenceIsTheLeast(t *testing.T) {
	c := member(func(o *optgate.Own) {
		o.Says.ChoiceDays, o.Without = 30, []string{"services.ads", "hold"}
		o.Says.Tags = []optgate.Tag{{ID: "own", Category: "research", Kind: optgate.TagInline, Code: "own()"}}
	}).Resolve(chain())
	o := optgate.Difference(chain(), c)
	if got, want := o.Without, []string{"hold", "services.ads"}; !slices.Equal(got, want) {
		t.Errorf("it does without %v, want %v: what belongs to a service goes with it", got, want)
	}
	if got, want := ids(&o.Says), "| | own |"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if o.Says.ChoiceDays != 30 || o.Says.RecordDays != 0 || o.Says.Controller.Name != "" || o.Says.Languages != nil || !reflect.DeepEqual(o.Order, optgate.Order{}) {
		t.Errorf("it says %+v, order %+v; want no more than the days", o.Says, o.Order)
	}
}

// generate makes a configuration of what data says, most often a valid one.
func generate(data []byte) *optgate.Config {
	c := shop()
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0]) % n
		data = data[1:]
		return b
	}
	c.ChoiceDays, c.RecordDays = next(3), next(3)*400
	c.Hold = []optgate.Hold{optgate.HoldOff, optgate.HoldKnown, optgate.HoldThirdParty}[next(3)]
	c.Languages = [][]string{{"en", "pt-BR", "zh-Hant"}, {"en"}, {"pt-BR", "en"}, nil}[next(4)]
	c.Theme = []optgate.Theme{{}, {Accent: "#000000"}, {Radius: new(int)}, {Logo: "https://www.shop.example/l.svg"}}[next(4)]
	c.Signals = []optgate.Signals{{}, {Meta: &optgate.MetaSignal{}}, {DataLayer: true}}[next(3)]
	c.GPC.Off = next(2) == 1
	c.Controller.Contact = []string{"", "a@shop.example"}[next(2)]
	c.Categories = pick(c.Categories, next)
	c.Services = pick(c.Services, next)
	for i := range c.Services {
		c.Services[i].Provider = []string{"One", "Two"}[next(2)]
	}
	c.Tags = pick(c.Tags, next)
	c.Texts = pick(append(c.Texts, optgate.Texts{Language: "pt-BR"}, optgate.Texts{Language: "zh-Hant", Title: []string{"", "x"}[next(2)]}), next)
	return c
}

// pick returns some of all, in some order.
func pick[T any](all []T, next func(int) int) []T {
	var some []T
	for _, v := range all {
		if next(4) > 0 {
			some = slices.Insert(some, next(len(some)+1), v)
		}
	}
	return some
}

func FuzzDifference(f *testing.F) {
	f.Add([]byte{}, []byte{}, []byte{})
	f.Add([]byte("\x01\x02\x01\x00\x01\x01\x01\x01\x01\x00\x01\x01\x01\x02"), []byte("\x02\x00\x02\x02\x03\x02\x00\x00\x01\x01\x01\x01\x01\x01\x00\x03\x01"), []byte("\x00\x01"))
	f.Add([]byte("abcdefghijklmnopqrstuvwxyz0123456789"), []byte("9876543210zyxwvutsrqponmlkjihgfedcba"), []byte("the quick brown fox jumps over the lazy dog"))
	f.Add([]byte("the quick brown fox jumps over the lazy dog"), []byte("abcdefghijklmnopqrstuvwxyz"), []byte("zyx"))
	f.Fuzz(func(t *testing.T, a, b, edited []byte) {
		group, c, next := generate(a), generate(b), generate(edited)
		c.Group, next.Group = "shops", "shops"
		o := optgate.Difference(group, c)
		if got := o.Resolve(group); got.Hash() != c.Hash() {
			t.Fatalf("got  %+v\nwant %+v\nby   %+v", got, c, o)
		}
		r := optgate.Revision{Site: c.Site, Number: 1, Config: *c, Own: o}
		if !r.Inherits(group) {
			t.Error("got a revision that does not inherit from the group that it was resolved with")
		}
		if got := r.OwnAfter(group, next).Resolve(group); got.Hash() != next.Hash() {
			t.Errorf("after an edit: got  %+v\nwant %+v", got, next)
		}
	})
}

// What a site says stays said, though its group says the same, and what it
// inherits stays inherited, whichever other thing is edited meanwhile.
func TestOwnAfter(t *testing.T) {
	pinned := member(func(o *optgate.Own) {
		o.Says.ChoiceDays, o.Without, o.Order.Categories = 90, []string{"services.later"}, []string{"essential", "research"}
		o.Says.Services = []optgate.Service{chain().Services[1]}
	})
	before := *pinned.Resolve(chain())
	r := optgate.Revision{Config: before, Own: pinned}
	edit := func(change func(*optgate.Config)) *optgate.Config {
		c := before.Clone()
		change(c)
		return c
	}
	renamed := edit(func(c *optgate.Config) { c.Name, c.Tags[0].Src = "New", "https://new.example/" })

	o := r.OwnAfter(chain(), renamed)
	if o.Says.ChoiceDays != 90 || len(o.Says.Services) != 1 || !slices.Contains(o.Without, "services.later") || len(o.Order.Categories) != 2 {
		t.Errorf("got %+v, want what was said kept", o)
	}
	if len(o.Says.Tags) != 1 || o.Says.Tags[0].ID != "pixel" || o.Says.RecordDays != 0 {
		t.Errorf("got %+v, want the edited tag and nothing that was inherited", o.Says)
	}

	// The group has changed and the site did not follow yet.
	now := chain()
	now.RecordDays, now.Tags[1].Code = 400, "newer()"
	o = r.OwnAfter(now, renamed)
	if o.Says.RecordDays != 0 || len(o.Says.Tags) != 1 || o.Says.ChoiceDays != 90 {
		t.Errorf("got %+v, want the edited tag alone besides what was said: what is inherited follows the group later", o.Says)
	}
	if c := o.Resolve(now); c.RecordDays != 400 || c.Tags[0].Src != "https://new.example/" || c.Tags[1].Code != "newer()" {
		t.Errorf("got %+v, want the group's change and the edit", c)
	}

	// To undo an edit is to inherit again; to leave out is to do without.
	r = optgate.Revision{Config: *renamed, Own: r.OwnAfter(chain(), renamed)}
	if o := r.OwnAfter(chain(), &before); o.IsOwn("tags.pixel") {
		t.Error("got a tag that is the group's again as the site's own")
	}
	fewer := edit(func(c *optgate.Config) { c.Tags = c.Tags[1:] })
	if o := r.OwnAfter(chain(), fewer); !slices.Contains(o.Without, "tags.pixel") {
		t.Errorf("got %v, want it to do without the tag", o.Without)
	}

	// Another group, and none.
	moved := edit(func(c *optgate.Config) { c.Group = "other" })
	if got := r.OwnAfter(now, moved).Resolve(now); got.Hash() != moved.Hash() {
		t.Errorf("got %+v, want %+v", got, moved)
	}
}

func TestInherited(t *testing.T) {
	o := member(func(o *optgate.Own) {
		o.Says.ChoiceDays, o.Without = 30, []string{"tags.code"}
		o.Says.Services = []optgate.Service{{ID: "ads", Name: "Own ads", Category: optgate.Marketing, Provider: "Own"}}
	})
	r := optgate.Revision{Config: *o.Resolve(chain()), Own: o}
	got := r.Inherited()
	for path, want := range map[string]bool{
		"service cart": true, "service ads": false, "tag pixel": true, "tag code": false, "category research": true,
		"setting record_days": true, "setting choice_days": false, "setting name": false, "setting group": false, "setting policy.effective": false,
	} {
		subject, name, _ := strings.Cut(path, " ")
		if got := got[optgate.Item{Subject: subject, Name: name}]; got != want {
			t.Errorf("%s: got inherited %t, want %t", path, got, want)
		}
	}
	r.Own = nil
	if got := r.Inherited(); len(got) != 0 {
		t.Errorf("got %v inherited by a site of no group", got)
	}
}

func TestGroupValidate(t *testing.T) {
	ok := optgate.Group{ID: "shops", Settings: *chain()}
	if err := ok.Validate(); err != nil {
		t.Errorf("got %v, want a valid group", err)
	}
	if err := (&optgate.Group{ID: "few"}).Validate(); err != nil {
		t.Errorf("got %v, want a group that says nothing to be valid", err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(*optgate.Group)
		want  string
	}{
		{"no id", func(g *optgate.Group) { g.ID = "" }, "group: is 1 to 63"},
		{"origins", func(g *optgate.Group) { g.Settings.Origins = []string{"https://a.example"} }, "origins: is for each site"},
		{"a cookie", func(g *optgate.Group) { g.Settings.Cookie.Name = "x" }, "cookie.name: is for each site"},
		{"a service of no category", func(g *optgate.Group) { g.Settings.Services[0].Category = "x" }, "services[0].category:"},
		{"a tag that runs code", func(g *optgate.Group) { g.Settings.Tags[0].Src = "javascript:x" }, "tags[0].src:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := optgate.Group{ID: "shops", Settings: *chain()}
			tt.spoil(&g)
			if err := g.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOwnCheck(t *testing.T) {
	o := optgate.Own{Without: []string{"services.ads", "theme.logo", "services.asd", "name", "them.logo"}}
	var bad optgate.InvalidErrors
	if err := o.Check(chain()); !errors.As(err, &bad) || len(bad) != 3 {
		t.Errorf("got %v, want a fault for each of the three last", err)
	}
}
