package console_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider/sandbox"
)

// failing is a provider at which every transfer fails.
func failing() sandbox.Options {
	scenario := sandbox.DefaultScenario()
	scenario.Faults = map[sandbox.Fault]float64{sandbox.Failed504: 100}
	return sandbox.Options{Scenario: &scenario}
}

// TestWhatFailedIsNamedCorrectedAndTriedAgain, under the same id.
func TestWhatFailedIsNamedCorrectedAndTriedAgain(t *testing.T) {
	o := openBefore(t, false, failing())
	awa := o.as("awa")
	o.wants("submit", awa.submitted("may", november), http.StatusSeeOther)
	awa.paidAs("may")
	o.wants("batch", awa.get("/batches/may"), http.StatusOK, "3 payments failed", `href="/batches/may/payouts?show=failed"`)
	list := o.wants("failed", awa.get("/batches/may/payouts?show=failed"), http.StatusOK, "Awa Koné", "Yao Kra", "Fatou Bamba", "1 attempt", "/payouts/NOV-001/correct", "/retry?only=NOV-001")
	if strings.Contains(list.body, "0701020304") {
		t.Error("numbers are shown although nobody asked for them")
	}
	o.wants("in full", awa.get("/batches/may/payouts?show=failed&numbers=full"), http.StatusOK, "0701020304")

	const path = "/batches/may/payouts/NOV-001/correct"
	o.wants("form", awa.get(path), http.StatusOK, `value="0701020304"`, `value="45000"`)
	typed := url.Values{"number": {"0709999999"}, "name": {"Awa Koné"}, "operator": {"ORANGE"}, "amount": {"45000"}}
	stranger := url.Values{"number": {"0709999999"}, "name": {"Issa Traoré"}, "operator": {"ORANGE"}, "amount": {"45000"}}
	o.wants("another person", awa.post(path, stranger), http.StatusUnprocessableEntity, "id.other_person")
	checked := o.wants("checked", awa.post(path, typed), http.StatusOK, "0709999999", "0701020304", `name="confirm"`)
	confirmed := hidden(t, checked.body, "/correct")
	less := maps.Clone(confirmed)
	less["total"] = []string{"44000"}
	o.wants("another sum", awa.post(path, less), http.StatusUnprocessableEntity, "45 000 XOF")
	o.wants("corrected", awa.post(path, confirmed), http.StatusSeeOther)
	o.goOn("may")
	p, err := o.store.Payout(t.Context(), "NOV-001")
	if err != nil || p.Attempt != 2 || p.Number != "+2250709999999" || p.Earlier[0].Terms.Number != "+2250701020304" {
		t.Fatalf("%+v, %v, want a second attempt on the new number", p, err)
	}

	see := o.wants("retry one", awa.get("/batches/may/retry?only=NOV-002"), http.StatusOK, "Yao Kra", "150 000 XOF")
	if strings.Contains(see.body, "Fatou Bamba") {
		t.Error("more than the one is tried again")
	}
	o.wants("more", awa.post("/batches/may/retry", url.Values{"only": {"NOV-002"}, "count": {"3"}, "total": {"275500"}}), http.StatusConflict, "150 000 XOF")
	o.wants("tried again", awa.post("/batches/may/retry", hidden(t, see.body, "/retry")), http.StatusSeeOther)
	o.goOn("may")
	all := o.wants("attempts", awa.get("/batches/may/payouts"), http.StatusOK, "2 attempts", "1 attempt")
	if got := strings.Count(all.body, `<th scope="row"`); got != 3 {
		t.Errorf("%d rows for 3 payouts", got)
	}
	for _, name := range []string{"NOV-001", "NOV-002"} {
		if p, err := o.store.Payout(t.Context(), ledger.TransactionID(name)); err != nil || p.Attempt != 2 {
			t.Errorf("%s: attempt %d, %v, want 2", name, p.Attempt, err)
		}
	}
}

// TestWhatWasNeverSentIsWithdrawn, and what somebody saw is recorded.
func TestWhatWasNeverSentIsWithdrawn(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	o.wants("submit", awa.submitted("may", november), http.StatusSeeOther)
	see := o.wants("see", awa.get("/batches/may/cancel"), http.StatusOK, "275 500 XOF")
	o.wants("fewer", awa.post("/batches/may/cancel", url.Values{"count": {"2"}}), http.StatusConflict)
	o.wants("withdraw", awa.post("/batches/may/cancel", hidden(t, see.body, "/cancel")), http.StatusSeeOther)
	if b, err := o.store.Batch(t.Context(), "may"); err != nil || b.State != ledger.BatchCancelled {
		t.Errorf("%s, %v, want it withdrawn", b.State, err)
	}
	o.wants("withdrawn", awa.get("/batches/may"), http.StatusOK, "Withdrawn")
	o.wants("nothing left", awa.get("/batches/may/cancel"), http.StatusOK, "nothing that was never sent")
}

