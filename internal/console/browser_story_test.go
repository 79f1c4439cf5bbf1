package console_test

import (
	"net/http"
	"strings"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
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

// TestScriptsAreNotNeeded to approve with a key of ssh-keygen, and to follow the payment.
func TestScriptsAreNotNeeded(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	o := open(t, true, named)
	o.govern()
	o.bring("november", "awa")
	koffi := o.desk(browser, "koffi", "fr-CI,fr;q=0.9")
	koffi.WithoutScripts()
	koffi.open("/batches/november/approval")
	if status := koffi.Press(`a.button[href*="/approval/sign"]`); status != http.StatusOK {
		t.Fatalf("the page to sign: %d", status)
	}
	text := browsertest.Value[string](koffi.Page, `document.querySelector("input[name=text]").value`)
	signed, err := sshsig.Sign(signer(t, "koffi"), approval.Namespace, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	koffi.Put("#signature", string(signed.Armour()))
	koffi.Press(`form[action$="/decisions"] button`)
	if got := koffi.Text("main"); !strings.Contains(got, "Votre approbation est enregistrée") {
		t.Fatalf("it says %s", got)
	}
	awa := o.desk(browser, "awa", "fr-CI,fr;q=0.9")
	awa.WithoutScripts()
	awa.open("/batches/november/live")
	o.release("november", "awa")
	awa.Wait("[data-ended]") // once the page was loaded anew
	if got := awa.Text("[data-figure=final]"); got != "3 sur 3" {
		t.Errorf("it says %q", got)
	}
}
