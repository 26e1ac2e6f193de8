package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/webdriver"
)

// The journeys that matter most, in the other engines that visitors have.
func TestEngines(t *testing.T) {
	journeys := []struct {
		name string
		run  func(*testing.T, *world, *webdriver.Page)
	}{
		{"nothing before a decision, and reject", engineReject},
		{"accept", engineAccept},
		{"withdraw", engineWithdraw},
		{"preferences by keys", engineKeys},
		{"placeholder", enginePlaceholder},
		{"what no tag marks", engineUnmarked},
		{"a decision that did not get through", engineUnsent},
		{"asking again", engineAgain},
	}
	for _, engine := range []webdriver.Engine{webdriver.Firefox, webdriver.WebKit} {
		t.Run(string(engine), func(t *testing.T) {
			for _, journey := range journeys {
				t.Run(journey.name, func(t *testing.T) {
					w := newWorld(t)
					p := webdriver.New(t, engine)
					p.Goto(w.at("tiertime", ""))
					p.WaitFor(`document.querySelector("#og-panel")`)
					journey.run(t, w, p)
				})
			}
		})
	}
}

// choose clicks a button of the banner and waits until it is gone.
func choose(p *webdriver.Page, button string) {
	p.Click(button)
	p.WaitFor(decided)
}

// storesNothing fails the test if the page's host has a cookie or anything in
// storage.
func storesNothing(t *testing.T, p *webdriver.Page) {
	t.Helper()
	var stored int
	p.Eval("localStorage.length + sessionStorage.length", &stored)
	if cookies := p.Cookies(); len(cookies) > 0 || stored > 0 {
		t.Errorf("got cookies %v and %d entries in storage, want none", cookies, stored)
	}
}

func engineReject(t *testing.T, w *world, p *webdriver.Page) {
	w.receivesOnly(p)
	storesNothing(t, p)
	choose(p, "#og-reject")
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.RejectAll, "banner")
	w.receivesOnly(p)

	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p)
	w.recorded("tiertime", 1)
	for _, c := range p.Cookies() {
		if !strings.HasPrefix(c.Name, "og") || (c.Name == "og_id") != c.HTTPOnly {
			t.Errorf("got cookie %+v, want og, and og_id that scripts do not see", c)
		}
	}
}

func engineAccept(t *testing.T, w *world, p *webdriver.Page) {
	choose(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.AcceptAll, "banner", "functional", "analytics", "marketing")
	p.WaitFor(`document.documentElement.dataset.inline === "ran"`)

	w.forget()
	p.Reload()
	// WebKit may take a script from its memory; that it ran shows in its pixel.
	asked := func(all []string) []string {
		return slices.DeleteFunc(slices.Sorted(slices.Values(all)), func(s string) bool { return strings.HasSuffix(s, "/tag.js") })
	}
	eventually(t, "all comes again", func() bool { return slices.Equal(asked(w.received()), asked(everythingOnce)) })
	p.WaitFor(bannerGone)

	// They are fetched at the same time and run in document order: the first
	// comes only once the second was asked for.
	url := w.page("/order", "en", `<script>var order = []</script>
		<script type="text/plain" data-gate="analytics" data-src="/order/first.js"></script>
		<script type="text/plain" data-gate="marketing" data-src="/order/second.js"></script>
		<script type="text/plain" data-gate="analytics">order.push("inline")</script>`)
	second := make(chan struct{})
	w.pages.HandleFunc("GET /order/{name}", func(rw http.ResponseWriter, r *http.Request) {
		if name := r.PathValue("name"); name == "first.js" {
			<-second
		} else {
			close(second)
		}
		rw.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(rw, "order.push(%q)", r.PathValue("name"))
	})
	p.Goto(url)
	p.WaitFor(`order.length > 2`)
	var order []string
	p.Eval("order", &order)
	if want := []string{"first.js", "second.js", "inline"}; !slices.Equal(order, want) {
		t.Errorf("got order %q, want %q", order, want)
	}
}

