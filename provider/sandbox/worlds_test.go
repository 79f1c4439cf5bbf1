package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"payrun/provider/sandbox"
)

// world is a scenario without faults and with one thing changed.
func world(change func(*sandbox.Scenario)) sandbox.Options {
	scenario := day("")
	change(&scenario)
	return with(scenario)
}

func TestARepeatIsTreatedAsTheScenarioHasIt(t *testing.T) {
	for choice, want := range map[sandbox.Choice]struct {
		status   int
		says     string
		credited int
	}{
		sandbox.RepeatPay:    {200, "SUCCESSFUL", 2},
		sandbox.RepeatRefuse: {409, "TRANSACTION_ALREADY_EXISTS", 1},
		sandbox.RepeatTaken:  {400, "déjà prise", 1},
		sandbox.RepeatUnique: {422, "must be unique", 1},
		sandbox.RepeatVague:  {400, "Requête invalide", 1},
		sandbox.RepeatIgnore: {200, "SUCCESSFUL", 1},
	} {
		c := inProcess(t, world(func(s *sandbox.Scenario) { s.RepeatedReference = choice }))
		c.post(v2Path, v2Body("T1"))
		r := c.post(v2Path, v2Body("T1"))
		if r.status != want.status || !strings.Contains(r.text, want.says) {
			t.Errorf("%s: answered %d %s", choice, r.status, r.text)
		}
		if got := c.box.Books().Credited.Count; got != want.credited {
			t.Errorf("%s: credited %d times, want %d", choice, got, want.credited)
		}
	}
}

func TestAReplayHasTheDateOfTheFirstTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, world(func(s *sandbox.Scenario) {
			s.RepeatedReference = sandbox.RepeatIgnore
			s.TokenLife = 10000 * time.Hour
		}))
		first := c.post(v2Path, v2Body("T1"))
		pass(30 * 24 * time.Hour)
		again := c.post(v2Path, v2Body("T1"))
		if first.data()["date"] != again.data()["date"] || first.data()["ref"] != again.data()["ref"] {
			t.Errorf("first %s\nagain %s", first.text, again.text)
		}
	})
}

func TestLookUpsFindByWhatTheScenarioHas(t *testing.T) {
	for _, test := range []struct {
		choice      sandbox.Choice
		byID, byRef int
	}{
		{sandbox.FindsBoth, 200, 200},
		{sandbox.FindsRef, 404, 200},
		{sandbox.FindsNothing, 404, 404},
	} {
		c := inProcess(t, world(func(s *sandbox.Scenario) { s.LookupFinds = test.choice }))
		ref, _ := c.post(v2Path, v2Body("T1")).data()["ref"].(string)
		for name, want := range map[string]int{"T1": test.byID, ref: test.byRef} {
			if r := c.get("/v1/transaction/" + name); r.status != want {
				t.Errorf("%s: look-up of %s answered %d %s, want %d", test.choice, name, r.status, r.text, want)
			}
		}
	}
}

func TestNotFoundIsSaidAsTheScenarioHasIt(t *testing.T) {
	for choice, says := range map[sandbox.Choice]string{
		sandbox.NotFoundDocumented: `"reason":"La ressource`,
		sandbox.NotFoundAWS:        `{"message":"Not Found"}`,
		sandbox.NotFoundAzure:      `{"statusCode":404,"message":"Resource not found"}`,
		sandbox.NotFoundKong:       "no Route matched",
		sandbox.NotFoundPage:       "<html>",
		sandbox.NotFoundRoute:      "Route GET:/v1/transaction/T1 not found",
	} {
		c := inProcess(t, world(func(s *sandbox.Scenario) { s.NotFound = choice }))
		if r := c.get("/v1/transaction/T1"); r.status != 404 || !strings.Contains(r.text, says) {
			t.Errorf("%s: answered %d %s, want %s", choice, r.status, r.text, says)
		}
	}
}

func TestTheListHoldsWhatTheScenarioHas(t *testing.T) {
	for choice, want := range map[sandbox.Choice]struct{ status, listed int }{
		sandbox.ListWhole: {200, 12}, sandbox.ListNewest: {200, 10}, sandbox.ListCut: {200, -1},
		sandbox.ListFails: {500, -1}, sandbox.ListMissing: {404, -1},
	} {
		c := inProcess(t, world(func(s *sandbox.Scenario) { s.List = choice }))
		for i := range 12 {
			c.post(v2Path, v2Body(fmt.Sprint("T", i)))
		}
		r := c.get("/v1/get-all-transactions")
		listed := -1
		if list, ok := r.body["data"].([]any); ok {
			listed = len(list)
			if newest, _ := list[listed-1].(map[string]any); newest["transactionId"] != "T11" {
				t.Errorf("%s: the newest is missing", choice)
			}
		}
		if r.status != want.status || listed != want.listed {
			t.Errorf("%s: answered %d with %d transfers, want %+v", choice, r.status, listed, want)
		}
	}
}

func TestALowBalanceIsToldAsTheScenarioHasIt(t *testing.T) {
	for choice, want := range map[sandbox.Choice]struct {
		status int
		says   string
	}{
		sandbox.BalanceDocumented: {412, "AMOUNT_INSUFFISANT"},
		sandbox.BalanceFrench:     {400, "Le solde de votre compte est insuffisant"},
		sandbox.BalanceEnglish:    {422, "Insufficient funds"},
		sandbox.BalancePayment:    {402, "PAYMENT_REQUIRED"},
		sandbox.BalancePage:       {402, "<html>"},
	} {
		c := inProcess(t, world(func(s *sandbox.Scenario) { s.BalanceWords, s.Balance = choice, 1 }))
		if r := c.post(v2Path, v2Body("T1")); r.status != want.status || !strings.Contains(r.text, want.says) {
			t.Errorf("%s: answered %d %s", choice, r.status, r.text)
		}
		if accepted := c.box.Books().Accepted.Count; accepted != 0 {
			t.Errorf("%s: accepted", choice)
		}
	}
}

