package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/provider/sandbox"
)

func TestATransferIsPaidInEitherDialect(t *testing.T) {
	for _, test := range []struct {
		name, path, body string
		status           int
		id               string // its key in the data
		fees             sandbox.Centimes
	}{
		{"v2", v2Path, v2Body("T1"), http.StatusOK, "transaction_id", 7_50},
		{"v2 body at the v1 address", v1Path, v2Body("T1"), http.StatusOK, "transaction_id", 7_50},
		{"v1, to Wave", v1Path, v1Body("T1"), http.StatusAccepted, "transactionId", 11_25},
		{"v1 singular, to Wave", "/v1/transfer/mobile-money", v1Body("T1"), http.StatusAccepted, "transactionId", 11_25},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := overHTTP(t, with(day("")))
			r := c.post(test.path, test.body)
			if r.status != test.status || r.data()["status"] != "SUCCESSFUL" || r.data()[test.id] != "T1" ||
				r.data()["amount"] != "750" || r.data()["fees"] != test.fees.String() {
				t.Fatalf("answered %d %s", r.status, r.text)
			}
			books := c.box.Books()
			if books.Credited != (sandbox.Total{Count: 1, Amount: 750}) || books.Fees != test.fees {
				t.Errorf("books say %+v credited, fees %s", books.Credited, books.Fees)
			}
		})
	}
}

// The two data objects, key by key, as the provider's pages show them.
func TestAnswersHaveTheDocumentedFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, with(day(sandbox.Pending)))
		old, recent := c.post(v2Path, v2Body("T1")), c.post(v1Path, v1Body("T2"))
		if old.status != http.StatusAccepted || recent.status != http.StatusAccepted {
			t.Fatalf("pending transfers answered %d and %d, want 202", old.status, recent.status)
		}
		for _, r := range []reply{old, recent} {
			ref, _ := r.data()["ref"].(string)
			if !strings.HasPrefix(ref, "DP") {
				t.Errorf("ref is %q", ref)
			}
			delete(r.data(), "ref")
			for _, key := range []string{"number_user", "phone"} {
				if number, ok := r.data()[key].(string); ok { // the plus is sometimes left out
					r.data()[key] = strings.TrimPrefix(number, "+")
				}
			}
		}
		customer, _ := recent.data()["customer"].(map[string]any)
		delete(customer, "phone")
		now := time.Now().UTC()
		want := map[string]any{
			"code_status": 202.0, "status": "PENDING", "message": "PAYMENT_IS_PENDING",
			"data": map[string]any{
				"transaction_id": "T1", "number_user": "2250777101308", "name_user": "Awa Koné", "currency": "XOF",
				"amount": "750", "fees": "7.5", "amount_receive": "750", "amount_total": "757.5", "status": "PENDING",
				"type_transaction": "transfert", "type_payment": "ORANGE_MONEY_CI",
				"date": now.Format(time.DateTime), "date_update": nil,
			},
		}
		if diff := cmp.Diff(want, old.body); diff != "" {
			t.Errorf("v2 (-want +got):\n%s", diff)
		}
		want = map[string]any{
			"statusCode": 202.0, "message": "Accepted",
			"data": map[string]any{
				"transactionId": "T2", "currency": "XOF", "amount": "750", "fees": "11.25", "amountReceive": "750",
				"amountTotal": "761.25", "phone": "2250777101308", "status": "PENDING", "typeTransaction": "transfer",
				"operator": "WAVE_MONEY_CI", "createdAt": now.Format(time.RFC3339),
				"customer": map[string]any{"lastName": "Koné", "firstName": "Awa", "email": nil},
			},
		}
		if diff := cmp.Diff(want, recent.body); diff != "" {
			t.Errorf("v1 (-want +got):\n%s", diff)
		}
	})
}

func TestAnswersAreAsOddAsTheDocuments(t *testing.T) {
	c := inProcess(t, with(day("")))
	numbers, operators := map[any]int{}, map[any]int{}
	for i := range 100 {
		data := c.post(v2Path, v2Body(fmt.Sprint("T", i))).data()
		numbers[data["number_user"]]++
		operators[data["type_payment"]]++
	}
	if numbers["2250777101308"] == 0 || numbers["+2250777101308"] <= numbers["2250777101308"] {
		t.Errorf("numbers %v, want the plus left out sometimes", numbers)
	}
	if operators["MTN_MONEY_CI"] == 0 || operators["ORANGE_MONEY_CI"] <= operators["MTN_MONEY_CI"] {
		t.Errorf("type_payment %v, want another operator named sometimes", operators)
	}
}

