package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/provider/sandbox"
)

// sighting records a fault as a plain client sees it, and what became of the
// money.
type sighting struct {
	seen     func(r reply) bool
	accepted int // transfers in the books afterwards
	credited int
}

func cutOff(r reply) bool { return r.status == 0 && isCut(r.err) }
func timedOut(r reply) bool {
	return r.status == 0 && errors.Is(r.err, context.DeadlineExceeded)
}

func page(status int) func(reply) bool {
	return func(r reply) bool {
		return r.status == status && r.err == nil && strings.HasPrefix(r.text, "<") &&
			r.header.Get("Content-Type") == "text/html" && r.header.Get("Retry-After") == ""
	}
}

func verdict(status int, word string) func(reply) bool {
	return func(r reply) bool { return r.status == status && r.body["status"] == word }
}

func asksForPatience(status int) func(reply) bool {
	return func(r reply) bool {
		after := r.header.Get("Retry-After")
		seconds, err := strconv.Atoi(after)
		if err != nil {
			date, _ := http.ParseTime(after)
			seconds = int(time.Until(date) / time.Second)
		}
		return r.status == status && r.body["code_status"] == float64(status) && seconds >= 0 && seconds <= 3
	}
}

func aboutAnother(r reply) bool {
	data := r.data()
	number, _ := data["number_user"].(string)
	return r.status == http.StatusOK && data["status"] == "SUCCESSFUL" &&
		(data["transaction_id"] != "T1" || data["amount"] != "750" || !strings.HasSuffix(number, "2250777101308"))
}

// inEuros recognises the transfer that was asked for, in another currency.
func inEuros(r reply) bool {
	data := r.data()
	return r.status == http.StatusOK && data["status"] == "SUCCESSFUL" && data["transaction_id"] == "T1" && data["currency"] == "EUR"
}

// pageThatWaits is a proxy's page that says when to come back.
func pageThatWaits(status int) func(reply) bool {
	return func(r reply) bool {
		return r.status == status && strings.HasPrefix(r.text, "<") && r.header.Get("Retry-After") != ""
	}
}

// fromAGateway recognises JSON without anything that the provider's documents have
// in a refusal.
func fromAGateway(r reply) bool {
	message, _ := r.body["message"].(string)
	return r.status >= 400 && message != "" && r.body["code_status"] == nil && r.body["reason"] == nil && r.body["data"] == nil
}

func paidUnder(status int, word string) func(reply) bool {
	return func(r reply) bool {
		return verdict(status, word)(r) && r.data()["transaction_id"] == "T1" && r.data()["status"] == "SUCCESSFUL"
	}
}

func aboutIt(status int, word string) func(reply) bool {
	return func(r reply) bool {
		return r.status == status && r.data()["transaction_id"] == "T1" && r.data()["status"] == word
	}
}

func halfRead(r reply) bool {
	return r.status == http.StatusOK && strings.HasPrefix(r.text, `{"code_status"`) && r.body == nil &&
		(r.err == nil || errors.Is(r.err, io.ErrUnexpectedEOF))
}

