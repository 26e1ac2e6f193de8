package admin

import (
	"context"
	"html"
	"strings"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// Unmarked is what a site's pages were seen to have without a mark.
type Unmarked struct {
	Tags        []UnmarkedTag
	Unavailable bool // the store could not be asked
}

// UnmarkedTag is one of them.
type UnmarkedTag struct {
	optgate.SeenUnmarked
	Needs []optgate.CategoryID // that it should wait for
}

// marks is how each kind of element is marked, by its name. All others are put
// into a template.
var marks = map[string]string{
	"script": `<script type="text/plain" data-gate="{needs}" data-src="{address}"></script>`,
	"img":    `<img data-gate="{needs}" data-src="{address}" alt="">`,
	"iframe": `<iframe data-gate="{needs}" data-src="{address}" title="…"></iframe>`,
	"link":   `<link rel="…" data-gate="{needs}" data-href="{address}">`,
	"video":  `<video data-gate="{needs}" data-src="{address}"></video>`,
	"audio":  `<audio data-gate="{needs}" data-src="{address}"></audio>`,
	"embed":  `<embed data-gate="{needs}" data-src="{address}">`,
	"object": `<object data-gate="{needs}" data-src="{address}"></object>`,
}

// markupOf returns how a page should have t.
func markupOf(t UnmarkedTag) string { return markup(t.Kind, t.Needs, t.URL()) }

// markup returns how a page should have an element that loads an address.
func markup(kind string, needs []optgate.CategoryID, address string) string {
	form, ok := marks[kind]
	if !ok {
		form = `<template data-gate="{needs}"><` + kind + ` …></` + kind + `></template>`
	}
	return strings.NewReplacer("{needs}", joined(needs), "{address}", html.EscapeString(address)).Replace(form)
}

// joined writes categories as a mark has them.
func joined(needs []optgate.CategoryID) string {
	words := make([]string, len(needs))
	for i, id := range needs {
		words[i] = string(id)
	}
	return strings.Join(words, " ")
}

// seenOn says when t was seen.
func seenOn(ctx context.Context, t UnmarkedTag) string {
	if t.First == t.Last {
		return say(ctx, "Seen on %s", dayOf(ctx, t.Last))
	}
	return say(ctx, "Seen from %s to %s", dayOf(ctx, t.First), dayOf(ctx, t.Last))
}

// holdChoice is one way to hold what is not marked.
type holdChoice struct {
	hold          optgate.Hold
	title, effect text
	told          text // once it was chosen
}

var holdChoices = []holdChoice{
	{optgate.HoldKnown, "Known services", "The hosts of this site’s services and tags, and the commonest trackers, wait for their category.", "Held without a mark: known services."},
	{optgate.HoldThirdParty, "Everything of others", "Besides, whatever is neither this site’s own nor essential waits until all categories are allowed.", "Held without a mark: everything of others."},
	{optgate.HoldOff, "Nothing", "Only what is marked waits.", "Held without a mark: nothing."},
}

// HoldTold says what holding has become.
func HoldTold(h optgate.Hold) bilingual.Text {
	for _, c := range holdChoices {
		if c.hold == h {
			return c.told
		}
	}
	return ""
}
