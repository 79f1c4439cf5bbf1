package phone_test

import (
	"fmt"
	"testing"

	"payrun/ledger/phone"
)

func TestANumberPrintsMaskedUnlessAskedForItsDigits(t *testing.T) {
	number := phone.Number("0777101308")
	for _, verb := range []string{"%v", "%s", "%+v", "%#v"} {
		if got := fmt.Sprintf(verb, number); got != "07•••••308" {
			t.Errorf("%s prints %q, want it masked", verb, got)
		}
	}
	if got := number.Reveal(); got != "0777101308" {
		t.Errorf("Reveal() = %q, want the digits", got)
	}
	if got := phone.Number("07710").String(); got != "•••••" {
		t.Errorf("a short number prints %q, want nothing of it shown", got)
	}
}
