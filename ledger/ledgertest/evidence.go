package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
)

func accounts(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 1))
	elsewhere := Batch("june")
	elsewhere.Account.Place = "elsewhere"
	anotherKey := Batch("may")
	anotherKey.Account.Key = "another"
	for name, other := range map[string]ledger.Batch{"another place": elsewhere, "another key": anotherKey} {
		if _, err := store.Enrol(t.Context(), other, Each(Entries("B", 1))); !errors.Is(err, ledger.ErrAccount) {
			t.Errorf("%s: error %v, want ErrAccount", name, err)
		}
	}
	euros := Batch("may")
	euros.Currency = "EUR"
	if _, err := store.Enrol(t.Context(), euros, Each(Entries("B", 1))); !errors.Is(err, ledger.ErrCurrency) {
		t.Errorf("the batch in another currency: error %v, want ErrCurrency", err)
	}
	of := Batch("july")
	of.Account.Key = "another"
	if _, err := store.Enrol(t.Context(), of, Each(Entries("C", 1))); err != nil {
		t.Errorf("another batch under another key of the place: %v", err)
	}
}

func acts(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 1))
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	by := ledger.Person{Name: "awa", Host: "pay-1", Confirmed: "typed"}
	for _, act := range []ledger.Act{
		{Code: ledger.ActReleased, Batch: "may", At: at, By: by, Count: ledger.Total{Count: 1, Amount: money.XOF.Of(100)}, Text: ledger.ReleaseTime(at.Add(48 * time.Hour))},
		{Code: ledger.ActKeyAccepted, Batch: "may", At: at, By: by, Text: "new"},
		{Code: ledger.ActRepeatAnswered, Batch: "may", At: at, By: by, Count: ledger.Total{Count: 58}},
		{Code: ledger.ActWriter, At: at, By: by},
		{Code: ledger.ActWriter, At: at, By: by},
		{Code: ledger.ActRestored, At: at, By: by},
		{Code: ledger.ActAdopted, At: at.Add(time.Hour), By: by},
	} {
		if err := store.Record(t.Context(), act); err != nil {
			t.Errorf("%s: %v", act.Code, err)
		}
	}
	move := Move("A-00000", ledger.Queued, ledger.Cancelled)
	move.By = by
	Apply(t, store, move)
	for event, err := range store.Events(t.Context(), 0) {
		if err != nil || event.Payout != "" && event.By != by {
			t.Errorf("the move is %+v, %v, want it asked for by %+v", event, err, by)
		}
	}
	batches, err := store.Batches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Release{At: at, By: by, Count: ledger.Total{Count: 1, Amount: money.XOF.Of(100)}, NotBefore: at.Add(48 * time.Hour)}
	if b := batches[0]; b.Release == nil || *b.Release != want || b.Account.Key != "new" {
		t.Errorf("batch %+v, want it released %+v and paid with the new key", b, want)
	}
	identity, err := store.Identity(t.Context())
	if err != nil || identity.ID == "" || !identity.Restored.Equal(at) || !identity.LookFirst.Equal(at.Add(time.Hour)) {
		t.Errorf("identity %+v, %v, want it restored and adopted later", identity, err)
	}
	if diff := cmp.Diff([]string{"awa@pay-1"}, identity.Writers); diff != "" || !identity.Wrote(by) {
		t.Errorf("writers (-want +got):\n%s", diff)
	}
	for name, act := range map[string]ledger.Act{
		"of no batch that is known": {Code: ledger.ActReleased, Batch: "june", At: at},
		"at no time":                {Code: ledger.ActReleased, Batch: "may", At: at, Text: "tomorrow"},
		"at a time of another zone": {Code: ledger.ActReleased, Batch: "may", At: at, Text: "2026-12-01T09:00:00+01:00"},
		"of a batch, without one":   {Code: ledger.ActReleased, At: at},
		"of the ledger, with one":   {Code: ledger.ActAdopted, Batch: "may", At: at},
		"of no known kind":          {Code: "unheard of", At: at},
	} {
		if err := store.Record(t.Context(), act); err == nil {
			t.Errorf("an act %s was recorded", name)
		}
	}
}