var sightings = map[sandbox.Fault]sighting{
	sandbox.ConnectRefused:    {func(r reply) bool { return r.status == 0 && r.err != nil }, 0, 0},
	sandbox.DropBefore:        {cutOff, 0, 0},
	sandbox.DropAfter:         {cutOff, 1, 1},
	sandbox.HangBefore:        {timedOut, 0, 0},
	sandbox.HangAfter:         {timedOut, 1, 1},
	sandbox.Late:              {cutOff, 0, 0},
	sandbox.HTTP500:           {page(500), 0, 0},
	sandbox.HTTP502:           {page(502), 0, 0},
	sandbox.HTTP503:           {page(503), 0, 0},
	sandbox.HTTP502After:      {page(502), 1, 1},
	sandbox.HTTP504After:      {page(504), 1, 1},
	sandbox.Failed504:         {aboutIt(504, "FAILED"), 1, 0},
	sandbox.Throttle:          {asksForPatience(429), 0, 0},
	sandbox.UnavailableRetry:  {asksForPatience(503), 0, 0},
	sandbox.TokenExpired:      {verdict(401, "TOKEN_EXPIRED"), 0, 0},
	sandbox.Garbage:           {page(200), -1, -1},
	sandbox.Truncated:         {halfRead, 1, 1},
	sandbox.Empty:             {func(r reply) bool { return r.status == 200 && r.text == "" && r.err == nil }, 1, 1},
	sandbox.Stranger:          {aboutAnother, 0, 0},
	sandbox.StrangerAfter:     {aboutAnother, 1, 1},
	sandbox.CurrencyAfter:     {inEuros, 1, 1},
	sandbox.Slow:              {timedOut, 1, 1},
	sandbox.HTTP401After:      {page(401), 1, 1},
	sandbox.HTTP403After:      {page(403), 1, 1},
	sandbox.HTTP429After:      {pageThatWaits(429), 1, 1},
	sandbox.HTTP503After:      {pageThatWaits(503), 1, 1},
	sandbox.GatewayBefore:     {fromAGateway, 0, 0},
	sandbox.GatewayAfter:      {fromAGateway, 1, 1},
	sandbox.Login302:          {page(302), 0, 0},
	sandbox.Switching:         {func(r reply) bool { return r.status == 101 }, -1, -1},
	sandbox.ExpiredButPaid:    {paidUnder(401, "TOKEN_EXPIRED"), 1, 1},
	sandbox.ThrottleAfter:     {asksForPatience(429), 1, 1},
	sandbox.UnavailableAfter:  {asksForPatience(503), 1, 1},
	sandbox.ExpiredAfter:      {verdict(401, "TOKEN_EXPIRED"), 1, 1},
	sandbox.NoBalanceAfter:    {verdict(412, "AMOUNT_INSUFFISANT"), 1, 1},
	sandbox.ForbiddenAfter:    {verdict(403, "FORBIDDEN"), 1, 1},
	sandbox.RowForbidden:      {verdict(403, "FORBIDDEN"), 0, 0},
	sandbox.RowNotFound:       {verdict(404, "NOT_FOUND"), 0, 0},
	sandbox.RowRefused:        {verdict(400, "BAD_REQUEST"), 0, 0},
	sandbox.Pending:           {aboutIt(202, "PENDING"), 1, 0},
	sandbox.PendingThenFailed: {aboutIt(202, "PENDING"), 1, 0},
	sandbox.PendingForever:    {aboutIt(202, "PENDING"), 1, 0},
	sandbox.UnknownStatus:     {aboutIt(202, "PROCESSING"), 1, 0},
	sandbox.Reversed:          {aboutIt(200, "SUCCESSFUL"), 1, 1},
	sandbox.Revived:           {aboutIt(202, "FAILED"), 1, 0},
	sandbox.LookupLag:         {aboutIt(200, "SUCCESSFUL"), 1, 1},
}

func lookupSightings() map[sandbox.Fault]func(reply) bool {
	return map[sandbox.Fault]func(reply) bool{
		sandbox.LookupLag:      func(r reply) bool { return r.status == 404 && r.body["message"] == "NotFoundError" },
		sandbox.Lookup500:      func(r reply) bool { return r.status == 500 && r.body["message"] == "InternalServerError" },
		sandbox.LookupGarbage:  page(200),
		sandbox.LookupStranger: aboutAnother,
		sandbox.LookupHang:     timedOut,
		sandbox.LookupGateway:  fromAGateway,
		sandbox.LookupBlind:    func(r reply) bool { return r.status == 404 && r.body["message"] == "NotFoundError" },
	}
}

// patienceFor is how long the client waits, and how many seeds it tries: long
// for what answers, once for what does not.
func patienceFor(fault sandbox.Fault) (patience time.Duration, seeds uint64) {
	switch fault {
	case sandbox.HangBefore, sandbox.HangAfter, sandbox.Slow, sandbox.LookupHang, sandbox.Switching:
		return 150 * time.Millisecond, 1
	default:
		return 10 * time.Second, 4
	}
}

// Every fault of the catalogue, over a real socket and in process, as a client
// that knows nothing of the sandbox sees it. Each is tried with several seeds,
// because some come in more than one form.
func TestEachFaultLooksAsDescribed(t *testing.T) {
	for _, entry := range sandbox.Catalogue() {
		if entry.Group == sandbox.OnLookup {
			continue
		}
		want, known := sightings[entry.Fault]
		if !known {
			t.Errorf("%s is in the catalogue and has no sighting here", entry.Fault)
		}
		for _, reach := range []struct {
			name string
			open func(*testing.T, sandbox.Options) *client
		}{{"socket", overHTTP}, {"process", inProcess}} {
			t.Run(string(entry.Fault)+"/"+reach.name, func(t *testing.T) {
				patience, seeds := patienceFor(entry.Fault)
				for seed := range seeds {
					scenario := day(entry.Fault)
					scenario.Seed = seed
					c := reach.open(t, with(scenario))
					r := c.within(patience, v2Path, v2Body("T1"))
					if !want.seen(r) {
						t.Errorf("seed %d: client saw %d %q, %v", seed, r.status, r.text, r.err)
					}
					books := c.box.Books()
					if want.accepted >= 0 && (books.Accepted.Count != want.accepted || books.Credited.Count != want.credited) {
						t.Errorf("seed %d: %d accepted, %d credited, want %d and %d", seed,
							books.Accepted.Count, books.Credited.Count, want.accepted, want.credited)
					}
					if diff := cmp.Diff(map[string]int{string(entry.Fault): 1}, c.box.Fired()); diff != "" {
						t.Errorf("seed %d: fired (-want +got):\n%s", seed, diff)
					}
				}
			})
		}
	}
}

