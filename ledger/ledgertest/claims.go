package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
)

func join(t *testing.T, store ledger.Store, worker string) ledger.Claim {
	t.Helper()
	claim, err := store.Join(t.Context(), worker)
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

// claimedAt is the time of intents.
var claimedAt = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a moment, never written to

// claim claims payouts and returns those that were got, and those whose changes were lost.
func claim(t *testing.T, store ledger.Store, by ledger.Claim, payouts []ledger.TransactionID, changes ...ledger.Change) ledger.Claimed {
	t.Helper()
	claimed, err := store.Claim(t.Context(), ledger.ClaimRequest{
		Claim: by, Payouts: payouts, Changes: changes, At: claimedAt, Actor: "engine",
	})
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

// held returns a change under a claim, of a first attempt.
func held(by ledger.Claim, id ledger.TransactionID, from, to ledger.State) ledger.Change {
	change := Move(id, from, to)
	change.Claim, change.Attempt = by, 1
	return change
}

// lost applies changes of which those of the named payouts must be lost.
func lost(t *testing.T, store ledger.Store, want []ledger.TransactionID, changes ...ledger.Change) {
	t.Helper()
	found, err := store.Apply(t.Context(), changes)
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("lost, %v (-want +got):\n%s", err, diff)
	}
}

// claims has two workers share a batch: each payout is one's, in the order asked for.
func claims(t *testing.T, store ledger.Store) {
	t.Helper()
	first, second := join(t, store, "one"), join(t, store, "two") // before there is anything
	enrol(t, store, "may", Entries("A", 4))
	apply(t, store, Move("A-00003", ledger.Queued, ledger.Cancelled))
	if first == second || second.Epoch <= first.Epoch {
		t.Errorf("claims %+v and %+v, want a later epoch each time", first, second)
	}
	mine := claim(t, store, first, []ledger.TransactionID{"A-00002", "A-00000"})
	if diff := cmp.Diff([]ledger.TransactionID{"A-00002", "A-00000"}, ids(mine.Payouts)); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	for _, p := range mine.Payouts {
		kept, err := store.Payout(t.Context(), p.ID)
		if diff := cmp.Diff(p, kept); diff != "" || err != nil || p.State != ledger.Submitting || p.Intents != 1 {
			t.Errorf("claimed %+v, %v, want it submitting and as the store has it:\n%s", p, err, diff)
		}
	}
	theirs := claim(t, store, second, []ledger.TransactionID{"A-00000", "A-00001", "A-00003"})
	if diff := cmp.Diff([]ledger.TransactionID{"A-00001"}, ids(theirs.Payouts)); diff != "" {
		t.Errorf("claimed by the other (-want +got):\n%s", diff)
	}
	if _, err := store.Claim(t.Context(), ledger.ClaimRequest{Claim: first, Payouts: []ledger.TransactionID{"B"}}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("claim of an unknown payout: %v, want ErrNotFound", err)
	}
	// Changes ride with the next window, also that which gives a payout back.
	given := held(first, "A-00002", ledger.Submitting, ledger.Queued)
	given.Unused = true
	again := claim(t, store, first, []ledger.TransactionID{"A-00002"}, given, held(first, "A-00000", ledger.Submitting, ledger.Successful))
	if len(again.Payouts) != 1 || again.Payouts[0].Intents != 1 || len(again.Lost) > 0 || state(t, store, "A-00000") != ledger.Successful {
		t.Errorf("claimed %+v, want what was given back in the same commit", again)
	}
	last := collect(t, store.Events(t.Context(), 0))
	if e := last[len(last)-1]; e.Worker != first.Worker || e.Epoch != first.Epoch || e.Attempt != 1 || e.To != ledger.Submitting {
		t.Errorf("the last event is %+v, want the intent under its claim", e)
	}
}

// claimsOfReleased has rows enter a batch that is paid, and has it wait for a time: nothing is
// claimed, with what comes along, before somebody released it for that moment.
func claimsOfReleased(t *testing.T, store ledger.Store) {
	t.Helper()
	by := join(t, store, "one")
	first := Entries("A", 3)
	enrol(t, store, "may", first)
	request := ledger.ClaimRequest{Claim: by, Batch: "may", Payouts: []ledger.TransactionID{"A-00000"}, At: claimedAt, Actor: "engine"}
	refused := func(want error) {
		t.Helper()
		if claimed, err := store.Claim(t.Context(), request); !errors.Is(err, want) || len(claimed.Payouts) > 0 {
			t.Errorf("claimed %+v, %v, want nothing and %v", claimed, err, want)
		}
	}
	released := func(notBefore time.Time) {
		t.Helper()
		act := ledger.Act{Code: ledger.ActReleased, Batch: "may", At: claimedAt, By: ledger.Person{Name: "awa"}, Text: ledger.ReleaseTime(notBefore)}
		if err := store.Record(t.Context(), act); err != nil {
			t.Fatal(err)
		}
	}
	refused(ledger.ErrUnreleased)
	released(time.Time{})
	if claimed, err := store.Claim(t.Context(), request); err != nil || len(claimed.Payouts) != 1 {
		t.Fatalf("claimed %+v, %v, want one payout", claimed, err)
	}
	enrol(t, store, "may", append(first, Entries("B", 1)...))
	request.Payouts = []ledger.TransactionID{"A-00001", "B-00000"}
	request.Changes = []ledger.Change{held(by, "A-00000", ledger.Submitting, ledger.Pending)}
	refused(ledger.ErrUnreleased)
	if at := state(t, store, "A-00000"); at != ledger.Submitting {
		t.Errorf("A-00000 is %s, want nothing changed", at)
	}
	released(claimedAt.Add(time.Minute))
	refused(ledger.ErrNotYet)
	request.At = claimedAt.Add(time.Minute)
	if claimed, err := store.Claim(t.Context(), request); err != nil || len(claimed.Payouts) != 2 || state(t, store, "A-00000") != ledger.Pending {
		t.Errorf("claimed %+v, %v, want both and the change", claimed, err)
	}
	// Of what others sent or ended meanwhile there is nothing to ask.
	enrol(t, store, "may", Entries("C", 1))
	request.Changes = nil
	if claimed, err := store.Claim(t.Context(), request); err != nil || len(claimed.Payouts) > 0 {
		t.Errorf("claimed %+v, %v, want nothing", claimed, err)
	}
	request.Batch, request.Payouts = "nowhere", []ledger.TransactionID{"C-00000"}
	refused(ledger.ErrNotFound)
}

// fenced has a worker go on with what another has: its moves are lost, its evidence is
// kept, and nothing else is held up.
func fenced(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 5))
	gone, here := join(t, store, "one"), join(t, store, "two")
	all := []ledger.TransactionID{"A-00000", "A-00001", "A-00002", "A-00003"}
	claim(t, store, gone, all)
	if taken, err := store.TakeOver(t.Context(), here, all); err != nil || len(taken) > 0 {
		t.Fatalf("taken over %+v, %v, from somebody at work", taken, err)
	}
	if err := store.Leave(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	taken, err := store.TakeOver(t.Context(), here, []ledger.TransactionID{"A-00000", "A-00001", "A-00002", "A-00004"})
	if diff := cmp.Diff(all[:3], ids(taken)); diff != "" || err != nil {
		t.Fatalf("taken over, %v (-want +got):\n%s", err, diff)
	}
	lost(t, store, nil, held(here, "A-00001", ledger.Submitting, ledger.Unknown))

	paid := held(gone, "A-00000", ledger.Submitting, ledger.Successful)
	paid.Answer = ledger.Answer{ProviderRef: "P-0", Code: "SUCCESSFUL"}
	nothing := held(gone, "A-00001", ledger.Submitting, ledger.Unknown)
	ahead := held(here, "A-00004", ledger.Queued, ledger.Pending)
	lost(t, store, []ledger.TransactionID{"A-00000", "A-00001"}, paid, nothing, ahead, held(here, "A-00002", ledger.Submitting, ledger.Pending))

	heard, err := store.Payout(t.Context(), "A-00000")
	if err != nil || heard.State != ledger.Submitting || heard.Said != ledger.SaidSuccessful || heard.Answer.ProviderRef != "P-0" || heard.Intents != 1 {
		t.Errorf("the payout is %+v, %v, want it where it was, with what was heard", heard, err)
	}
	if quiet, err := store.Payout(t.Context(), "A-00001"); err != nil || quiet.Said != 0 || quiet.State != ledger.Unknown {
		t.Errorf("the payout is %+v, %v, want it as its holder left it", quiet, err)
	}
	if state(t, store, "A-00002") != ledger.Pending || state(t, store, "A-00004") != ledger.Pending {
		t.Error("what was not lost was not made either")
	}
	// What was heard forbids the holder to let it go again, which is no defect of theirs.
	lost(t, store, nil, held(here, "A-00000", ledger.Submitting, ledger.Unknown))
	lost(t, store, []ledger.TransactionID{"A-00000"}, held(here, "A-00000", ledger.Unknown, ledger.Queued))
	lost(t, store, nil, held(here, "A-00000", ledger.Unknown, ledger.Successful))
	var illegal *ledger.TransitionError
	if _, err := store.Apply(t.Context(), []ledger.Change{held(here, "A-00002", ledger.Unknown, ledger.Queued)}); !errors.As(err, &illegal) {
		t.Errorf("a holder who is wrong about the state: %v, want a TransitionError", err)
	}
}

// personActs has a person move payouts that a worker holds.
func personActs(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 2))
	by := join(t, store, "one")
	claim(t, store, by, []ledger.TransactionID{"A-00000", "A-00001"})
	apply(t, store, Move("A-00000", ledger.Submitting, ledger.Failed))
	again := Move("A-00000", ledger.Failed, ledger.Queued)
	again.Reference = "A-00000-2"
	apply(t, store, again)
	late := held(by, "A-00000", ledger.Submitting, ledger.Successful)
	lost(t, store, []ledger.TransactionID{"A-00000"}, late)
	lost(t, store, nil, held(by, "A-00001", ledger.Submitting, ledger.Successful))
	after, err := store.Payout(t.Context(), "A-00000")
	if err != nil || after.State != ledger.Queued || after.Said != 0 || !after.Earlier[0].Said.Has(ledger.SaidSuccessful) {
		t.Errorf("the payout is %+v, %v, want the late word kept with the attempt it is about", after, err)
	}
	if claimed := claim(t, store, by, []ledger.TransactionID{"A-00000"}); len(claimed.Payouts) > 0 {
		t.Errorf("claimed %+v, although an earlier attempt was paid", claimed)
	}
}