// Each row changes one thing in a good request.
func TestABadTransferIsRefusedAndNotBooked(t *testing.T) {
	c := inProcess(t, with(day("")))
	for _, test := range []struct{ name, path, from, to string }{
		{"v2 amount as text", v2Path, `750`, `"750"`},
		{"v2 fraction", v2Path, `750`, `750.5`},
		{"v2 exponent", v2Path, `750`, `75e1`},
		{"v2 below the minimum", v2Path, `750`, `99`},
		{"v2 above the maximum", v2Path, `750`, `1000001`},
		{"v2 beyond any integer", v2Path, `750`, `99999999999999999999`},
		{"v1 amount as a number", v1Path, `"750"`, `750`},
		{"v1 fraction", v1Path, `"750"`, `"750.0"`},
		{"v1 empty amount", v1Path, `"750"`, `""`},
		{"v2 nine digits", v2Path, `0777101308`, `777101308`},
		{"v2 international number", v2Path, `0777101308`, `+2250777101308`},
		{"v2 another network's prefix", v2Path, `0777101308`, `0577101308`},
		{"v1 landline", v1Path, `"recipient":"0777101308"`, `"recipient":"2777101308"`},
		{"v2 unknown operator", v2Path, `ORANGE_MONEY_CI`, `ORANGE`},
		{"v2 no id", v2Path, `"T1"`, `""`},
		{"v2 id of 21 characters", v2Path, `"T1"`, `"` + strings.Repeat("é", 21) + `"`},
		{"v2 other currency", v2Path, `XOF`, `EUR`},
		{"v2 other country", v2Path, `"CI"`, `"SN"`},
		{"v2 no name", v2Path, `Awa Koné`, ` `},
		{"v2 not JSON", v2Path, `{`, `[`},
		{"v1 not JSON", v1Path, `{`, `[`},
	} {
		body := v2Body("T1")
		if test.path == v1Path {
			body = v1Body("T1")
		}
		r := c.post(test.path, strings.Replace(body, test.from, test.to, 1))
		verdict, reason := r.body["code_status"], r.body["message"]
		if test.path == v1Path {
			verdict, reason = r.body["statusCode"], r.body["reason"]
		}
		if (r.status != 400 && r.status != 422) || verdict != float64(r.status) || reason == "" || reason == nil {
			t.Errorf("%s: answered %d %s", test.name, r.status, r.text)
		}
	}
	if accepted := c.box.Books().Accepted; accepted.Count != 0 {
		t.Errorf("%d refused transfers are in the books", accepted.Count)
	}
}

func TestEveryOperatorNameTakesItsOwnPrefixes(t *testing.T) {
	c := inProcess(t, with(day("")))
	for operator, prefixes := range map[string]string{
		"ORANGE_MONEY": "07", "ORANGE_MONEY_CI": "07", "MTN_MONEY_CI": "05", "MOOV_MONEY_CI": "01",
		"WAVE_MONEY_CI": "01 05 07", "WAVE_CI": "01 05 07",
	} {
		for _, prefix := range []string{"01", "05", "07"} {
			body := strings.Replace(v2Body("T1"), "ORANGE_MONEY_CI", operator, 1)
			r := c.post(v2Path, strings.Replace(body, "0777101308", prefix+"77101308", 1))
			if got, want := r.status == http.StatusOK, strings.Contains(prefixes, prefix); got != want {
				t.Errorf("%s with %s: answered %d", operator, prefix, r.status)
			}
		}
	}
}

func TestCredentialsAndHeadersAreChecked(t *testing.T) {
	c := inProcess(t, with(day("")))
	request := func(method, path, authorization string) *http.Request {
		return c.request(method, path, "", authorization)
	}
	bare := request(http.MethodGet, "/v1/balance", "Bearer "+c.token)
	bare.Header.Del("X-Environment")
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		message string
	}{
		{"no credentials", request(http.MethodPost, "/v1/auth", ""), 400, "BadRequestError"},
		{"wrong credentials", request(http.MethodPost, "/v1/auth", "Basic YTpi"), 401, "UnauthorizedError"},
		{"no v2 token page", request(http.MethodPost, "/v2/auth", ""), 404, "NotFoundError"},
		{"no token", request(http.MethodGet, "/v1/balance", ""), 401, "UnauthorizedError"},
		{"made-up token", request(http.MethodGet, "/v1/balance", "Bearer a.b.c"), 401, "UnauthorizedError"},
		{"no environment", bare, 400, "BadRequestError"},
	} {
		r := c.do(test.request)
		if r.status != test.status || r.body["message"] != test.message || r.body["reason"] == nil {
			t.Errorf("%s: answered %d %s", test.name, r.status, r.text)
		}
	}
}

func TestATokenIsGoodUntilItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, with(day("")))
		pass(599 * time.Second)
		if r := c.get("/v1/balance"); r.status != http.StatusOK {
			t.Fatalf("after 599 s: %d %s", r.status, r.text)
		}
		pass(time.Second)
		old, recent, page := c.post(v2Path, v2Body("T1")), c.post(v1Path, v1Body("T1")), c.get("/v1/balance")
		if old.status != 401 || old.body["status"] != "TOKEN_EXPIRED" {
			t.Errorf("v2 after 600 s: %d %s", old.status, old.text)
		}
		for _, r := range []reply{recent, page} {
			if r.status != 401 || r.body["message"] != "TOKEN_EXPIRED" {
				t.Errorf("v1 after 600 s: %d %s", r.status, r.text)
			}
		}
		c.authenticate()
		if r := c.get("/v1/balance"); r.status != http.StatusOK {
			t.Errorf("with a new token: %d %s", r.status, r.text)
		}
	})
}

func TestATransferIsFoundByRefAndByID(t *testing.T) {
	c := overHTTP(t, with(day("")))
	ref, _ := c.post(v2Path, v2Body("T1")).data()["ref"].(string)
	for _, reference := range []string{ref, "T1"} {
		old, recent := c.get("/v1/get-status-payment/"+reference), c.get("/v1/transaction/"+reference)
		if old.status != 200 || old.data()["transaction_id"] != "T1" || old.data()["status"] != "SUCCESSFUL" {
			t.Errorf("older page, %s: %d %s", reference, old.status, old.text)
		}
		if recent.status != 200 || recent.data()["transactionId"] != "T1" || recent.data()["ref"] != ref {
			t.Errorf("newer page, %s: %d %s", reference, recent.status, recent.text)
		}
	}
	if r := c.get("/v1/transaction/T2"); r.status != 404 || r.body["message"] != "NotFoundError" {
		t.Errorf("unknown transfer: %d %s", r.status, r.text)
	}
	var page struct {
		Data []struct{ TransactionID, Status string }
	}
	if err := json.Unmarshal([]byte(c.get("/v1/get-all-transactions").text), &page); err != nil ||
		len(page.Data) != 1 || page.Data[0].TransactionID != "T1" {
		t.Errorf("all transactions: %+v, %v", page, err)
	}
}

func TestAPendingTransferSettlesByItself(t *testing.T) {
	for fault, want := range map[sandbox.Fault]struct{ first, last string }{
		sandbox.Pending:           {"PENDING", "SUCCESSFUL"},
		sandbox.UnknownStatus:     {"PROCESSING", "SUCCESSFUL"},
		sandbox.PendingThenFailed: {"PENDING", "FAILED CANCEL"},
		sandbox.Reversed:          {"SUCCESSFUL", "CANCEL"},
		sandbox.Revived:           {"FAILED", "SUCCESSFUL"},
	} {
		synctest.Test(t, func(t *testing.T) {
			scenario := day(fault)
			scenario.Reversal = scenario.Settle
			c := inProcess(t, with(scenario))
			if r := c.post(v2Path, v2Body("T1")); r.data()["status"] != want.first {
				t.Errorf("%s: at first %s", fault, r.text)
			}
			pass(scenario.Settle.Max)
			last, _ := c.get("/v1/transaction/T1").data()["status"].(string)
			if last == "" || !strings.Contains(want.last, last) {
				t.Errorf("%s: in the end %q, want %s", fault, last, want.last)
			}
		})
	}
}

// The balance is what is left of the opening balance, and what fails or is
// reversed comes back.
func TestTheBooksAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day("")
		scenario.Balance = 20_000
		scenario.Faults = map[sandbox.Fault]float64{
			sandbox.Pending: 20, sandbox.PendingThenFailed: 30, sandbox.Reversed: 20, sandbox.Failed504: 10,
		}
		c := inProcess(t, with(scenario))
		refused := 0
		for i := range 40 {
			if r := c.post(v2Path, v2Body(fmt.Sprint("T", i))); r.body["status"] == "AMOUNT_INSUFFISANT" {
				if r.status != http.StatusPreconditionFailed {
					t.Errorf("a balance too low is a %d", r.status)
				}
				refused++
			}
		}
		if books := c.box.Books(); refused == 0 || books.Open.Count == 0 || books.Balance < 0 {
			t.Errorf("%d refused, %d open, balance %s", refused, books.Open.Count, books.Balance)
		}
		pass(time.Minute)
		books := c.box.Books()
		if got := books.Credited.Count + books.Failed.Count; got != 40-refused || books.Open.Count != 0 {
			t.Errorf("%d final, %d open, want %d and none", got, books.Open.Count, 40-refused)
		}
		spent := scenario.Balance.InCentimes() - books.Balance
		kept := books.Credited.Amount.InCentimes() + books.Fees
		if back := books.Reversed.Amount.InCentimes() * 101 / 100; spent != kept-back || back == 0 {
			t.Errorf("the account lost %s; credited with fees %s, of which reversed %s", spent, kept, back)
		}
		if r := c.get("/v1/balance"); r.data()["amount"] != books.Balance.String() {
			t.Errorf("the balance page says %s, the books %s", r.text, books.Balance)
		}
	})
}

