// Package ledgertest holds every implementation of ledger.Store to the contract
// that is written there. An implementation is right when Run passes.
package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Sharing holds a store to the part of the contract by which several that have one ledger share
// it. It is as Run otherwise.
func Sharing(t *testing.T, open func(t *testing.T) ledger.Store) {
	t.Helper()
	each(t, open, map[string]func(*testing.T, ledger.Store){
		"a payout is claimed by one worker":      claims,
		"what a worker lost is kept as evidence": fenced,
		"a person's act ends a claim":            personActs,
		"several goroutines may write":           concurrentWrites,
	})
}

// Run holds a store to its contract. Open returns an empty one, which the test
// that asked for it closes; it may verify the store when that test ends. After each test
// the store's log must lead to where the store stands.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	t.Helper()
	each(t, open, map[string]func(*testing.T, ledger.Store){
		"enrolled payouts are queued in file order":         enrolledInOrder,
		"enrolling again changes nothing":                   enrolTwice,
		"an enrolment cut short is completed by the next":   enrolCutShort,
		"a mended file adds what is new":                    enrolMended,
		"known ids with other terms are conflicts":          conflicts,
		"another batch may hold the same payouts":           adopted,
		"a payout has its row in each of its files":         sharedRows,
		"a file whose rows moved is followed to its end":    movedRows,
		"one ledger holds one place, one batch one key":     accounts,
		"acts are kept with their batch or the ledger":      acts,
		"a batch is paying by a release alone":              batchLife,
		"a release covers all that may be sent":             releaseCovers,
		"what people sign is kept, and found without moves": signed,
		"evidence only grows and forbids what it must":      evidence,
		"a correction keeps the terms of before":            corrections,
		"what was never sent may be given back":             givenBack,
		"an unused intent does not count":                   unusedIntents,
		"only legal moves are made":                         legalMoves,
		"a group of changes is applied whole or not at all": atomicGroups,
		"a payout is claimed by one worker":                 claims,
		"nothing is claimed of a batch that is not to pay":  claimsOfReleased,
		"what a worker lost is kept as evidence":            fenced,
		"a person's act ends a claim":                       personActs,
		"a retry needs a name nobody has":                   references,
		"open payouts are those that are not final":         openPayouts,
		"payouts can be asked for by state":                 byState,
		"what is counted and noted is what there is":        counted,
		"what a number was to be paid is found":             paidTo,
		"every write is in the audit log":                   auditLog,
		"a store in use verifies":                           verifies,
		"the latest come first, and no more than asked for": latest,
		"what is asked ahead is answered alike":             askedAhead,
		"a batch that nothing happened to is summed up":     untouched,
		"a batch that was begun is summed up":               begun,
		"a batch with nothing left to do is summed up":      over,
		"a loop may change what it reads":                   changeWhileReading,
		"several goroutines may write":                      concurrentWrites,
		"rejected rows begin anywhere":                      rejectedFrom,
		"what is unknown is not found":                      notFound,
		"a cancelled context ends the work":                 cancelled,
	})
}

// each has every test begin with a store of its own.
func each(t *testing.T, open func(t *testing.T) ledger.Store, tests map[string]func(*testing.T, ledger.Store)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			t.Cleanup(func() {
				if err := store.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test(t, store)
			Replayed(t, store)
		})
	}
}

// Batch returns a batch for tests.
func Batch(id ledger.BatchID) ledger.Batch {
	return ledger.Batch{
		ID: id, File: string(id) + ".csv", SHA256: "00", Account: ledger.Account{Place: "test"}, Currency: money.XOF,
		CreatedAt: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC),
	}
}

// Entries returns so many rows, named from a prefix.
func Entries(prefix string, count int) []ledger.Entry {
	entries := make([]ledger.Entry, count)
	for i := range entries {
		entries[i] = ledger.Entry{Row: i + 2, Terms: ledger.Terms{
			ID:     ledger.TransactionID(fmt.Sprintf("%s-%05d", prefix, i)),
			Number: phone.E164(fmt.Sprintf("+22507%08d", i)), Name: "Awa Koné",
			Amount: money.XOF.Of(int64(100 + i)), Country: "CI", Operator: "ORANGE", Note: "novembre",
		}}
	}
	return entries
}

