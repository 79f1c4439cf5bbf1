package console_test

import (
	"net/http"
	"strings"
	"testing"

	"payrun/batch/service"
	"payrun/internal/browsertest"
	"payrun/ledger"
	"payrun/ledger/money"
)

// release lets a batch of november's payments be paid.
func (o *office) release(id ledger.BatchID, by string) {
	o.t.Helper()
	total := ledger.Total{Count: 3, Amount: money.XOF.Of(275_500)}
	if err := o.service().Release(o.t.Context(), service.Actor{Person: by, Host: "caisse"}, id, total); err != nil {
		o.t.Fatal(err)
	}
	o.pays.Wake(id)
}

// TestAPageFollowsAPayment by its script: figures change as payouts end, and it says the end.
func TestAPageFollowsAPayment(t *testing.T) {
	o := open(t, true, named)
	o.bring("november", "awa")
	awa := o.desk(browsertest.Open(t, browsertest.Options{}), "awa", "fr-CI,fr;q=0.9")
	awa.open("/batches/november/live")
	if got := awa.Text("[data-figure=final]"); got != "0 sur 3" {
		t.Errorf("before anything is paid it says %q", got)
	}
	o.release("november", "awa")
	awa.Wait("[data-ended]")
	for figure, want := range map[string]string{"final": "3 sur 3", "paid": "3", "paid_amount": "275\u202f500 XOF", "state": "clos"} {
		if got := awa.Text("[data-figure=" + figure + "]"); got != want {
			t.Errorf("%s: %q, want %q", figure, got, want)
		}
	}
	if spoken := awa.Text("[aria-live=polite]"); !strings.Contains(spoken, "3 sur 3") {
		t.Errorf("at the end it says aloud %q", spoken)
	}
	if regions := browsertest.Value[int](awa.Page, `document.querySelectorAll("[aria-live], [role=status], output").length`); regions != 1 {
		t.Errorf("%d regions are read aloud", regions)
	}
}

// TestABatchsPageFollowsItsPayment where it stands: its figures change as payouts end, nothing on it moves,
// and at the end it leads on. Without scripts it is loaded anew, until there is nothing to follow.
func TestABatchsPageFollowsItsPayment(t *testing.T) {
	o := open(t, false, named)
	o.bring("november", "awa")
	o.release("november", "awa")
	awa := o.desk(browsertest.Open(t, browsertest.Options{}), "awa", "fr-CI,fr;q=0.9")
	awa.open("/batches/november")
	o.wants("without scripts", o.as("awa").get("/batches/november"), http.StatusOK, `http-equiv="refresh"`)
	const places = `JSON.stringify([...document.querySelectorAll("dl.figures > div, nav[aria-label] a, main h2")].map((e) => e.getBoundingClientRect().top))`
	before := browsertest.Value[string](awa.Page, places)
	o.goOn("november")
	awa.Wait("[data-ended]")
	for figure, want := range map[string]string{"paid": "3", "paid_amount": "275\u202f500 XOF", "failed": "0", "all_open": "0"} {
		if got := awa.Text("[data-figure=" + figure + "]"); got != want {
			t.Errorf("%s: %q, want %q", figure, got, want)
		}
	}
	if after := browsertest.Value[string](awa.Page, places); after != before {
		t.Errorf("the page moved from %s to %s", before, after)
	}
	if spoken := awa.Text("[aria-live=polite]"); !strings.Contains(spoken, "3 sur 3") {
		t.Errorf("at the end it says aloud %q", spoken)
	}
	awa.Press("[data-ended] a")
	if over := awa.Text("main"); !strings.Contains(over, "Tout est terminé") || awa.Has("[data-live]") {
		t.Errorf("it leads to\n%s", over)
	}
	o.wants("pay what is paid", o.as("awa").get("/batches/november/pay"), http.StatusOK, "Nothing is left to be sent", "/batches/november/report")
	o.wants("withdraw what is paid", o.as("awa").get("/batches/november/cancel"), http.StatusOK, "/batches/november/report")
}

// TestALivePageSaysHowItEnded: that everybody was paid, or that nobody was, is no good news alike.
func TestALivePageSaysHowItEnded(t *testing.T) {
	o := openBefore(t, false, failing(), named)
	o.bring("november", "awa")
	o.release("november", "awa")
	awa := o.desk(browsertest.Open(t, browsertest.Options{}), "awa", "fr-CI,fr;q=0.9")
	awa.open("/batches/november/live")
	o.goOn("november")
	awa.Wait("[data-ended].bad")
	if ended := awa.Text("[data-ended]"); !strings.Contains(ended, "personne n'a été payé") {
		t.Errorf("it says %q", ended)
	}
	if amount := browsertest.Value[string](awa.Page, `getComputedStyle(document.querySelector("[data-failures] tr > :nth-child(3)")).textAlign`); amount != "right" {
		t.Errorf("amounts are aligned %s", amount)
	}
	o.wants("afterwards", o.as("awa").get("/batches/november/live"), http.StatusOK, `class="notice bad" data-ended>`, "nobody was paid", ">over<")
}
