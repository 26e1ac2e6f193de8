package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// decideOn records a decision of a new visitor some days ago.
func (w *world) decideOn(daysAgo int, action optgate.Action, yes ...optgate.CategoryID) {
	w.t.Helper()
	r := optgate.Record{
		ID: ulid.Make().String(), Visitor: ulid.Make().String(), Site: "shop", Revision: 1, Language: "de", Action: action, Source: "banner",
		Choices: optgate.Choices{"functional": false, "analytics": false, "marketing": false}, At: w.clock().AddDate(0, 0, -daysAgo),
	}
	for _, id := range yes {
		r.Choices[id] = true
	}
	if _, _, err := w.store.Append(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
}

func TestOverview(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	all := []optgate.CategoryID{"functional", "analytics", "marketing"}
	w.decideOn(0, optgate.AcceptAll, all...)
	w.decideOn(1, optgate.RejectAll)
	w.decideOn(1, optgate.Save, "analytics")
	w.decideOn(7, optgate.RejectAll)
	w.decideOn(8, optgate.RejectAll)
	w.decideOn(40, optgate.AcceptAll, all...)
	b := w.signedIn()
	for _, c := range []struct {
		name, period string
		want         []string
	}{
		{"unless it is said", "", []string{`aria-current="page">30 days</a>`, "5 decisions: 20 % accepted all, 20 % chose one by one, 60 % rejected all, 0 % withdrew.", "27 % over all."}},
		{"a week", "7d", []string{`aria-current="page">7 days</a>`, "3 decisions: 33 % accepted all", "5 days without answers left out: a gap in the line."}},
		{"ninety days", "90d", []string{"6 decisions: 33 % accepted all", "39 % over all."}},
		{"two years", "2y", []string{"6 decisions", "Decisions per week", "101 weeks without answers"}},
		{"a period that is none", "1e9", []string{`aria-current="page">30 days</a>`}},
		{"compared", "", []string{
			`Decisions today, so far</dt><dd class="tile-number">1</dd><dd class="soft small">Last Monday, the whole day: 1</dd>`,
			`Opt-in today, so far</dt><dd class="tile-number">100 %</dd><dd class="soft small">Last Monday, the whole day: 0 % (100 points more)</dd>`,
			`Decisions, last 7 whole days</dt><dd class="tile-number">3</dd><dd class="soft small">The 7 before: 1 (200 % more)</dd>`,
			`Opt-in, last 7 whole days</dt><dd class="tile-number">11 %</dd><dd class="soft small">The 7 before: 0 % (11 points more)</dd>`,
		}},
		{"split", "90d", []string{"Most often: Banner, 100 %.", "Most often: German, 100 %.", `<th scope="row">German</th>`, `<td>6</td><td>100 %</td><td>39 %</td>`, `<th scope="row">Analytics</th>`, `<td>3</td><td>6</td><td>50 %</td>`}},
		{"by revision", "7d", []string{`<a href="/admin/sites/shop/history/1">1</a>`, `<td>6</td><td>3</td>`}},
		{"what it means", "", []string{"A visitor who decides twice counts twice", "The device is not recorded"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := b.get("/admin/sites/shop/overview?period=" + c.period)
			wantStatus(t, "the overview", p, http.StatusOK)
			wantOwnScriptsOnly(t, p)
			flat := p
			flat.body = regexp.MustCompile(`\s+`).ReplaceAllString(p.body, " ")
			flat.body = strings.ReplaceAll(flat.body, "> <", "><")
			for _, want := range c.want {
				wantText(t, flat, want)
			}
		})
	}
	wantText(t, b.get("/admin/sites/shop"), `href="/admin/sites/shop/overview"`)
	wantText(t, b.get("/admin/"), `href="/admin/sites/shop/overview"`)
}

// A day without answers is no zero: nothing is drawn through it.
func TestOverviewDrawsGaps(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	for _, day := range []int{0, 1, 3, 5, 6} {
		w.decideOn(day, optgate.RejectAll)
	}
	p := w.signedIn().get("/admin/sites/shop/overview?period=7d")
	if got, want := strings.Count(p.body, `class="rate-line"`), 2; got != want {
		t.Errorf("got %d pieces of line, want %d: between today and yesterday, and between 5 and 6 days ago", got, want)
	}
	if got, want := strings.Count(p.body, `class="rate-dot"`), 5; got != want {
		t.Errorf("got %d dots, want %d", got, want)
	}
}

func TestOverviewBeforeTheFirstAnswer(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	p := w.signedIn().get("/admin/sites/shop/overview")
	wantText(t, p, "No decisions in the last 30 days")
	wantText(t, p, `href="/admin/sites/shop#h-embed"`)
	if strings.Contains(p.body, "<rect") {
		t.Error("there is a chart of nothing")
	}
}

func TestOverviewCSV(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.decideOn(0, optgate.AcceptAll, "functional", "analytics", "marketing")
	w.decideOn(2, optgate.Save, "analytics")
	p := w.signedIn().get("/admin/sites/shop/overview.csv?period=7d")
	wantStatus(t, "the download", p, http.StatusOK)
	if got, want := p.header.Get("Content-Disposition"), `attachment; filename="shop-7d.csv"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	lines, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines {
		got = append(got, strings.Join(line, ","))
	}
	want := []string{
		"day,accept_all,reject_all,save,withdraw,yes analytics,no analytics,yes functional,no functional,yes marketing,no marketing,source banner,yes by source banner,no by source banner,language de,yes in language de,no in language de,revision 1",
		"2026-11-17,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", "2026-11-18,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", "2026-11-19,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
		"2026-11-20,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", "2026-11-21,0,0,1,0,1,0,0,1,0,1,1,1,2,1,1,2,1", "2026-11-22,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
		"2026-11-23,1,0,0,0,1,0,1,0,1,0,1,3,0,1,3,0,1",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOverviewWithoutTheStore(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.admin.Ledger = broken{w.store}
	p := w.signedIn().get("/admin/sites/shop/overview")
	wantStatus(t, "the overview", p, http.StatusOK)
	wantText(t, p, "The numbers cannot be read right now")
}
