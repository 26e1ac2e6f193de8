package holdtest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// way is one of testdata/ways.js.
type way struct{ Name, After string }

// walk has a new visitor's page code try all ways at once, each to a host of its
// own, and returns them with the page.
func walk(s stand, t *testing.T) ([]way, *browser.Page) {
	t.Helper()
	s.Answer(shop+"ways.js", "text/javascript; charset=utf-8", testdata(t, "ways.js"))
	s.script("worker.js", javaScript(`fetch(location.hash.slice(1), {mode: "no-cors"})`))
	s.script("importer.js", javaScript(`importScripts(location.search.slice(1))`))
	s.Handle(shop+"sw.js", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "importScripts(%q)", r.URL.RawQuery)
	}))
	names := regexp.MustCompile(`(?m)^\t\["`).FindAllString(testdata(t, "ways.js"), -1)
	// Each is a script of its own, as page code is: what waits for the end of a
	// task need not wait for the others.
	var body strings.Builder
	body.WriteString(`<template id="t"><img></template><script src="/ways.js"></script><script>
		const walk = (i) => { try { if (ways[i][1] !== "apart") ways[i][2]("https://w" + i + ".tracker.test/x") } catch (e) { (window.faults ||= []).push(ways[i][0] + ": " + e) } };
	</script>`)
	for i := range names {
		fmt.Fprintf(&body, "<script>walk(%d)</script>", i)
	}
	s.page("", body.String())
	p := s.visit()
	var faults []string
	p.Eval("window.faults || []", &faults)
	for _, fault := range faults {
		t.Log("threw: ", fault)
	}
	var ways []way
	p.Eval("ways.map(([Name, After]) => ({Name, After}))", &ways)
	return ways, p
}

func javaScript(code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, code)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// Each way reaches its host where nothing is held, so none of them is a test
// that cannot fail.
func TestEachWayReachesItsHost(t *testing.T) {
	s := newStand(t, siteOf(optgate.HoldOff))
	ways, _ := walk(s, t)
	heard := s.heard()
	for i, w := range ways {
		if heard[hostOf(i)]+heard[hostOf(i)+"+"] == 0 && w.After != "apart" {
			t.Errorf("%s: asked nobody", w.Name)
		}
	}
}

// Before consent nothing leaves, by any way. After it, what was held arrives
// once, and calls that failed stay failed.
func TestNoWayGetsThrough(t *testing.T) {
	s := newStand(t, siteOf(optgate.HoldKnown))
	ways, p := walk(s, t)
	held := countHeld(t, ways, s.heard())
	p.Eval("optgate.acceptAll()", nil)
	s.until(func() bool {
		heard := s.heard()
		for i, w := range ways {
			if heard[hostOf(i)] == 0 && (w.After == "once" || w.After == "some") {
				return false
			}
		}
		return true
	})
	s.Idle(p)
	after, replayed := s.heard(), 0
	for i, w := range ways {
		got := after[hostOf(i)]
		if got > 0 {
			replayed++
		}
		if w.After == "once" && got != 1 || w.After == "some" && got == 0 || w.After == "not" && got > 0 {
			t.Errorf("%s: arrived %d times after consent, want %s", w.Name, got, w.After)
		}
	}
	t.Logf("held %d of %d ways; after consent %d replayed", held, len(ways), replayed)
	p.Eval("optgate.set({functional: true})", nil)
	s.Idle(p)
	for host, n := range s.heard() {
		if n != after[host] {
			t.Errorf("%s was asked %d times, and %d times after another decision", host, after[host], n)
		}
	}
}

// Where all third parties are held, the browser helps, and after consent the
// page begins again.
func TestNoWayGetsThroughToAnybody(t *testing.T) {
	c := siteOf(optgate.HoldThirdParty)
	c.Services = c.Services[1:]
	s := newStand(t, c)
	ways, p := walk(s, t)
	held := countHeld(t, ways, s.heard())
	p.Eval("window.before = 1; optgate.acceptAll()", nil)
	p.WaitFor("!window.before")
	s.until(func() bool {
		heard := s.heard()
		for i, w := range ways {
			if heard[hostOf(i)]+heard[hostOf(i)+"+"] == 0 && w.After != "apart" {
				return false
			}
		}
		return true
	})
	s.Idle(p)
	after, arrived := s.heard(), 0
	for i, w := range ways {
		switch got := after[hostOf(i)]; {
		case got > 0:
			arrived++
			if got > 1 && w.After == "once" {
				t.Errorf("%s: arrived %d times after consent, want once", w.Name, got)
			}
		case after[hostOf(i)+"+"] == 0 && w.After != "apart":
			t.Errorf("%s: never arrived", w.Name)
		}
	}
	t.Logf("held %d of %d ways; after consent and a fresh page %d arrived", held, len(ways), arrived)
}

func hostOf(way int) string { return fmt.Sprintf("w%d.tracker.test", way) }

// countHeld returns how many ways were held, and reports the others.
func countHeld(t *testing.T, ways []way, heard map[string]int) int {
	t.Helper()
	held := 0
	for i, w := range ways {
		if heard[hostOf(i)]+heard[hostOf(i)+"+"] > 0 {
			t.Errorf("got through: %s", w.Name)
		} else {
			held++
		}
	}
	return held
}
