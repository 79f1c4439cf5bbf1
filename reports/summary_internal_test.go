package reports

import (
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
)

func TestTheHeadlineLeavesOutWhatIsContradicted(t *testing.T) {
	s := newSummary(Header{})
	for i, code := range []string{"", "reversed", "paid_twice"} {
		l := line{row: i + 2, state: "successful", operator: "ORANGE", amount: money.XOF.Of(1000)}
		if code != "" {
			l.difference = &ledger.Difference{Code: code}
		}
		if err := s.add(l); err != nil {
			t.Fatal(err)
		}
	}
	if s.Successful.Count != 3 || s.Contradicted != (ledger.Total{Count: 1, Amount: money.XOF.Of(1000)}) || s.Differences != 2 {
		t.Errorf("%+v, want three recorded as paid, one of them in doubt, and two that differ", s)
	}
}