// Each yields the entries.
func Each(entries []ledger.Entry) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// Move returns a change of a payout.
func Move(id ledger.TransactionID, from, to ledger.State) ledger.Change {
	return ledger.Change{ID: id, From: from, To: to, At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Actor: "test"}
}

func enrol(t *testing.T, store ledger.Store, id ledger.BatchID, entries []ledger.Entry) ledger.Enrolment {
	t.Helper()
	done, err := store.Enrol(t.Context(), Batch(id), Each(entries))
	if err != nil {
		t.Fatalf("enrol: %v", err)
	}
	return done
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for value, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	return all
}

func ids(payouts []ledger.Payout) []ledger.TransactionID {
	all := make([]ledger.TransactionID, len(payouts))
	for i, payout := range payouts {
		all[i] = payout.ID
	}
	return all
}

func apply(t *testing.T, store ledger.Store, changes ...ledger.Change) {
	t.Helper()
	if _, err := store.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, store ledger.Store, id ledger.TransactionID) ledger.State {
	t.Helper()
	payout, err := store.Payout(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return payout.State
}

func enrolledInOrder(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 2500)
	entries[7], entries[2000] = entries[2000], entries[7] // ids need not be sorted
	entries[7].Row, entries[2000].Row = 9, 2002
	rejected := ledger.Entry{Row: 9000, Rejections: []ledger.Rejection{{Code: "amount.zero"}}}
	done := enrol(t, store, "may", append(entries, rejected))
	if done.New.Count != 2500 || done.Known.Count != 0 || done.Rejected.Count != 1 {
		t.Errorf("enrolled %+v", done)
	}
	payouts := collect(t, store.Payouts(t.Context(), "may"))
	for i, payout := range payouts {
		want := entries[i]
		if payout.Terms != want.Terms || payout.Row != want.Row || payout.State != ledger.Queued ||
			payout.Attempt != 1 || payout.Reference != ledger.Reference(want.ID) || payout.Batch != "may" {
			t.Fatalf("payout %d is %+v, want %+v queued", i, payout, want)
		}
	}
	if len(payouts) != 2500 {
		t.Errorf("%d payouts, want 2500", len(payouts))
	}
	if diff := cmp.Diff([]ledger.Entry{rejected}, collect(t, store.RejectedRows(t.Context(), "may", 0))); diff != "" {
		t.Errorf("rejected rows (-want +got):\n%s", diff)
	}
	if behind := collect(t, store.RejectedRows(t.Context(), "may", 1)); len(behind) != 0 {
		t.Errorf("behind the last rejected row: %+v", behind)
	}
	batches, err := store.Batches(t.Context())
	if err != nil || len(batches) != 1 || !batches[0].Sealed {
		t.Fatalf("batches %+v, %v, want one, sealed", batches, err)
	}
	if b := batches[0]; b.Accepted.Count != 2500 || b.Rejected != (ledger.Total{Count: 1, Amount: rejected.Amount}) {
		t.Errorf("control totals %+v and %+v, want those of the file", b.Accepted, b.Rejected)
	}
}

func enrolTwice(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 1200)
	enrol(t, store, "may", entries)
	apply(t, store, Move("A-00003", ledger.Queued, ledger.Cancelled))
	before := collect(t, store.Payouts(t.Context(), "may"))
	done := enrol(t, store, "may", entries)
	if done.New.Count != 0 || done.Known.Count != 1200 {
		t.Errorf("enrolled again: %+v, want all known", done)
	}
	if diff := cmp.Diff(before, collect(t, store.Payouts(t.Context(), "may"))); diff != "" {
		t.Errorf("payouts changed (-before +after):\n%s", diff)
	}
}

func enrolCutShort(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 2300)
	cut := errors.New("the file ended")
	_, err := store.Enrol(t.Context(), Batch("may"), func(yield func(ledger.Entry, error) bool) {
		for _, entry := range entries[:1700] {
			if !yield(entry, nil) {
				return
			}
		}
		yield(ledger.Entry{}, cut)
	})
	if !errors.Is(err, cut) {
		t.Fatalf("error %v, want the iterator's own", err)
	}
	if batches, err := store.Batches(t.Context()); err != nil || len(batches) != 1 || batches[0].Sealed {
		t.Errorf("batches %+v, %v, want one, not sealed", batches, err)
	}
	done := enrol(t, store, "may", entries)
	if done.New.Count+done.Known.Count != 2300 {
		t.Errorf("completed: %+v, want 2300 in all", done)
	}
	if got := ids(collect(t, store.Payouts(t.Context(), "may"))); len(got) != 2300 || got[2299] != entries[2299].ID {
		t.Errorf("%d payouts, want 2300 in order", len(got))
	}
}

