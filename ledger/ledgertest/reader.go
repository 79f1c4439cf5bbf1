package ledgertest

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"payrun/ledger"
	"payrun/ledger/money"
)

// byState asks for payouts in some states only, open ones and others.
func byState(t *testing.T, store ledger.Store) {
	t.Helper()
	at := []ledger.State{
		ledger.Queued, ledger.Submitting, ledger.Unknown, ledger.Pending,
		ledger.Successful, ledger.Failed, ledger.Cancelled, ledger.Queued,
	}
	Reach(t, store, at...)
	for _, asked := range [][]ledger.State{
		{},
		{ledger.Queued},
		{ledger.Submitting},
		{ledger.Pending, ledger.Queued},
		ledger.OpenStates(),
		{ledger.Failed},
		{ledger.Queued, ledger.Successful},
		ledger.States(),
	} {
		var want, found []ledger.TransactionID
		for _, p := range collect(t, store.Payouts(t.Context(), "may")) {
			for _, state := range asked {
				if p.State == state {
					want = append(want, p.ID)
				}
			}
			if len(asked) == 0 {
				want = append(want, p.ID)
			}
		}
		for _, p := range collect(t, store.Payouts(t.Context(), "may", asked...)) {
			found = append(found, p.ID)
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("payouts in %v (-want +got):\n%s", asked, diff)
		}
	}
}

// counted moves payouts, corrects one, has the provider disagree about another, and lets a
// second batch share them: counts and notable payouts are those of the payouts one by one.
func counted(t *testing.T, store ledger.Store) {
	t.Helper()
	Reach(t, store,
		ledger.Queued, ledger.Submitting, ledger.Unknown, ledger.Pending, ledger.Successful, ledger.Failed, ledger.Cancelled, ledger.Successful)
	differs := Move("A-00007", ledger.Successful, ledger.Successful)
	differs.Difference = &ledger.Difference{Code: "amount", At: differs.At}
	apply(t, store, differs)
	again := Move("A-00005", ledger.Failed, ledger.Queued)
	again.Reference = "A-00005-2"
	other := Entries("A", 6)[5].Terms
	other.Operator, other.Amount = "MTN", other.Amount.Plus(money.XOF.Of(900))
	again.Terms = &other
	apply(t, store, again)
	enrol(t, store, "june", append(Entries("A", 6)[3:5], Entries("B", 2)...))
	apply(t, store, Move("B-00000", ledger.Queued, ledger.Cancelled), Move("A-00000", ledger.Queued, ledger.Cancelled)) // of two batches at once
	for _, batch := range []ledger.BatchID{"may", "june"} {
		want, err := ledger.CountsOf(store.Payouts(t.Context(), batch))
		if err != nil {
			t.Fatal(err)
		}
		found, err := store.Counts(t.Context(), batch)
		if err != nil || !found.Equal(want) || found.ByState().Total().Count < 4 {
			t.Errorf("%s: %v, %v, want %v", batch, found, err, want)
		}
		notable := collect(t, ledger.SelectNotable.Of(store.Payouts(t.Context(), batch)))
		if diff := cmp.Diff(notable, collect(t, store.Notable(t.Context(), batch))); diff != "" {
			t.Errorf("notable in %s (-want +got):\n%s", batch, diff)
		}
	}
	for batch, of := range everySelection() {
		placed(t, store, batch, of)
	}
	for _, err := range store.PayoutsFrom(t.Context(), "july", 0, ledger.SelectAll) {
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("an unknown batch: %v, want ErrNotFound", err)
		}
	}
	if _, err := store.Counts(t.Context(), "july"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown batch: %v, want ErrNotFound", err)
	}
	for _, err := range store.Notable(t.Context(), "july") {
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("an unknown batch: %v, want ErrNotFound", err)
		}
	}
}

// everySelection pairs both batches with every selection of their payouts.
func everySelection() iter.Seq2[ledger.BatchID, ledger.Selection] {
	return func(yield func(ledger.BatchID, ledger.Selection) bool) {
		for of := ledger.SelectAll; of <= ledger.SelectNotable; of++ {
			if !yield("may", of) || !yield("june", of) {
				return
			}
		}
	}
}

