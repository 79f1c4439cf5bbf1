package httpapi_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/access"
	"payrun/batch/engine"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// hooked is an office whose provider takes every payout at first, and whose look-ups are an hour
// apart unless the provider calls. It logs into a buffer.
func hooked(t *testing.T) (o *office, path string, log *bytes.Buffer) {
	t.Helper()
	scenario, err := sandbox.ParseScenario([]byte("faults: {pending: 100}\nsettle: {min: 1ms, max: 2ms}\n"))
	if err != nil {
		t.Fatal(err)
	}
	hints, log := engine.NewHints(), new(bytes.Buffer)
	o = openAt(t, true, sandbox.Options{Scenario: &scenario}, time.Hour, hints, func(c *httpapi.Config) {
		c.Called = func(body []byte) { hints.Add(digitalpaye.Driver().Named(body)...) }
		c.Log = zerolog.New(zerolog.SyncWriter(log))
	})
	var made httpapi.Hook
	o.wants("make", o.call(http.MethodPost, "/v1/hook", ""), http.StatusCreated, "").into(t, &made)
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`), http.StatusOK, "")
	o.moved("pending", 3)
	return o, made.Path, log
}

// moved waits until so many payouts came to a state.
func (o *office) moved(to string, count int) {
	o.t.Helper()
	for last := "0"; count > 0; {
		events := o.until(last, "payout.moved")
		e := events[len(events)-1]
		if last = strconv.FormatUint(e.Sequence, 10); e.To == to {
			count--
		}
	}
}

// inState counts the payouts of november in a state.
func (o *office) inState(state string) int {
	o.t.Helper()
	var found httpapi.Payouts
	o.call(http.MethodGet, "/v1/batches/november/payouts?state="+state, "").into(o.t, &found)
	return len(found.Payouts)
}

// silent fails the test unless a call was answered as all are.
func (o *office) silent(what string, got answer) {
	o.t.Helper()
	if got.status != http.StatusOK || len(got.body) != 0 {
		o.t.Errorf("%s: %d %q, want 200 and nothing", what, got.status, got.body)
	}
}

// TestTheProvidersCallsOnlyBringLookUpsForward: flooded, repeated, forged, in any order and to any
// address, they change no state. What the provider says when it is asked does.
func TestTheProvidersCallsOnlyBringLookUpsForward(t *testing.T) {
	o, path, log := hooked(t)
	before, _, err := o.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const says = `{"ref":"DP-1","transactionId":"NOV-00%d","status":"FAILED","amount":"1"}`
	forged := []string{
		`{"transactionId":"XYZ","status":"SUCCESSFUL"}`, `{"ref":"XYZ"}`, `{`, ``, `null`, strings.Repeat("[", 1000),
		`{"transactionId":"NOV-001","pad":"` + strings.Repeat("x", 16<<10) + `"}`,
	}
	var flood sync.WaitGroup
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		body := forged[random.IntN(len(forged))]
		flood.Go(func() {
			o.silent("to the address", o.as("", http.MethodPost, path, body))
			o.silent("to another", o.as("", http.MethodPost, path+"A", fmt.Sprintf(says, 1)))
			o.silent("to none", o.as("", http.MethodPost, "/hooks/x", fmt.Sprintf(says, 2)))
		})
	}
	flood.Wait()
	if after, _, err := o.store.Head(t.Context()); err != nil || after != before || o.inState("pending") != 3 {
		t.Errorf("%d events, %v, and %d payouts are pending: want the %d of before and 3", after, err, o.inState("pending"), before)
	}
	for range 3 {
		o.silent("a lie", o.as("", http.MethodPost, path, fmt.Sprintf(says, 3)))
	}
	o.moved("successful", 1)
	if paid, pending := o.inState("successful"), o.inState("pending"); paid != 1 || pending != 2 {
		t.Errorf("%d are paid and %d pending, want the one that was named", paid, pending)
	}
	for _, row := range []int{2, 1, 3, 3, 1} {
		o.silent("in another order", o.as("", http.MethodPost, path, fmt.Sprintf(says, row)))
	}
	events := o.until("0", "batch.closed")
	if paid := o.inState("successful"); paid != 3 {
		t.Errorf("%d are paid, want 3 as the provider says", paid)
	}
	moves := 0
	for _, e := range events {
		if e.To == "successful" {
			moves++
		}
	}
	if moves != 3 {
		t.Errorf("%d payouts settled, want each once", moves)
	}
	o.silent("once all is over", o.as("", http.MethodPost, path, fmt.Sprintf(says, 1)))
	if secret := strings.TrimPrefix(path, "/hooks/"); strings.Contains(log.String(), secret) {
		t.Error("the log has the address")
	}
}

// TestAnotherAddressEndsTheOneBefore, here and wherever the ledger is read; the ledger has no
// secret.
func TestAnotherAddressEndsTheOneBefore(t *testing.T) {
	called := 0
	o := open(t, false, func(c *httpapi.Config) { c.Called = func([]byte) { called++ } })
	var first, second httpapi.Hook
	create := func(into *httpapi.Hook) {
		o.wants("make", o.as(o.tokens[access.Tokens], http.MethodPost, "/v1/hook", ""), http.StatusCreated, "").into(t, into)
	}
	call := func(what string, path string, want int) {
		called = 0
		o.silent(what, o.as("", http.MethodPost, path, "{}"))
		if called != want {
			t.Errorf("%s: %d calls came through, want %d", what, called, want)
		}
	}
	call("before there is one", "/hooks/x", 0)
	create(&first)
	call("the first", first.Path, 1)
	create(&second)
	call("the one before", first.Path, 0)
	call("the second", second.Path, 1)
	o.wants("end", o.call(http.MethodDelete, "/v1/hook", ""), http.StatusNoContent, "")
	call("once it is ended", second.Path, 0)
	for event, err := range o.store.Acts(t.Context(), "") {
		if err != nil || event.Act == ledger.ActHookSet && (event.Digest != "" && len(event.Digest) != 64 || event.Text != "") {
			t.Errorf("%+v, %v", event, err)
		}
	}
	if got := o.as("", http.MethodGet, second.Path, ""); got.status == http.StatusOK {
		t.Error("a page can be read there")
	}
}

// TestTheProvidersCallsAreCounted: more than a rate of them do nothing.
func TestTheProvidersCallsAreCounted(t *testing.T) {
	called, now := 0, time.Now()
	o := open(t, false, func(c *httpapi.Config) {
		c.Called, c.Clock = func([]byte) { called++ }, func() time.Time { return now }
	})
	var made httpapi.Hook
	o.wants("make", o.call(http.MethodPost, "/v1/hook", ""), http.StatusCreated, "").into(t, &made)
	for range 150 {
		o.silent("a call", o.as("", http.MethodPost, made.Path, "{}"))
	}
	if called != 100 {
		t.Errorf("%d calls came through, want 100", called)
	}
}
