package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/provider"
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

// TestAnAccountIsRecognisedThroughAPageThatStumbles: three of its transfers are asked for, each
// again after a second if there is no usable answer, and none twice that is not there.
func TestAnAccountIsRecognisedThroughAPageThatStumbles(t *testing.T) {
	nothing, found, missing := always(provider.Unknown), always(provider.Successful), always(provider.NotFound)
	for name, test := range map[string]struct {
		lookUp func(nth int) provider.Outcome
		gone   bool
		want   bool
		looks  int
		took   time.Duration
	}{
		"found at once": {found, false, true, 1, 0},
		"found the third time": {func(nth int) provider.Outcome {
			if nth < 3 {
				return nothing(nth)
			}
			return found(nth)
		}, false, true, 3, 2 * time.Second},
		"no usable answer":       {nothing, false, false, 9, 6 * time.Second},
		"not there":              {missing, false, false, 3, 0},
		"somebody does not wait": {nothing, true, false, 1, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			batch := newSmall(t, 5)
			if _, err := batch.pay(t, &bank{}, nil); err != nil {
				t.Fatal(err)
			}
			standing, err := engine.LoadSnapshot(t.Context(), batch.store, batch.batch.ID)
			if err != nil || standing.SentAgain() {
				t.Fatalf("error %v, sent again %t", err, standing.SentAgain())
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.gone {
				cancel()
			}
			p := &scripted{lookUp: test.lookUp}
			p.begin()
			began := time.Now()
			if got := standing.FoundWith(ctx, p); got != test.want || len(p.looks) != test.looks || time.Since(began) != test.took {
				t.Errorf("%s: found %t by %d look-ups in %s", name, got, len(p.looks), time.Since(began))
			}
		})
	}
}