// TestWhatAPersonSawIsRecorded under their name, with how they know.
func TestWhatAPersonSawIsRecorded(t *testing.T) {
	o := open(t, false)
	ledgertest.Reach(t, o.store, ledger.Unknown, ledger.Successful)
	awa := o.as("awa")
	o.wants("open", awa.get("/batches/may/payouts?show=open"), http.StatusOK, "/payouts/A-00000/resolve", "may have been paid")
	const path = "/batches/may/payouts/A-00000/resolve"
	o.wants("asked", awa.get(path), http.StatusOK, `name="because"`)
	o.wants("too little", awa.post(path, url.Values{"paid": {"yes"}, "because": {"x"}}), http.StatusUnprocessableEntity, "three to a thousand")
	o.wants("neither", awa.post(path, url.Values{"because": {"they say so"}}), http.StatusUnprocessableEntity)
	o.wants("recorded", awa.post(path, url.Values{"paid": {"yes"}, "because": {"seen in the portal"}}), http.StatusSeeOther)
	p, err := o.store.Payout(t.Context(), "A-00000")
	if err != nil || p.State != ledger.Successful || p.Resolution.By.Name != "awa" || p.Resolution.Because != "seen in the portal" {
		t.Errorf("%+v, %v", p, err)
	}
	o.wants("nothing open", awa.get("/batches/may/payouts/A-00001/resolve"), http.StatusConflict)
}

// TestWhatTheProviderContradictsComesFirst, and is not counted as paid.
func TestWhatTheProviderContradictsComesFirst(t *testing.T) {
	o := open(t, false)
	ledgertest.Reach(t, o.store, ledger.Successful, ledger.Successful)
	differs := ledgertest.Move("A-00000", ledger.Successful, ledger.Successful)
	differs.Difference = &ledger.Difference{Code: ledger.DifferenceReversed, Recorded: ledger.Successful, ProviderCode: "CANCEL", Reference: "A-00000", At: time.Now()}
	ledgertest.Apply(t, o.store, differs)
	awa := o.as("awa")
	page := o.wants("batch", awa.get("/batches/may"), http.StatusOK, "Disputed", "says something else", `href="/batches/may/payouts?show=disputed"`)
	figures := regexp.MustCompile(`<dt>([^<]+)</dt><dd>(?:<span[^>]*>)?([0-9]+)`).FindAllStringSubmatch(page.body, -1)
	got := map[string]string{}
	for _, one := range figures {
		got[one[1]] = one[2]
	}
	if got["Payments"] != "2" || got["Paid"] != "1" || got["Disputed"] != "1" {
		t.Errorf("the figures are %v", got)
	}
	o.wants("named", awa.get("/batches/may/payouts?show=disputed"), http.StatusOK, "A-00000", "reversed", "/resolve")
}

// TestALongBatchPagesInConstantTime: the last page takes what the first does. The times and sizes stand
// in the test's output.
func TestALongBatchPagesInConstantTime(t *testing.T) {
	o := open(t, false)
	const count = 20_000
	entries := ledgertest.Entries("A", count)
	batch := ledger.Batch{ID: "long", File: "long.csv", Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: time.Now()}
	if _, err := o.store.Enrol(t.Context(), batch, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	awa := o.as("awa")
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	page := o.wants("first", awa.get("/batches/long/payouts"), http.StatusOK, "A-00000", "A-00049")
	if strings.Contains(page.body, "A-00050") {
		t.Error("the first page has more than its part")
	}
	link := next.FindStringSubmatch(page.body)
	if link == nil {
		t.Fatal("there is no next page")
	}
	second := o.wants("second", awa.get(strings.ReplaceAll(link[1], "&amp;", "&")), http.StatusOK, "A-00050", "A-00099")
	if strings.Contains(second.body, "A-00049") {
		t.Error("the second page begins with the first one's")
	}
	last := o.wants("last", awa.get("/batches/long/payouts?after="+strconv.Itoa(count-10)), http.StatusOK, fmt.Sprintf("A-%05d", count-1))
	if next.MatchString(last.body) {
		t.Error("there is a page behind the last")
	}
	for _, path := range []string{"/batches", "/batches/long", "/batches/long/payouts?show=failed", "/batches/long/payouts?show=disputed", "/batches/long/payouts?show=open"} {
		if got := o.wants(path, awa.get(path), http.StatusOK); len(got.body) > 200<<10 {
			t.Errorf("%s has %d bytes", path, len(got.body))
		}
	}
	o.wants("nonsense", awa.get("/batches/long/payouts?after=x"), http.StatusBadRequest)
}
