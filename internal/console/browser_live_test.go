package console_test

import (
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
