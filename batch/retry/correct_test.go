package retry_test

import (
	"testing"

	"payrun/batch/retry"
	"payrun/ledger"
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