// placed reads a selection of a batch whole, and again in pages of one: both are what the payouts
// one by one come to, and their positions grow.
func placed(t *testing.T, store ledger.Store, batch ledger.BatchID, of ledger.Selection) {
	t.Helper()
	var want, whole, paged []ledger.TransactionID
	for _, p := range collect(t, store.Payouts(t.Context(), batch)) {
		if of.Has(p) {
			want = append(want, p.ID)
		}
	}
	last := uint32(0)
	for _, p := range collect(t, store.PayoutsFrom(t.Context(), batch, 0, of)) {
		if len(whole) > 0 && p.Position <= last {
			t.Errorf("%s, selection %d: position %d comes behind %d", batch, of, p.Position, last)
		}
		whole, last = append(whole, p.ID), p.Position
	}
	for from, more := uint32(0), true; more; {
		more = false
		for p, err := range store.PayoutsFrom(t.Context(), batch, from, of) {
			if err != nil {
				t.Fatal(err)
			}
			paged, from, more = append(paged, p.ID), p.Position+1, true
			break
		}
	}
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("%s, selection %d (-want +got):\n%s", batch, of, diff)
	}
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("%s, selection %d, page by page (-want +got):\n%s", batch, of, diff)
	}
}

// paidTo finds what a number was to be paid, in the store and in a view of it.
func paidTo(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 3)
	entries[2].Number = entries[0].Number
	enrol(t, store, "may", entries)
	apply(t, store, Move("A-00002", ledger.Queued, ledger.Cancelled))
	queued, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	look := func(name string, at ledger.View) {
		found, err := at.PaidTo(t.Context(), entries[0].Number, queued.QueuedAt)
		if err != nil || len(found) != 2 {
			t.Fatalf("%s: found %+v, %v, want both payouts of the number", name, found, err)
		}
		for i, id := range []ledger.TransactionID{"A-00000", "A-00002"} {
			want := ledger.Earlier{ID: id, Amount: entries[2*i].Amount, QueuedAt: queued.QueuedAt.Truncate(time.Second)}
			if found[i] != want {
				t.Errorf("%s: found %+v, want %+v", name, found[i], want)
			}
		}
		if later, err := at.PaidTo(t.Context(), entries[0].Number, queued.QueuedAt.Add(time.Minute)); err != nil || len(later) > 0 {
			t.Errorf("%s: found %+v, %v, of later", name, later, err)
		}
		if payout, err := at.Payout(t.Context(), "A-00002"); err != nil || payout.State != ledger.Cancelled {
			t.Errorf("%s: payout %+v, %v, want it cancelled", name, payout, err)
		}
	}
	look("the store", store)
	if err := store.View(t.Context(), func(view ledger.View) error { look("a view", view); return nil }); err != nil {
		t.Error(err)
	}
}