func enrolMended(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 4)
	bad := entries[1]
	bad.Rejections = []ledger.Rejection{{Code: "number.length", Value: "07", Details: map[string]string{"digits": "2"}}}
	enrol(t, store, "may", []ledger.Entry{entries[0], bad, entries[2]})
	moved := entries[2]
	moved.Row = 40
	done := enrol(t, store, "may", []ledger.Entry{entries[0], entries[1], moved, entries[3]})
	if done.New.Count != 2 || done.Known.Count != 2 || done.Rejected.Count != 0 {
		t.Errorf("enrolled %+v, want two new and two known", done)
	}
	if rejected := collect(t, store.RejectedRows(t.Context(), "may", 0)); len(rejected) != 0 {
		t.Errorf("still rejected: %+v", rejected)
	}
	for _, payout := range collect(t, store.Payouts(t.Context(), "may")) {
		if payout.ID == moved.ID && payout.Row != 40 {
			t.Errorf("%s is in row %d, want 40", payout.ID, payout.Row)
		}
	}
	// What the file no longer has stays, in row 0, until it comes back. A row in other
	// terms is in the file.
	other := entries[1]
	other.Amount.Minor++
	enrol(t, store, "may", []ledger.Entry{entries[0], other, moved})
	rows := func() (rows []int) {
		for _, payout := range collect(t, store.Payouts(t.Context(), "may")) {
			rows = append(rows, payout.Row)
		}
		return rows
	}
	if diff := cmp.Diff([]int{entries[0].Row, 40, entries[1].Row, 0}, rows()); diff != "" {
		t.Errorf("rows of the shorter file (-want +got):\n%s", diff)
	}
	enrol(t, store, "may", []ledger.Entry{entries[0], entries[1], moved, entries[3]})
	if diff := cmp.Diff([]int{entries[0].Row, 40, entries[1].Row, entries[3].Row}, rows()); diff != "" {
		t.Errorf("rows of the whole file (-want +got):\n%s", diff)
	}
}

func conflicts(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 4)
	enrol(t, store, "may", entries)
	amount, number, operator, name := entries[0], entries[1], entries[2], entries[3]
	amount.Amount, number.Number, operator.Operator, name.Name = money.XOF.Of(9999), "+2250500000000", "MTN", "Awa Kone"
	done := enrol(t, store, "may", []ledger.Entry{amount, number, operator, name})
	var fields []string
	for _, conflict := range done.Conflicts {
		if !errors.Is(conflict, ledger.ErrConflict) {
			t.Errorf("%v is no ErrConflict", conflict)
		}
		fields = append(fields, conflict.Field)
	}
	if diff := cmp.Diff([]string{"amount", "number", "operator"}, fields); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
	if done.Rejected.Count != 3 || done.Known.Count != 1 {
		t.Errorf("enrolled %+v, want three rejected and one known", done)
	}
	if payout, err := store.Payout(t.Context(), amount.ID); err != nil || payout.Amount != entries[0].Amount {
		t.Errorf("the recorded payout is %+v, %v, want it untouched", payout, err)
	}
}

func adopted(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 5)
	enrol(t, store, "may", entries[1:3])
	for i := range entries {
		entries[i].Row += 10
	}
	done := enrol(t, store, "may-2", entries)
	if done.New.Count != 3 || done.Known.Count != 2 {
		t.Errorf("enrolled %+v, want three new and two known", done)
	}
	enrol(t, store, "may-2", entries)
	want := []ledger.TransactionID{"A-00000", "A-00001", "A-00002", "A-00003", "A-00004"}
	if diff := cmp.Diff(want, ids(collect(t, store.Payouts(t.Context(), "may-2")))); diff != "" {
		t.Errorf("payouts (-want +got):\n%s", diff)
	}
	apply(t, store, Move("A-00001", ledger.Queued, ledger.Cancelled))
	open := collect(t, store.Payouts(t.Context(), "may-2", ledger.OpenStates()...))
	if diff := cmp.Diff([]ledger.TransactionID{"A-00000", "A-00002", "A-00003", "A-00004"}, ids(open)); diff != "" {
		t.Errorf("open payouts (-want +got):\n%s", diff)
	}
	if open[1].Batch != "may" || open[1].Row != entries[2].Row {
		t.Errorf("the adopted payout is of batch %q in row %d, want may and %d", open[1].Batch, open[1].Row, entries[2].Row)
	}
}