func evidence(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 4)
	enrol(t, store, "may", entries)
	refused := func(what string, change ledger.Change) {
		t.Helper()
		var forbidden *ledger.EvidenceError
		if _, err := store.Apply(t.Context(), []ledger.Change{change}); !errors.As(err, &forbidden) || forbidden.ID != change.ID {
			t.Errorf("%s: %v, want an EvidenceError", what, err)
		}
	}
	// A transfer that the provider once named is never released as not found.
	named := entries[0].ID
	doubt := Move(named, ledger.Submitting, ledger.Unknown)
	doubt.Answer.ProviderRef = "DP-1"
	apply(t, store, Move(named, ledger.Queued, ledger.Submitting), doubt)
	refused("a release of what was named", Move(named, ledger.Unknown, ledger.Queued))

	// A failed payout that the provider later calls paid gets no new attempt
	// before a person has looked, and then keeps what was said.
	failed := entries[1].ID
	apply(t, store, Move(failed, ledger.Queued, ledger.Submitting), Move(failed, ledger.Submitting, ledger.Failed))
	contrary := Move(failed, ledger.Failed, ledger.Failed)
	contrary.Said = ledger.SaidSuccessful
	contrary.Difference = &ledger.Difference{Code: "paid_there", Recorded: ledger.Failed, Said: "successful", At: contrary.At}
	apply(t, store, contrary)
	again := Move(failed, ledger.Failed, ledger.Queued)
	again.Reference = "R-1"
	refused("a new attempt of what is called paid", again)
	resolved := Move(failed, ledger.Failed, ledger.Failed)
	resolved.At = contrary.At.Add(time.Hour)
	resolved.Resolution = &ledger.Resolution{Because: "their support says no", At: resolved.At}
	apply(t, store, resolved, again)
	payout, err := store.Payout(t.Context(), failed)
	if err != nil || payout.State != ledger.Queued || len(payout.Differences) != 1 || len(payout.Earlier) != 1 ||
		!payout.Earlier[0].Said.Has(ledger.SaidSuccessful) {
		t.Errorf("payout %+v, %v, want the difference and the evidence kept", payout, err)
	}
	// What is heard of the first attempt holds back the second.
	late := Move(failed, ledger.Queued, ledger.Queued)
	late.About, late.Said = ledger.Reference(failed), ledger.SaidSuccessful
	late.Difference = &ledger.Difference{Code: "paid_there", Said: "successful", At: resolved.At.Add(time.Hour)}
	apply(t, store, late)
	refused("a send beside a paid attempt", Move(failed, ledger.Queued, ledger.Submitting))
	elsewhere := late
	elsewhere.About = "nobody"
	if _, err := store.Apply(t.Context(), []ledger.Change{elsewhere}); err == nil {
		t.Error("something was heard of an attempt that never was")
	}
}

func corrections(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 2)
	enrol(t, store, "may", entries)
	id := entries[0].ID
	corrected := entries[0].Terms
	corrected.Number, corrected.Amount = "+2250700000099", money.XOF.Of(999)
	early := Move(id, ledger.Queued, ledger.Submitting)
	early.Terms = &corrected
	if _, err := store.Apply(t.Context(), []ledger.Change{early}); err == nil {
		t.Error("terms changed without a new attempt")
	}
	apply(t, store, Move(id, ledger.Queued, ledger.Submitting), Move(id, ledger.Submitting, ledger.Failed))
	again := Move(id, ledger.Failed, ledger.Queued)
	again.Reference, again.Terms = "R-1", &corrected
	apply(t, store, again)
	payout, err := store.Payout(t.Context(), id)
	if err != nil || payout.Terms != corrected || payout.Accepted() != entries[0].Terms || payout.Earlier[0].Terms != entries[0].Terms {
		t.Errorf("payout %+v, %v, want the new terms with the old ones kept", payout, err)
	}
	mended := entries
	mended[0].Terms = corrected
	if done := enrol(t, store, "may", mended); done.Known.Count != 2 || len(done.Conflicts) != 0 {
		t.Errorf("the corrected file: %+v, want both rows known", done)
	}
	renamed := Move(id, ledger.Queued, ledger.Submitting)
	apply(t, store, renamed, Move(id, ledger.Submitting, ledger.Failed))
	stranger := corrected
	stranger.ID = "X"
	other := Move(id, ledger.Failed, ledger.Queued)
	other.Reference, other.Terms = "R-2", &stranger
	if _, err := store.Apply(t.Context(), []ledger.Change{other}); err == nil {
		t.Error("a correction changed the id")
	}
}

func givenBack(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 2)
	enrol(t, store, "may", entries)
	never, sent := entries[0].ID, entries[1].ID
	apply(t, store, Move(never, ledger.Queued, ledger.Cancelled))
	back := Move(never, ledger.Cancelled, ledger.Queued)
	back.Reference = "R-1"
	apply(t, store, back)
	apply(t, store, Move(sent, ledger.Queued, ledger.Submitting), Move(sent, ledger.Submitting, ledger.Queued),
		Move(sent, ledger.Queued, ledger.Cancelled))
	back = Move(sent, ledger.Cancelled, ledger.Queued)
	back.Reference = "R-2"
	if _, err := store.Apply(t.Context(), []ledger.Change{back}); !errors.Is(err, ledger.ErrEvidence) {
		t.Errorf("a payout that may have been sent was given back: %v, want ErrEvidence", err)
	}
}

func unusedIntents(t *testing.T, store ledger.Store) {
	t.Helper()
	id := Entries("A", 1)[0].ID
	enrol(t, store, "may", Entries("A", 1))
	sending := Move(id, ledger.Queued, ledger.Submitting)
	unused := Move(id, ledger.Submitting, ledger.Queued)
	unused.Unused = true
	apply(t, store, sending, unused)
	if payout, err := store.Payout(t.Context(), id); err != nil || payout.Intents != 0 || !payout.FirstIntent.IsZero() {
		t.Errorf("payout %+v, %v, want no intent in its history", payout, err)
	}
	first := sending
	sending.At = sending.At.Add(time.Hour)
	unused.Unused = false
	apply(t, store, first, unused, sending)
	payout, err := store.Payout(t.Context(), id)
	if err != nil || payout.Intents != 2 || !payout.FirstIntent.Equal(first.At) || !payout.SubmittedAt.Equal(sending.At) {
		t.Errorf("payout %+v, %v, want two intents, the first one's moment kept", payout, err)
	}
}