// auditLog writes a history and reads it back, from each of its events.
func auditLog(t *testing.T, store ledger.Store) {
	t.Helper()
	if count, hash, err := store.Head(t.Context()); count != 0 || hash != "" || err != nil {
		t.Errorf("an empty log stands at %d, %q, %v", count, hash, err)
	}
	enrol(t, store, "may", Entries("A", 2))
	sent := Move("A-00001", ledger.Queued, ledger.Submitting)
	paid := Move("A-00001", ledger.Submitting, ledger.Successful)
	paid.Answer = ledger.Answer{ProviderRef: "P-1", Code: "SUCCESSFUL", Fees: money.XOF.Fine(150), FeesKnown: true}
	apply(t, store, sent, paid)
	release := ledger.Act{Code: ledger.ActReleased, Batch: "may", At: sent.At, By: ledger.Person{Name: "awa"}, Count: ledger.Total{Count: 2, Amount: money.XOF.Of(1_000_000)}}
	if err := store.Record(t.Context(), release); err != nil {
		t.Fatal(err)
	}
	events := collect(t, store.Events(t.Context(), 0))
	if len(events) != 5 {
		t.Fatalf("%d events, want an enrolment, its seal, two moves and an act", len(events))
	}
	if e := events[1]; e.Act != ledger.ActSealed || e.Batch != "may" || e.Count.Count != 2 || e.Actor != ledger.EnrolActor {
		t.Errorf("the seal is %+v", e)
	}
	if e := events[0]; e.Batch != "may" || e.Enrolled != 2 || e.First != 1 || e.Digest == "" {
		t.Errorf("the enrolment is %+v", e)
	}
	if diff := cmp.Diff([]ledger.Change{sent, paid}, []ledger.Change{events[2].Change(), events[3].Change()}); diff != "" {
		t.Errorf("the moves (-made +logged):\n%s", diff)
	}
	if diff := cmp.Diff(release, events[4].AsAct()); diff != "" {
		t.Errorf("the act (-recorded +logged):\n%s", diff)
	}
	hashes := map[string]bool{}
	for i, event := range events {
		number := uint64(i) + 1
		hash, err := store.HashAt(t.Context(), number)
		if event.Sequence != number || event.Hash == "" || hash != event.Hash || err != nil {
			t.Errorf("event %d has number %d and hash %q; asked for, %q, %v", number, event.Sequence, event.Hash, hash, err)
		}
		hashes[event.Hash] = true
		if diff := cmp.Diff(events[i:], collect(t, store.Events(t.Context(), number))); diff != "" {
			t.Errorf("the log from event %d (-want +got):\n%s", number, diff)
		}
	}
	count, head, err := store.Head(t.Context())
	if count != 5 || head != events[4].Hash || err != nil || len(hashes) != 5 {
		t.Errorf("the log stands at %d, %q, %v, want its last event, and %d hashes of their own", count, head, err, len(events))
	}
	if beyond, err := store.HashAt(t.Context(), 6); beyond != "" || err != nil {
		t.Errorf("the hash of an event to come is %q, %v", beyond, err)
	}
	if left := collect(t, store.Events(t.Context(), 6)); len(left) > 0 {
		t.Errorf("the log goes on with %+v", left)
	}
	refused := Move("A-00001", ledger.Successful, ledger.Queued)
	if _, err := store.Apply(t.Context(), []ledger.Change{Move("A-00000", ledger.Queued, ledger.Submitting), refused}); err == nil {
		t.Error("a payout was taken back")
	}
	if after, hash, err := store.Head(t.Context()); after != 5 || hash != head || err != nil {
		t.Errorf("what was refused is in the log: it stands at %d, %v", after, err)
	}
}

// verifies proves a store of nothing and in use, and counts.
func verifies(t *testing.T, store ledger.Store) {
	t.Helper()
	if empty, err := store.Verify(t.Context()); err != nil || empty.Events != 0 || empty.Head != "" || empty.Payouts != 0 {
		t.Errorf("a store of nothing: %+v, %v", empty, err)
	}
	Reach(t, store, ledger.Queued, ledger.Successful, ledger.Successful, ledger.Failed)
	if err := store.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	found, err := store.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count, head, err := store.Head(t.Context())
	if err != nil || found.Events != count || found.Head != head || found.Payouts != 4 || found.Batches != 1 {
		t.Errorf("verified %+v, want 4 payouts of one batch, and the log at event %d, %v", found, count, err)
	}
	want := map[ledger.State]ledger.Total{
		ledger.Queued: {Count: 1, Amount: money.XOF.Of(100)}, ledger.Successful: {Count: 2, Amount: money.XOF.Of(203)}, ledger.Failed: {Count: 1, Amount: money.XOF.Of(103)},
	}
	if diff := cmp.Diff(want, found.ByState.Present()); diff != "" {
		t.Errorf("by state (-want +got):\n%s", diff)
	}
}

// rejectedFrom: whoever pages through the rows that were turned away meets each of them once, also
// after the file came back with fewer.
func rejectedFrom(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 2700)
	for i := range entries {
		if i%2 == 0 {
			entries[i].Rejections = []ledger.Rejection{{Code: "amount.zero"}}
		}
	}
	for _, turnedAway := range []int{1350, 600} {
		enrol(t, store, "may", entries)
		all := collect(t, store.RejectedRows(t.Context(), "may", 0))
		if len(all) != turnedAway {
			t.Fatalf("%d rows were turned away, want %d", len(all), turnedAway)
		}
		for _, after := range []int{1, 255, 256, 257, turnedAway - 1, turnedAway, turnedAway + 1, 1 << 40} {
			got := collect(t, store.RejectedRows(t.Context(), "may", after))
			if diff := cmp.Diff(all[min(after, len(all)):], got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("after %d (-want +got):\n%s", after, diff)
			}
		}
		entries = entries[:1200]
	}
}