// paths lead from queued to each state.
func paths() map[ledger.State][]ledger.State {
	return map[ledger.State][]ledger.State{
		ledger.Queued:     {},
		ledger.Submitting: {ledger.Submitting},
		ledger.Unknown:    {ledger.Submitting, ledger.Unknown},
		ledger.Pending:    {ledger.Submitting, ledger.Pending},
		ledger.Successful: {ledger.Submitting, ledger.Successful},
		ledger.Failed:     {ledger.Submitting, ledger.Failed},
		ledger.Cancelled:  {ledger.Cancelled},
	}
}

func legalMoves(t *testing.T, store ledger.Store) {
	t.Helper()
	legal := map[[2]ledger.State]ledger.Transition{}
	for _, move := range ledger.Transitions() {
		legal[[2]ledger.State{move.From, move.To}] = move
	}
	entries := Entries("A", len(ledger.States())*len(ledger.States()))
	enrol(t, store, "may", entries)
	next := 0
	for _, from := range ledger.States() {
		for _, to := range ledger.States() {
			id := entries[next].ID
			next++
			at := ledger.Queued
			for _, step := range paths()[from] {
				apply(t, store, Move(id, at, step))
				at = step
			}
			change := Move(id, from, to)
			move, allowed := legal[[2]ledger.State{from, to}]
			if move.NewAttempt {
				change.Reference = ledger.Reference(id) + "-2"
			}
			if move.ByPerson {
				change.Resolution = &ledger.Resolution{Paid: to == ledger.Successful, Because: "seen", At: change.At}
			}
			_, err := store.Apply(t.Context(), []ledger.Change{change})
			var illegal *ledger.TransitionError
			switch {
			case allowed && (err != nil || state(t, store, id) != to):
				t.Errorf("%s → %s: %v, recorded %s", from, to, err, state(t, store, id))
			case !allowed && (!errors.As(err, &illegal) || illegal.From != from || illegal.To != to || illegal.ID != id):
				t.Errorf("%s → %s: %v, want a TransitionError that names all three", from, to, err)
			case !allowed && state(t, store, id) != from:
				t.Errorf("%s → %s was refused but recorded", from, to)
			}
		}
	}
}

func atomicGroups(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 3))
	_, err := store.Apply(t.Context(), []ledger.Change{
		Move("A-00000", ledger.Queued, ledger.Submitting),
		Move("A-00001", ledger.Pending, ledger.Successful),
	})
	if err == nil || state(t, store, "A-00000") != ledger.Queued {
		t.Errorf("error %v, A-00000 is %s, want an error and nothing changed", err, state(t, store, "A-00000"))
	}
	apply(t, store,
		Move("A-00000", ledger.Queued, ledger.Submitting),
		Move("A-00000", ledger.Submitting, ledger.Unknown),
		Move("A-00000", ledger.Unknown, ledger.Queued))
	if payout, err := store.Payout(t.Context(), "A-00000"); err != nil || payout.State != ledger.Queued || !payout.Doubted {
		t.Errorf("payout %+v, %v, want it queued again and doubted", payout, err)
	}
}

