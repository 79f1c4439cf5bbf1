package ledgertest

import (
	"errors"
	"testing"
	"time"

	"payrun/ledger"
)

// batchLife takes a batch from its first row to its end and back, and tries what it must
// refuse on the way.
func batchLife(t *testing.T, store ledger.Store) {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	stands := func(want ledger.BatchState) {
		t.Helper()
		if b, err := store.Batch(t.Context(), "may"); err != nil || b.State != want {
			t.Errorf("the batch is %s, %v, want it %s", b.State, err, want)
		}
	}
	act := func(code ledger.ActCode) {
		t.Helper()
		if err := store.Record(t.Context(), ledger.Act{Code: code, Batch: "may", At: at, Digest: "d"}); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	refuses := func(codes ...ledger.ActCode) {
		t.Helper()
		before, _, err := store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var state *ledger.BatchStateError
		for _, code := range codes {
			err := store.Record(t.Context(), ledger.Act{Code: code, Batch: "may", At: at})
			if after, _, headErr := store.Head(t.Context()); !errors.As(err, &state) || headErr != nil || after != before {
				t.Errorf("%s: %v, want a BatchStateError and nothing recorded", code, err)
			}
		}
	}
	cut := errors.New("the file ended")
	_, err := store.Enrol(t.Context(), Batch("may"), func(yield func(ledger.Entry, error) bool) { yield(ledger.Entry{}, cut) })
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
	stands(ledger.BatchDraft)
	refuses(ledger.ActReleased, ledger.ActClosed, ledger.ActCancelled)
	enrol(t, store, "may", Entries("A", 2))
	stands(ledger.BatchReady)
	refuses(ledger.ActSealed, ledger.ActClosed, ledger.ActPaused, ledger.ActApproved)
	act(ledger.ActReleased)
	stands(ledger.BatchPaying)
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.Release == nil || b.Release.Digest != "d" {
		t.Errorf("batch %+v, %v, want its release with the digest", b, err)
	}
	refuses(ledger.ActCancelled, ledger.ActApproved)
	enrol(t, store, "may", Entries("A", 2))
	stands(ledger.BatchPaying) // nothing was added
	act(ledger.ActPaused)
	act(ledger.ActReleased)
	enrol(t, store, "may", Entries("A", 3))
	stands(ledger.BatchReady)
	act(ledger.ActReleased)
	act(ledger.ActClosed)
	stands(ledger.BatchClosed)
	act(ledger.ActReleased)
	stands(ledger.BatchPaying)
}

// releaseCovers has payouts enter between a person's look at a batch and their release of it.
func releaseCovers(t *testing.T, store ledger.Store) {
	t.Helper()
	rows := Entries("A", 4)
	enrol(t, store, "may", rows[:3])
	released := func(id ledger.BatchID, these ...ledger.Entry) error {
		act := ledger.Act{Code: ledger.ActReleased, Batch: id, At: claimedAt, By: ledger.Person{Name: "awa"}}
		for _, row := range these {
			act.Count.Add(row.Amount)
		}
		return store.Record(t.Context(), act)
	}
	apply(t, store, Move("A-00000", ledger.Queued, ledger.Submitting), Move("A-00001", ledger.Queued, ledger.Submitting),
		Move("A-00001", ledger.Submitting, ledger.Pending))
	if err := released("may", rows[2]); !errors.Is(err, ledger.ErrUncovered) {
		t.Errorf("one of two that may be sent: %v, want ErrUncovered", err)
	}
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.State != ledger.BatchReady || b.Release != nil {
		t.Errorf("%+v, %v, want the batch as it was", b, err)
	}
	if err := released("may", rows[0], rows[2]); err != nil {
		t.Errorf("both that may be sent: %v", err)
	}
	// Others brought in what is open of a second batch.
	enrol(t, store, "june", rows)
	if err := released("june", rows[2:]...); !errors.Is(err, ledger.ErrUncovered) {
		t.Errorf("two of three that may be sent: %v, want ErrUncovered", err)
	}
	if err := released("june", rows...); err != nil {
		t.Errorf("more than may be sent, since others pay: %v", err)
	}
}
