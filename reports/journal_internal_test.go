package reports

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestAJournalThatDoesNotAddUpIsNotWritten books one thing while the summary says
// another: a payment less, or fees that are not those.
func TestAJournalThatDoesNotAddUpIsNotWritten(t *testing.T) {
	for _, detail := range []bool{false, true} {
		for name, change := range map[string]func(*Summary){
			"nothing": func(*Summary) {},
			"amount":  func(s *Summary) { s.Successful.Amount.Minor++ },
			"fees":    func(s *Summary) { s.Fees = s.Fees.Plus(money.XOF.Fine(100)) },
		} {
			accounts := DefaultJournal()
			accounts.Detail = detail
			var out bytes.Buffer
			form, err := beginJournal(&out, Header{Batch: "may"}, Options{Journal: accounts})
			if err != nil {
				t.Fatal(err)
			}
			l := line{row: 2, id: "MAY-1", operator: "WAVE", amount: money.XOF.Of(500), fees: money.XOF.Fine(750), feesKnown: true, state: ledger.Successful.String()}
			summary := newSummary(Header{Batch: "may"})
			if err := errors.Join(summary.add(l), form.line(l)); err != nil {
				t.Fatal(err)
			}
			change(summary)
			err = form.finish(summary)
			if want := name != "nothing"; errors.Is(err, ErrDoesNotAddUp) != want {
				t.Errorf("detail %t, %s changed: %v", detail, name, err)
			}
			if err != nil && out.Len() > 0 {
				t.Errorf("%s: %q was written all the same", name, out.String())
			}
		}
	}
}

// TestHalfAFrancIsRoundedUp holds the one rounding of the books.
func TestHalfAFrancIsRoundedUp(t *testing.T) {
	for fees, want := range map[money.Fine]int64{{}: 0, money.XOF.Fine(49): 0, money.XOF.Fine(50): 1, money.XOF.Fine(149): 1, money.XOF.Fine(150): 2, money.XOF.Fine(750): 8} {
		form, err := beginJournal(&bytes.Buffer{}, Header{}, Options{Journal: DefaultJournal()})
		if err != nil {
			t.Fatal(err)
		}
		j, ok := form.(*journalReport)
		if !ok {
			t.Fatalf("got a %T", form)
		}
		j.fees = fees
		if err := j.feesEntry(time.Time{}, "p", "l"); err != nil || j.feesBooked != want {
			t.Errorf("%s books %d, %v, want %d", fees, j.feesBooked, err, want)
		}
	}
}