func references(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 3))
	for _, id := range []ledger.TransactionID{"A-00000", "A-00001"} {
		apply(t, store, Move(id, ledger.Queued, ledger.Submitting), Move(id, ledger.Submitting, ledger.Failed))
	}
	again := Move("A-00000", ledger.Failed, ledger.Queued)
	if _, err := store.Apply(t.Context(), []ledger.Change{again}); err == nil {
		t.Error("a new attempt without a name was accepted")
	}
	again.Reference = "A-00002"
	if _, err := store.Apply(t.Context(), []ledger.Change{again}); !errors.Is(err, ledger.ErrReferenceTaken) {
		t.Errorf("the name of another payout: %v, want ErrReferenceTaken", err)
	}
	again.Reference = "A-00000-2"
	apply(t, store, again)
	other := Move("A-00001", ledger.Failed, ledger.Queued)
	other.Reference = "A-00000-2"
	if _, err := store.Apply(t.Context(), []ledger.Change{other}); !errors.Is(err, ledger.ErrReferenceTaken) {
		t.Errorf("the name of another attempt: %v, want ErrReferenceTaken", err)
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil || payout.Attempt != 2 || payout.Reference != "A-00000-2" || payout.Answer != (ledger.Answer{}) || !payout.SettledAt.IsZero() {
		t.Errorf("payout %+v, %v, want a fresh second attempt", payout, err)
	}
	for reference, want := range map[ledger.Reference]ledger.TransactionID{
		"A-00000": "A-00000", "A-00000-2": "A-00000", "A-00002": "A-00002", "A-00000-3": "",
	} {
		if found, err := store.ByReference(t.Context(), reference); found.ID != want || (want == "") != errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("the provider's %q is %q here (%v), want %q", reference, found.ID, err, want)
		}
	}
	taken := Entries("B", 1)
	taken[0].ID = "A-00000-2"
	if done := enrol(t, store, "june", taken); done.Rejected.Count != 1 {
		t.Errorf("a payout under the name of an attempt: %+v, want it rejected", done)
	}
}

func openPayouts(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 1400)
	enrol(t, store, "may", entries)
	var settle []ledger.Change
	for _, entry := range entries[:1300] {
		settle = append(settle, Move(entry.ID, ledger.Queued, ledger.Submitting), Move(entry.ID, ledger.Submitting, ledger.Successful))
	}
	apply(t, store, settle...)
	if open := collect(t, store.Payouts(t.Context(), "may", ledger.OpenStates()...)); len(open) != 100 || open[0].ID != entries[1300].ID {
		t.Errorf("%d open payouts, want the last 100", len(open))
	}
}

func changeWhileReading(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 1500))
	seen := 0
	for payout, err := range store.Payouts(t.Context(), "may", ledger.OpenStates()...) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if seen%100 == 0 {
			apply(t, store, Move(payout.ID, ledger.Queued, ledger.Cancelled))
		}
	}
	if open := collect(t, store.Payouts(t.Context(), "may", ledger.OpenStates()...)); seen != 1500 || len(open) != 1485 {
		t.Errorf("saw %d, %d left open, want 1500 and 1485", seen, len(open))
	}
}

func concurrentWrites(t *testing.T, store ledger.Store) {
	t.Helper()
	const writers, each = 8, 40
	entries := Entries("A", writers*each)
	enrol(t, store, "may", entries)
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for _, entry := range entries[writer*each : (writer+1)*each] {
				if _, err := store.Apply(t.Context(), []ledger.Change{Move(entry.ID, ledger.Queued, ledger.Cancelled)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if open := collect(t, store.Payouts(t.Context(), "may", ledger.OpenStates()...)); len(open) != 0 {
		t.Errorf("%d are still open", len(open))
	}
}

func notFound(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 1))
	if found, err := store.Batch(t.Context(), "may"); err != nil || found.ID != "may" || !found.Sealed || found.Accepted.Count != 1 {
		t.Errorf("batch %+v, %v", found, err)
	}
	if _, err := store.Batch(t.Context(), "june"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("batch: %v, want ErrNotFound", err)
	}
	if _, err := store.Payout(t.Context(), "B"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("payout: %v, want ErrNotFound", err)
	}
	if _, err := store.Apply(t.Context(), []ledger.Change{Move("B", ledger.Queued, ledger.Submitting)}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("apply: %v, want ErrNotFound", err)
	}
	for _, err := range store.Payouts(t.Context(), "june") {
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("batch: %v, want ErrNotFound", err)
		}
	}
	for _, err := range store.RejectedRows(t.Context(), "june", 0) {
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("rejected rows: %v, want ErrNotFound", err)
		}
	}
}

func cancelled(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 2))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Apply(ctx, []ledger.Change{Move("A-00000", ledger.Queued, ledger.Submitting)}); !errors.Is(err, context.Canceled) {
		t.Errorf("apply: %v, want context.Canceled", err)
	}
	if got := state(t, store, "A-00000"); got != ledger.Queued {
		t.Errorf("the payout is %s, want queued", got)
	}
	if _, err := store.Enrol(ctx, Batch("june"), Each(Entries("B", 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("enrol: %v, want context.Canceled", err)
	}
	for _, err := range store.Payouts(ctx, "may") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("payouts: %v, want context.Canceled", err)
		}
	}
}
