package engine_test

import (
	"testing"
	"testing/synctest"

	"payrun/batch/engine"
)

// TestAnotherKeyIsTheSameAccountsIfItFindsWhatWasPaid: another account knows nothing of
// it, and looking doubts up there would have them all paid again.
func TestAnotherKeyIsTheSameAccountsIfItFindsWhatWasPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch, paidBy := newSmall(t, 5), &bank{}
		untouched, err := engine.LoadSnapshot(t.Context(), batch.store, batch.batch.ID)
		if err != nil || !untouched.Empty() {
			t.Fatalf("error %v, empty %t before anything was sent", err, untouched.Empty())
		}
		if _, err := batch.pay(t, paidBy, nil); err != nil {
			t.Fatal(err)
		}
		standing, err := engine.LoadSnapshot(t.Context(), batch.store, batch.batch.ID)
		if err != nil || standing.Empty() {
			t.Fatalf("error %v, empty %t", err, standing.Empty())
		}
		if !standing.FoundWith(t.Context(), paidBy) {
			t.Error("the account that paid was not recognised")
		}
		if standing.FoundWith(t.Context(), &bank{}) {
			t.Error("another account passed for the one that paid")
		}
	})
}
