package sitefile

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/optgate/optgate/internal/optgate"
)

// File is what a file describes: one of its fields is set.
type File struct {
	Site  *optgate.Config // a site that is of no group
	Own   *optgate.Own    // what a site of a group says itself; see [File.Resolve]
	Group *optgate.Group

	d *decoder // knows where the file says what
}

// Read reads the one site or group that data describes and validates what can
// be without knowing the group of a site. Everything that is wrong is reported at
// once, in the file's order, as [optgate.InvalidErrors]; their fields say the
// key's path and its line.
func Read(data []byte) (*File, error) {
	d := &decoder{places: map[string]place{}, nulls: map[string]bool{}}
	var o optgate.Own
	if root := d.parse(data); root != nil {
		d.value(root, reflect.ValueOf(&o).Elem(), "")
	}
	if d.fatal {
		return nil, d.errors()
	}
	f := &File{d: d}
	var invalid optgate.InvalidErrors
	var err error
	switch {
	case !d.gives("group"):
		f.Site = withHold(&o.Says)
		err = f.Site.Validate()
	case !d.gives("site"):
		g := optgate.Group{ID: o.Says.Group, Settings: *withHold(&o.Says)}
		g.Settings.Group = ""
		f.Group = &g
		err = g.Validate()
	default:
		f.Own = d.own(&o)
	}
	for _, key := range []string{"without", "order"} {
		if f.Own == nil && d.gives(key) {
			d.fail(key, "is for the sites of a group, whose file names site and group")
		}
	}
	if err != nil && !errors.As(err, &invalid) {
		return nil, fmt.Errorf("sitefile: validate: %w", err)
	}
	if err := d.and(invalid); err != nil {
		return nil, err
	}
	return f, nil
}

// gives reports whether the file has a key.
func (d *decoder) gives(path string) bool { return d.places[path] != place{} }

// and returns what decoding found together with what validation did, as far as
// that is no echo of it; nil if that is nothing.
func (d *decoder) and(invalid optgate.InvalidErrors) error {
	for _, f := range invalid {
		if !d.faulty(f.Field) {
			d.fail(f.Field, "%s", f.Msg)
		}
	}
	if len(d.faults) > 0 {
		return d.errors()
	}
	return nil
}

// withHold returns c with the extent of holding that it has if nobody else says
// one.
func withHold(c *optgate.Config) *optgate.Config {
	switch c.Hold {
	case "":
		c.Hold = optgate.HoldKnown
	case off:
		c.Hold = optgate.HoldOff
	}
	return c
}

// own returns o without what the file gives in order to have none of it, such as
// "record_days: 0": that is what the site leaves out of its group.
func (d *decoder) own(o *optgate.Own) *optgate.Own {
	if o.Says.Hold == off {
		o.Says.Hold = optgate.HoldOff
	}
	for path := range d.places {
		if optgate.IsSetting(path) && !d.nulls[path] && !o.Says.Says(path) && !slices.Contains(o.Without, path) {
			o.Without = append(o.Without, path)
		}
	}
	slices.Sort(o.Without)
	return o
}

// itemPattern is the path of something in an item of a list.
var itemPattern = regexp.MustCompile(`^(categories|services|tags|texts)\[(\d+)\](.*)$`)

// Resolve returns the configuration of a site of a group. Faults are as those of
// [Read], and say what of it is inherited.
func (f *File) Resolve(group *optgate.Group) (*optgate.Config, error) {
	c := f.Own.Resolve(&group.Settings)
	var invalid optgate.InvalidErrors
	for _, err := range []error{f.Own.Check(&group.Settings), c.Validate()} {
		var some optgate.InvalidErrors
		if errors.As(err, &some) {
			invalid = append(invalid, some...)
		}
	}
	for _, fault := range invalid {
		f.place(c, fault)
	}
	if err := f.d.and(invalid); err != nil {
		return nil, err
	}
	return c, nil
}

// place makes the field of a fault of c, which f resolved to, say where it is in
// the file, or which of what is inherited it is.
func (f *File) place(c *optgate.Config, fault *optgate.InvalidError) {
	inherited := false
	if m := itemPattern.FindStringSubmatch(fault.Field); m != nil {
		i, _ := strconv.Atoi(m[2]) // the pattern has only digits there
		id := idsOf(c, m[1])[i]
		at := slices.Index(idsOf(&f.Own.Says, m[1]), id)
		if inherited = at < 0; inherited {
			fault.Field = m[1] + "." + id + m[3]
		} else {
			fault.Field = fmt.Sprintf("%s[%d]%s", m[1], at, m[3])
		}
	} else {
		setting := fault.Field
		for setting != "" && !optgate.IsSetting(setting) {
			setting = parent(setting)
		}
		inherited = c.Says(setting) && !f.Own.IsOwn(setting)
	}
	if inherited {
		fault.Msg += fmt.Sprintf(" (it is inherited from the group %s)", c.Group)
	}
}

// idsOf returns the ids of a list's items.
func idsOf(c *optgate.Config, list string) []string {
	var ids []string
	switch list {
	case "categories":
		for _, k := range c.Categories {
			ids = append(ids, string(k.ID))
		}
	case "services":
		for _, s := range c.Services {
			ids = append(ids, s.ID)
		}
	case "tags":
		for _, t := range c.Tags {
			ids = append(ids, t.ID)
		}
	case "texts":
		for _, t := range c.Texts {
			ids = append(ids, t.Language)
		}
	}
	return ids
}
