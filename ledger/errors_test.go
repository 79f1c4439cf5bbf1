package ledger_test

import (
	"errors"
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestEachErrorIsItsOwnKind and no other: what a person is told to do depends on it.
func TestEachErrorIsItsOwnKind(t *testing.T) {
	kinds := map[error]error{
		ledger.ErrNotFound: &ledger.NotFoundError{}, ledger.ErrNotYet: &ledger.NotYetError{}, ledger.ErrConflict: &ledger.ConflictError{},
		ledger.ErrEvidence: &ledger.EvidenceError{}, ledger.ErrLocked: &ledger.LockedError{}, ledger.ErrAccount: &ledger.AccountError{},
		ledger.ErrCurrency: &ledger.CurrencyError{}, ledger.ErrCorrupt: &ledger.CorruptError{}, ledger.ErrFormat: &ledger.FormatError{},
		ledger.ErrNoLedger: &ledger.NoLedgerError{}, ledger.ErrAccess: &ledger.AccessError{}, ledger.ErrReplaced: &ledger.ReplacedError{},
		ledger.ErrMoved: &ledger.MovedError{},
	}
	for _, kind := range kinds {
		is := 0
		for sentinel := range kinds {
			if errors.Is(kind, sentinel) {
				is++
			}
		}
		if is != 1 {
			t.Errorf("%T is of %d kinds", kind, is)
		}
	}
	for sentinel, kind := range kinds {
		if !errors.Is(kind, sentinel) {
			t.Errorf("%T is not %v", kind, sentinel)
		}
	}
}

// TestOnlyAnotherKeyIsToldFromAnotherAccount.
func TestOnlyAnotherKeyIsToldFromAnotherAccount(t *testing.T) {
	live, rehearsed := ledger.Account{Place: "live", Key: "a"}, ledger.Account{Place: "sandbox", Key: "a"}
	if key := (&ledger.AccountError{Recorded: live, Given: ledger.Account{Place: "live", Key: "b"}}); !key.OnlyKey() {
		t.Errorf("%v: another key passes for another account", key)
	}
	if place := (&ledger.AccountError{Recorded: live, Given: rehearsed}); place.OnlyKey() {
		t.Errorf("%v: another account passes for another key", place)
	}
}

// TestADifferenceIsTheSameWheneverItIsFound.
func TestADifferenceIsTheSameWheneverItIsFound(t *testing.T) {
	found := ledger.Difference{Code: "amount", Said: "successful", Amount: money.XOF.Of(500), At: at(1)}
	later, other := found, found
	later.At, other.Amount = at(9), money.XOF.Of(501)
	if !found.Same(later) || found.Same(other) {
		t.Error("it is the same by its time and not by what it says")
	}
}

// TestWhatWasHeardIsReadAsItIsWritten, and nothing else is.
func TestWhatWasHeardIsReadAsItIsWritten(t *testing.T) {
	for _, said := range []ledger.Said{0, ledger.SaidFailed, ledger.SaidRefused | ledger.SaidSuccessful} {
		text, err := said.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		read := ledger.SaidPending
		if err := read.UnmarshalText(text); err != nil || read != said {
			t.Errorf("%q is read as %s, %v", text, read, err)
		}
	}
	for _, text := range []string{"paid", "successful,", "successful, failed"} {
		if read := ledger.Said(0); read.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is read as %s", text, read)
		}
	}
}

// TestNothingIsInAStateThatIsNone, and what is paid is in the payouts' currency, if it is nothing.
func TestNothingIsInAStateThatIsNone(t *testing.T) {
	var states ledger.ByState
	states.Add(as(ledger.Failed))
	for _, none := range []ledger.State{ledger.Cancelled + 1, 99} {
		if got := states.In(none); got.Count != 0 {
			t.Errorf("%+v in no state", got)
		}
	}
	if got := states.In(ledger.Cancelled); got.Count != 0 {
		t.Errorf("%+v cancelled", got)
	}
	if got := states.Paid(); got != money.XOF.Of(0) {
		t.Errorf("paid %+v, want no francs", got)
	}
	states.Add(as(ledger.Successful))
	if got := states.Paid(); got != money.XOF.Of(500) {
		t.Errorf("paid %s, want 500", got)
	}
}

// TestAListIsReadInPagesToItsEnd, and not further than somebody wants it.
func TestAListIsReadInPagesToItsEnd(t *testing.T) {
	reads := 0
	read := func(from int) (page []int, behind int, more bool, err error) {
		reads++
		return []int{from, from + 1}, from + 2, from < 4, nil
	}
	var got []int
	for one, err := range ledger.InPages(0, read) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	if len(got) != 6 || got[5] != 5 || reads != 3 {
		t.Errorf("read %v in %d pages", got, reads)
	}
	reads = 0
	for one := range ledger.InPages(0, read) {
		if one == 1 {
			break
		}
	}
	if reads != 1 {
		t.Errorf("%d pages were read for two", reads)
	}
	broken := func(int) ([]int, int, bool, error) { return []int{7}, 1, true, ledger.ErrCorrupt }
	told := 0
	for _, err := range ledger.InPages(0, broken) {
		if told++; !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%v, want the damage alone", err)
		}
	}
	if told != 1 {
		t.Errorf("told %d times of one error", told)
	}
}

// TestAnAnswerThatWasNotUsedLeavesItsPayoutQueued: it is no way to any other state.
func TestAnAnswerThatWasNotUsedLeavesItsPayoutQueued(t *testing.T) {
	for to, may := range map[ledger.State]bool{ledger.Queued: true, ledger.Unknown: false, ledger.Pending: false, ledger.Failed: false} {
		_, err := as(ledger.Submitting, sent).Applied(ledger.Change{ID: "A", From: ledger.Submitting, To: to, At: at(2), Unused: true})
		if (err == nil) != may {
			t.Errorf("to %s: %v, want it taken %t", to, err, may)
		}
	}
}