func TestEachLookUpFaultLooksAsDescribed(t *testing.T) {
	for fault, seen := range lookupSightings() {
		for _, reach := range []func(*testing.T, sandbox.Options) *client{overHTTP, inProcess} {
			c := reach(t, with(day(fault)))
			c.post(v2Path, v2Body("T1"))
			patience, _ := patienceFor(fault)
			ctx, cancel := deadline(t, patience)
			r := c.do(c.request(http.MethodGet, "/v1/get-status-payment/T1", "", "Bearer "+c.token).WithContext(ctx))
			cancel()
			if !seen(r) {
				t.Errorf("%s: client saw %d %q, %v", fault, r.status, r.text, r.err)
			}
			if c.box.Fired()[string(fault)] != 1 {
				t.Errorf("%s: fired %v", fault, c.box.Fired())
			}
		}
	}
	for _, entry := range sandbox.Catalogue() {
		if _, known := lookupSightings()[entry.Fault]; entry.Group == sandbox.OnLookup && !known {
			t.Errorf("%s is in the catalogue and has no sighting here", entry.Fault)
		}
	}
}

// Some faults have two forms; over many transfers both occur.
func TestFaultsWithTwoFormsShowBoth(t *testing.T) {
	forms := map[string]int{}
	for fault, form := range map[sandbox.Fault]func(c *client, r reply) string{
		sandbox.Throttle: func(_ *client, r reply) string {
			if strings.HasSuffix(r.header.Get("Retry-After"), "GMT") {
				return "a date"
			}
			return "seconds"
		},
		sandbox.Truncated: func(_ *client, r reply) string { return fmt.Sprint("error ", r.err) },
		sandbox.Garbage:   func(c *client, _ reply) string { return strconv.Itoa(c.box.Books().Accepted.Count) },
	} {
		for seed := range uint64(16) {
			scenario := day(fault)
			scenario.Seed = seed
			c := inProcess(t, with(scenario))
			forms[string(fault)+": "+form(c, c.post(v2Path, v2Body("T1")))]++
		}
	}
	if len(forms) != 6 {
		t.Errorf("forms seen: %v, want two of each", forms)
	}
}

func TestATransferCanArriveAfterItsConnectionBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day(sandbox.Late)
		c := inProcess(t, with(scenario))
		if r := c.post(v2Path, v2Body("T1")); !isCut(r.err) {
			t.Fatalf("answered %d, %v, want the connection cut", r.status, r.err)
		}
		pass(scenario.Late.Min - 1)
		if r := c.get("/v1/transaction/T1"); r.status != 404 {
			t.Errorf("before it arrives: %d %s", r.status, r.text)
		}
		if books := c.box.Books(); books.Accepted.Count != 0 || books.InTheAir != 1 {
			t.Errorf("before it arrives the books have %d and %d in the air", books.Accepted.Count, books.InTheAir)
		}
		pass(scenario.Late.Max - scenario.Late.Min + 1)
		if r := c.get("/v1/transaction/T1"); r.data()["status"] != "SUCCESSFUL" {
			t.Errorf("after it arrived: %d %s", r.status, r.text)
		}
		if books := c.box.Books(); books.Credited.Count != 1 || books.InTheAir != 0 {
			t.Errorf("after it arrived the books have %d and %d in the air", books.Credited.Count, books.InTheAir)
		}
	})
}

func TestLookUpsCanLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day(sandbox.LookupLag)
		c := inProcess(t, with(scenario))
		c.post(v2Path, v2Body("T1"))
		if credited := c.box.Books().Credited.Count; credited != 1 {
			t.Errorf("credited %d times, want once", credited)
		}
		pass(scenario.LookupLag.Max)
		if r := c.get("/v1/transaction/T1"); r.status != 200 {
			t.Errorf("after the lag: %d %s", r.status, r.text)
		}
	})
}

func TestASlowAnswerIsRightInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day(sandbox.Slow)
		c := inProcess(t, with(scenario))
		start := time.Now()
		if r := c.post(v2Path, v2Body("T1")); !aboutIt(200, "SUCCESSFUL")(r) {
			t.Errorf("answered %d %s, %v", r.status, r.text, r.err)
		}
		if took := time.Since(start); took < scenario.Slow.Min || took > scenario.Slow.Max {
			t.Errorf("took %s, want between %s and %s", took, scenario.Slow.Min, scenario.Slow.Max)
		}
	})
}

func TestAnExpiredTokenStrikesOnce(t *testing.T) {
	c := inProcess(t, with(day(sandbox.TokenExpired)))
	first, second := c.post(v2Path, v2Body("T1")), c.post(v2Path, v2Body("T1"))
	if first.status != 401 || second.status != 200 {
		t.Errorf("answered %d, then %d, want 401 and 200", first.status, second.status)
	}
}

func TestARefusedConnectionIsSeenAsNeverHad(t *testing.T) {
	c := inProcess(t, with(day(sandbox.ConnectRefused)))
	if r := c.post(v2Path, v2Body("T1")); !errors.Is(r.err, syscall.ECONNREFUSED) {
		t.Errorf("client saw %d, %v, want ECONNREFUSED", r.status, r.err)
	}
	if got := c.box.Requests().ByEndpoint["POST "+v2Path]; got != 0 {
		t.Errorf("%d requests came in through a refused connection", got)
	}
}

// A latency longer than the client's patience must not lose the transfer.
func TestATransferIsAcceptedBeforeItsLatencyPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day("")
		scenario.Latency = sandbox.Range{Min: time.Second, Max: 2 * time.Second}
		c := inProcess(t, with(scenario))
		start := time.Now()
		if r := c.within(time.Second-1, v2Path, v2Body("T1")); !timedOut(r) {
			t.Errorf("client saw %d, %v", r.status, r.err)
		}
		if took := time.Since(start); took != time.Second-1 {
			t.Errorf("the client waited %s", took)
		}
		if credited := c.box.Books().Credited.Count; credited != 1 {
			t.Errorf("credited %d times, want once", credited)
		}
	})
}

// One history is replayed in another order; every transfer meets its own fate
// again, and another seed is another day.
func TestTheSameHistoryMeetsTheSameFaults(t *testing.T) {
	scenario := day("")
	for _, fault := range []sandbox.Fault{
		sandbox.DropBefore, sandbox.DropAfter, sandbox.HTTP502, sandbox.HTTP502After, sandbox.Stranger, sandbox.Late,
	} {
		scenario.Faults[fault] = 12
	}
	scenario.Faults[sandbox.Pending] = 50
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = fmt.Sprint("T", i)
	}
	run := func(seed uint64, ids []string) map[string]string {
		fates := map[string]string{}
		synctest.Test(t, func(t *testing.T) {
			scenario.Seed = seed
			c := inProcess(t, with(scenario))
			for _, id := range slices.Concat(ids, ids) { // each twice
				r := c.post(v2Path, v2Body(id))
				fates[id] += fmt.Sprintln(r.status, r.text, r.err)
			}
		})
		return fates
	}
	first := run(7, ids)
	slices.Reverse(ids)
	if diff := cmp.Diff(first, run(7, ids)); diff != "" {
		t.Errorf("the same seed in another order (-first +second):\n%s", diff)
	}
	if cmp.Equal(first, run(8, ids)) {
		t.Error("another seed gave the same day")
	}
}

func TestWeightsArePercent(t *testing.T) {
	scenario := day("")
	scenario.Faults = map[sandbox.Fault]float64{sandbox.DropAfter: 5, sandbox.HTTP500: 20, sandbox.Pending: 50}
	c := inProcess(t, with(scenario))
	const transfers = 2000
	for i := range transfers {
		c.post(v2Path, v2Body(fmt.Sprint("T", i)))
	}
	for fault, want := range map[sandbox.Fault]int{
		sandbox.DropAfter: transfers * 5 / 100,
		sandbox.HTTP500:   transfers * 20 / 100,
		sandbox.Pending:   transfers * 80 / 100 * 50 / 100, // of the accepted
	} {
		if got := c.box.Fired()[string(fault)]; got < want*8/10 || got > want*12/10 {
			t.Errorf("%s struck %d times in %d, want about %d", fault, got, transfers, want)
		}
	}
}