func TestTransfersAtTheSameTimeAreAllBooked(t *testing.T) {
	c := overHTTP(t, with(day("")))
	const workers, each = 8, 20
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := range each {
				id := fmt.Sprintf("W%d-%d", worker, i)
				c.post(v2Path, v2Body(id))
				if r := c.get("/v1/transaction/" + id); r.data()["transactionId"] != id {
					t.Errorf("%s: %d %s", id, r.status, r.text)
				}
			}
		})
	}
	group.Wait()
	if got := c.box.Books().Credited.Count; got != workers*each {
		t.Errorf("%d credited, want %d", got, workers*each)
	}
}

func TestARepeatIsTreatedAsTheScenarioSays(t *testing.T) {
	for _, test := range []struct {
		repeat   sandbox.Choice
		status   int
		credited int
		twice    []string
	}{
		{sandbox.RepeatPay, 200, 2, []string{"T1"}},
		{sandbox.RepeatRefuse, 409, 1, []string{}},
		{sandbox.RepeatIgnore, 200, 1, []string{}},
	} {
		scenario := day("")
		scenario.RepeatedReference = test.repeat
		c := inProcess(t, with(scenario))
		first, second := c.post(v2Path, v2Body("T1")), c.post(v2Path, v2Body("T1"))
		books := c.box.Books()
		if second.status != test.status || books.Credited.Count != test.credited {
			t.Errorf("%s: answered %d, credited %d times", test.repeat, second.status, books.Credited.Count)
		}
		if diff := cmp.Diff(test.twice, books.PaidTwice); diff != "" {
			t.Errorf("%s: paid twice (-want +got):\n%s", test.repeat, diff)
		}
		if books.Transfers[0].Attempts != 2 {
			t.Errorf("%s: %d attempts in the books, want 2", test.repeat, books.Transfers[0].Attempts)
		}
		latest := first
		if test.repeat == sandbox.RepeatPay {
			latest = second
		}
		if got := c.get("/v1/transaction/T1").data()["ref"]; got != latest.data()["ref"] {
			t.Errorf("%s: a look-up by id tells of %v, want the latest, %v", test.repeat, got, latest.data()["ref"])
		}
	}
}

func TestTheRateCapHoldsInAnySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day("")
		scenario.RateCap = 5
		c := inProcess(t, with(scenario))
		taken := 0
		for range 40 { // 20 a second, for two seconds
			switch r := c.get("/v1/balance"); {
			case r.status == http.StatusOK:
				taken++
			case r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "1":
				t.Fatalf("answered %d, Retry-After %q", r.status, r.header.Get("Retry-After"))
			}
			pass(50 * time.Millisecond)
		}
		if taken != 10 || c.box.Fired()["rate_cap"] != 30 {
			t.Errorf("%d taken, %v fired, want 10 and 30", taken, c.box.Fired())
		}
	})
}

func TestNothingAnswersInAnOutageButTheBooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day("")
		scenario.Outages = []sandbox.Outage{
			{After: time.Second, For: time.Second},
			{After: 3 * time.Second, For: time.Second, Refuse: true},
		}
		c := inProcess(t, with(scenario))
		pass(time.Second)
		if r := c.get("/v1/balance"); r.status != 503 || r.body != nil {
			t.Errorf("in the outage: %d %s", r.status, r.text)
		}
		if r := c.get("/_sandbox/books"); r.status != 200 {
			t.Errorf("the books: %d", r.status)
		}
		pass(time.Second)
		if r := c.get("/v1/balance"); r.status != 200 {
			t.Errorf("between the outages: %d %s", r.status, r.text)
		}
		pass(time.Second)
		if r := c.get("/v1/balance"); r.err == nil || r.status != 0 {
			t.Errorf("in the outage that refuses: %d, %v", r.status, r.err)
		}
	})
}

func TestRequestsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, with(day("")))
		start := time.Now().UTC()
		for i := range 3 {
			c.post(v2Path, v2Body(fmt.Sprint("T", i)))
			c.get(fmt.Sprint("/v1/transaction/T", i))
			pass(600 * time.Millisecond)
		}
		got := c.box.Requests()
		want := sandbox.Requests{
			ByEndpoint: map[string]int{
				"POST /v1/auth": 1, "POST " + v2Path: 3, "GET /v1/transaction/{reference}": 3,
			},
			TransfersPerSecond: []sandbox.Second{{At: start, Transfers: 2}, {At: start.Add(time.Second), Transfers: 1}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