func engineWithdraw(t *testing.T, w *world, p *webdriver.Page) {
	choose(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	p.Eval("window.same = 1", nil)
	p.Click("#og-open")
	p.Click("#og-preferences [data-og-reject]")
	records := w.recorded("tiertime", 2)
	checkRecord(t, records[1], optgate.RejectAll, "preferences")
	// Scripts that ran are stopped by a fresh page alone.
	p.WaitFor(`!window.same && !document.querySelector("#og-preferences")?.open && ` + bannerGone)
	w.settle(p)
	w.forget()
	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p)
}

func engineKeys(t *testing.T, w *world, p *webdriver.Page) {
	tabs := func(want string) {
		t.Helper()
		for range 40 {
			p.Press(webdriver.Tab)
			var got string
			if p.Eval(focused, &got); got == want {
				return
			}
		}
		t.Fatalf("40 tabs do not lead to %s", want)
	}
	const closed = `!document.querySelector("#og-preferences")?.open`
	tabs("#og-customise")
	p.Press(webdriver.Enter)
	p.WaitFor(`document.querySelector("#og-preferences:modal")?.contains(document.activeElement)`)
	p.Press(webdriver.Escape)
	p.WaitFor(closed + ` && document.activeElement.id === "og-customise"`)
	w.receivesOnly(p)
	storesNothing(t, p)

	p.Press(webdriver.Enter)
	p.WaitFor(`document.querySelector("#og-preferences:modal")`)
	tabs("#og-c-analytics")
	p.Press(webdriver.Space)
	tabs("#og-save")
	p.Press(webdriver.Enter)
	p.WaitFor(closed + ` && document.activeElement.id === "og-open"`)
	w.receivesOnly(p, analyticsLoads...)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.Save, "preferences", "analytics")
}

func enginePlaceholder(t *testing.T, w *world, p *webdriver.Page) {
	const frame = "video.example/embed/video"
	const once = `(document.querySelector("main iframe").contentDocument?.querySelector("[data-og-once]") ?? document.querySelector("main [data-og-once]"))`
	choose(p, "#og-reject")
	p.Goto(w.at("tiertime", "video"))
	p.WaitFor(once)
	w.receivesOnly(p)
	// It was for once: the page loaded again holds the frame again. Of a frame that
	// is still on its way Firefox remembers the address, not each time.
	for range 10 {
		p.Eval(once+".click()", nil)
		eventually(t, frame+" has loaded", func() bool { return slices.Contains(w.received(), frame) })
		w.forget()
		p.Reload()
		p.WaitFor(once)
		w.receivesOnly(p)
	}
	w.recorded("tiertime", 1)
}

