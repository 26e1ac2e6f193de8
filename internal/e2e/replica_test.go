package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// gateOf returns the gate that a replica serves.
func gateOf(t *testing.T, w *world) string {
	t.Helper()
	r, err := http.Get(w.options.SiteOrigin["tiertime"] + "/s/tiertime/gate.js")
	must(t, "get the gate", err)
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	must(t, "read the gate", err)
	return string(body)
}

// A visitor's cookies are for the host, whatever the port, so the two replicas
// are to her as two servers behind one name.
func TestTwoReplicasOnOneRedis(t *testing.T) {
	redis := redistest.Start(t, "--appendonly", "yes")
	a := newReplica(t, redis.URL(), nil)
	b := newReplica(t, redis.URL(), a)
	p := visit(t, a)
	decide(p, "#og-reject")
	record := a.recorded("tiertime", 1)[0]

	p.Goto(b.at("tiertime", ""))
	p.WaitFor(bannerGone)
	b.receivesOnly(p)
	var own struct {
		Records []struct{ ID, Action, Receipt string }
	}
	p.Eval(`fetch("/s/tiertime/choices").then((r) => r.json())`, &own)
	if len(own.Records) != 1 || own.Records[0].ID != record.ID || own.Records[0].Action != "reject_all" || own.Records[0].Receipt == "" {
		t.Errorf("the other replica answers %+v, want the record %s with a receipt", own.Records, record.ID)
	}
	// The same two cookies prove the visitor to B when she changes her mind there.
	p.Click("#og-open")
	p.Click("#og-preferences [data-og-accept]")
	b.receivesOnly(p, everythingOnce...)
	if both := a.recorded("tiertime", 2); both[1].Visitor != record.Visitor {
		t.Error("the second record is of another visitor")
	}
}

func TestAToggleIsLiveOnTheOtherReplica(t *testing.T) {
	redis := redistest.Start(t)
	a := newReplica(t, redis.URL(), nil)
	b := newReplica(t, redis.URL(), a)
	a.addUser()
	admin := browser.New(t, browser.Options{})
	signIn(admin, a, "sites/tiertime")
	asked := `"c":["functional","analytics","marketing"]`
	if gate := gateOf(t, b); !strings.Contains(gate, asked) {
		t.Fatalf("the gate does not ask about %s", asked)
	}
	var worst time.Duration
	for i := range 6 {
		want := asked
		if i%2 == 0 {
			want = `"c":["functional","analytics"]`
		}
		// The clock starts at the click, so the way to A and its own work count.
		begin := time.Now()
		admin.Eval(`document.querySelector("#switch-marketing").click()`, nil)
		eventually(t, "the other replica serves "+want, func() bool { return strings.Contains(gateOf(t, b), want) })
		worst = max(worst, time.Since(begin))
		admin.WaitFor(fmt.Sprintf(`document.querySelector("#switch-marketing").getAttribute("aria-checked") === "%t"`, i%2 == 1))
	}
	t.Logf("from the click in one replica's admin to the other's gate.js: at most %v of 6", worst.Round(time.Millisecond))
	if worst > time.Second {
		t.Errorf("got %v from the click to the other replica's gate, want at most 1s", worst)
	}
	visitor := visit(t, b)
	decide(visitor, "#og-accept")
	b.receivesOnly(visitor, everythingOnce...)
}
