package retry_test

import (
	"testing"

	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/provider"
	"payrun/provider/providertest"
)

func TestACorrectionGoesThroughTheDoorOfARetry(t *testing.T) {
	for said, held := range map[provider.Class]retry.HeldCode{
		provider.Failed: "", provider.Successful: retry.HeldContradicted, provider.NotFound: retry.HeldForgotten,
	} {
		store := in(t, ledger.Failed, ledger.Successful)
		before, err := store.Payout(t.Context(), "A-00000")
		if err != nil {
			t.Fatal(err)
		}
		terms := before.Terms
		terms.Number = "+2250700009999"
		q := retrier(store, providertest.Answers{"A-00000": said, "A-00001": provider.Successful})
		done, err := q.Correct(t.Context(), find(t, store, "may"), []ledger.Correction{{Row: before.Row, Payout: before, Terms: terms}})
		if err != nil {
			t.Fatal(err)
		}
		payout, err := store.Payout(t.Context(), "A-00000")
		if err != nil {
			t.Fatal(err)
		}
		if held == "" {
			if done.Queued.Count != 1 || payout.Number != "+2250700009999" || payout.Accepted().Number == payout.Number || payout.Attempt != 2 {
				t.Errorf("%s: %+v, want new terms and the old ones kept", said, payout)
			}
			continue
		}
		if len(done.Held) != 1 || done.Held[0].Code != held || payout.State != ledger.Failed || payout.Number == "+2250700009999" {
			t.Errorf("%s: %+v, payout %+v, want it held back as %s", said, done, payout, held)
		}
	}
}

// TestWhatTheFileCorrectsIsNotRetriedInItsOldTerms: the old number may be a stranger's.
func TestWhatTheFileCorrectsIsNotRetriedInItsOldTerms(t *testing.T) {
	store := in(t, ledger.Failed, ledger.Failed)
	before, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	held := ledger.Entry{Row: before.Row, Terms: before.Terms}
	held.Number = "+2250700009999"
	other, err := store.Payout(t.Context(), "A-00001")
	if err != nil {
		t.Fatal(err)
	}
	file := ledgertest.Each([]ledger.Entry{held, {Row: other.Row, Terms: other.Terms}})
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), file); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		choice            retry.Choice
		chosen, corrected int
	}{
		{retry.Choice{}, 1, 1},
		{retry.Choice{Removed: true}, 1, 1},
		{retry.Choice{Only: []ledger.TransactionID{"A-00000"}}, 1, 0},
	} {
		found, err := retry.Choose(t.Context(), store, "may", test.choice)
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Chosen) != test.chosen || len(found.Corrected) != test.corrected {
			t.Errorf("%+v: %d chosen and %d left out, want %d and %d", test.choice, len(found.Chosen), len(found.Corrected), test.chosen, test.corrected)
		}
	}
	status, err := service.New(service.Config{Ledger: store}).Status(t.Context(), "may", nil)
	if err != nil || status.Corrected != 1 || status.Need().Failed != 1 {
		t.Errorf("%+v, %v, want one that only the file can pay", status, err)
	}
}