func engineUnmarked(t *testing.T, w *world, p *webdriver.Page) {
	c := w.config("tiertime")
	c.Hold = optgate.HoldKnown
	c.Services = append(c.Services, optgate.Service{
		ID: "meter", Name: "Meter", Category: optgate.Analytics, Provider: "Meter Inc.", Hosts: []string{"meter.localhost"},
		Purpose: optgate.Text{"en": "Counts.", "de": "Zählt.", "ar": "يعد."},
	})
	w.publish(c)
	// The browser keeps the gate for a minute; another address has the new one.
	w.pages.HandleFunc("GET /unmarked", serveHTML(strings.ReplaceAll(`<!doctype html><html lang="en"><head><script src="/s/tiertime/gate.js?held"></script>
		<title>Page</title><link rel=icon href="data:,"></head><body><div id=d></div><script>
		const add = (tag, set) => { const el = document.createElement(tag); set(el); document.body.append(el) };
		add("img", (el) => el.src = "METER/image.gif");
		add("script", (el) => el.setAttribute("src", "METER/script.js"));
		add("iframe", (el) => el.srcdoc = "<img src=METER/srcdoc.gif>");
		add("link", (el) => { el.rel = "stylesheet"; el.href = "METER/style.css" });
		d.innerHTML = "<img src=METER/markup.gif>";
		d.insertAdjacentHTML("beforeend", "<iframe src=METER/frame></iframe>");
		new Image().src = "METER/new.gif";
		document.write("<img src=METER/written.gif>");
		d.style.backgroundImage = "url(METER/background.gif)";
		fetch("METER/fetch", {mode: "no-cors"}).catch(Object);
		navigator.sendBeacon("METER/beacon");
		const empty = document.createElement("iframe");
		document.body.append(empty);
		new empty.contentWindow.Image().src = "METER/realm.gif";
		var done = true;
	</script></body></html>`, "METER", strings.Replace(w.options.ThirdParty, "127.0.0.1", "meter.localhost", 1)+"/meter.example")))
	p.Goto(w.options.SiteOrigin["tiertime"] + "/unmarked")
	p.WaitFor(`window.done && document.querySelector("#og-panel")`)
	w.receivesOnly(p)
	choose(p, "#og-accept")
	for _, path := range []string{"image.gif", "script.js", "srcdoc.gif", "style.css", "markup.gif", "frame", "new.gif", "written.gif", "background.gif", "realm.gif"} {
		eventually(t, path+" has loaded", func() bool { return slices.Contains(w.received(), "meter.example/"+path) })
	}
	// Calls were answered at once, as a blocker does it, and are not made again.
	w.settle(p)
	for _, path := range []string{"fetch", "beacon"} {
		if slices.Contains(w.received(), "meter.example/"+path) {
			t.Errorf("%s was sent, though its caller was told that it cannot be", path)
		}
	}
}

func engineUnsent(t *testing.T, w *world, p *webdriver.Page) {
	w.front.fail(requestsLost)
	choose(p, "#og-reject")
	tried(t, w, 1)
	w.receivesOnly(p)
	w.front.fail(none)
	p.Reload() // the next page view sends it
	record := w.recorded("tiertime", 1)[0]
	checkRecord(t, record, optgate.RejectAll, "banner")
	if id := sentOnce(t, w, 2); id != record.ID {
		t.Errorf("got record %s, want %s", record.ID, id)
	}
	p.WaitFor(`!Object.keys(localStorage).some((key) => key.startsWith("og"))`)
}

func engineAgain(t *testing.T, w *world, p *webdriver.Page) {
	choose(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	c := w.config("tiertime")
	c.Services = append(c.Services, optgate.Service{
		ID: "more-ads", Name: "More adverts", Category: optgate.Marketing, Provider: "More Ads Inc.",
		Purpose: optgate.Text{"en": "Shows more.", "de": "Zeigt mehr.", "ar": "يعرض المزيد."},
	})
	w.publish(c)
	w.forget()
	// The browser keeps the gate for a minute; another address has the new one.
	w.pages.HandleFunc("GET /again", serveHTML(fmt.Sprintf(`<!doctype html><html lang="en"><head><script src="/s/tiertime/gate.js?again"></script>
		<title>Page</title><link rel=icon href="data:,"></head><body>
		<img data-gate="analytics" data-src="%s/stats.example/again.gif" alt="">
		<img data-gate="marketing" data-src="%[1]s/ads.example/again.gif" alt=""></body></html>`, w.options.ThirdParty)))
	p.Goto(w.options.SiteOrigin["tiertime"] + "/again")
	p.WaitFor(`document.querySelector("#og-panel")`)
	w.settle(p)
	yes, no := "stats.example/again.gif", "ads.example/again.gif"
	if got := w.received(); !slices.Contains(got, yes) || slices.Contains(got, no) {
		t.Errorf("third parties got %q, want %s and not %s", got, yes, no)
	}
	choose(p, "#og-accept")
	eventually(t, no+" is allowed", func() bool { return slices.Contains(w.received(), no) })
	// She was asked about one category alone, so this is no answer to all.
	checkRecord(t, w.recorded("tiertime", 2)[1], optgate.Save, "banner", "functional", "analytics", "marketing")
}