func TestTransfersCanBeWrittenForPeople(t *testing.T) {
	c := inProcess(t, world(func(s *sandbox.Scenario) { s.Writing = sandbox.WritingPeople }))
	body := strings.Replace(v2Body("T1"), "750", "150000", 1)
	data := c.post(v2Path, body).data()
	if data["amount"] != "150 000,00 FCFA" || data["number_user"] != "(+225) 07****1308" || data["status"] != "Réussi" {
		t.Errorf("written as %v", data)
	}
}

func TestTheProvidersClockDatesItsAnswers(t *testing.T) {
	for _, ahead := range []time.Duration{0, -3 * time.Hour, 48 * time.Hour} {
		for _, reach := range []func(*testing.T, sandbox.Options) *client{overHTTP, inProcess} {
			c := reach(t, world(func(s *sandbox.Scenario) { s.ClockAhead = ahead }))
			r := c.post(v1Path, v1Body("T1"))
			said, _ := r.data()["createdAt"].(string)
			dated, err := time.Parse(time.RFC3339, said)
			header, headerErr := http.ParseTime(r.header.Get("Date"))
			for _, at := range []time.Time{dated, header} {
				if off := time.Until(at) - ahead; off > time.Second || off < -10*time.Second {
					t.Errorf("ahead by %s: dated %s (%v), header %s (%v)", ahead, dated, err, header, headerErr)
				}
			}
		}
	}
}

// as returns the client with another merchant's token, or in another environment.
func (c *client) as(key, secret string) *client {
	c.t.Helper()
	other := *c
	r := c.do(c.request(http.MethodPost, "/v1/auth", "", "Basic "+base64.StdEncoding.EncodeToString([]byte(key+":"+secret))))
	other.token, _ = r.data()["token"].(string)
	if other.token == "" {
		c.t.Fatalf("no token for %s: %d %s", key, r.status, r.text)
	}
	return &other
}

func TestAnAccountKnowsOnlyItsOwnBooks(t *testing.T) {
	options := world(func(s *sandbox.Scenario) {
		s.Merchants = []sandbox.Merchant{
			{Key: "other-key", Secret: "other-secret"}, {Key: "new-key", Secret: "new-secret", Of: sandbox.DefaultAPIKey},
		}
		s.Balance = 1000
	})
	options.BooksFile = filepath.Join(t.TempDir(), "books.jsonl")
	c := inProcess(t, options)
	c.post(v2Path, v2Body("T1"))
	for range 2 { // the second time after a restart
		other := c.as("other-key", "other-secret")
		if r := other.get("/v1/transaction/T1"); r.status != 404 {
			t.Errorf("another key finds it: %d %s", r.status, r.text)
		}
		request := c.request(http.MethodGet, "/v1/transaction/T1", "", "Bearer "+c.token)
		request.Header.Set("X-Environment", "Production")
		if r := c.do(request); r.status != 404 {
			t.Errorf("another environment finds it: %d %s", r.status, r.text)
		}
		if r := other.get("/v1/balance"); r.data()["amount"] != "1000" {
			t.Errorf("another key's balance: %s", r.text)
		}
		for _, its := range []*client{c, c.as("new-key", "new-secret")} {
			if r := its.get("/v1/transaction/T1"); r.status != 200 {
				t.Errorf("its own account does not find it: %d %s", r.status, r.text)
			}
		}
		c = reopen(t, c.box, options)
	}
	c.as("other-key", "other-secret").post(v2Path, v2Body("T1"))
	books := c.box.Books()
	if len(books.PaidTwice) != 1 || books.Transfers[0].APIKey == books.Transfers[1].APIKey {
		t.Errorf("paid by two accounts, the books say %v and %+v", books.PaidTwice, books.Transfers)
	}
}

func TestAPayoutIsRefusedEachTime(t *testing.T) {
	for fault, status := range map[sandbox.Fault]int{sandbox.RowForbidden: 403, sandbox.RowNotFound: 404, sandbox.RowRefused: 400} {
		scenario := day("")
		scenario.Faults[fault] = 30
		c := inProcess(t, with(scenario))
		refused := 0
		for i := range 60 {
			first, second := c.post(v2Path, v2Body(fmt.Sprint("T", i))), c.post(v2Path, v2Body(fmt.Sprint("T", i)))
			if first.status != second.status || first.status != status && first.status != 200 {
				t.Errorf("%s: answered %d, then %d", fault, first.status, second.status)
			}
			if first.status == status {
				refused++
			}
		}
		if refused < 8 || refused > 30 {
			t.Errorf("%s: %d of 60 refused, want about 18", fault, refused)
		}
	}
}

func TestAChoiceThatIsNoneIsRefused(t *testing.T) {
	for _, setting := range sandbox.Settings() {
		for choice, sound := range map[sandbox.Choice]bool{setting.Choice: true, "maybe": false} {
			_, err := sandbox.ParseScenario([]byte(fmt.Sprintf("%s: %s\n", setting.Key, choice)))
			if (err == nil) != sound {
				t.Errorf("%s: %s: %v", setting.Key, choice, err)
			}
		}
	}
	for _, text := range []string{"merchants: [{key: k}]", "merchants: [{key: k, secret: s, of: k}]", "clock_ahead: 3"} {
		if _, err := sandbox.ParseScenario([]byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
