package ledgertest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
)

// signed keeps texts and signatures byte for byte, and finds them among many moves.
func signed(t *testing.T, store ledger.Store) {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	by := ledger.Person{Name: "awa", Host: "pay-1", Confirmed: "signature"}
	of := Batch("may")
	of.By = by
	if _, err := store.Enrol(t.Context(), of, Each(Entries("A", 2))); err != nil {
		t.Fatal(err)
	}
	enrol(t, store, "maya", Entries("B", 1))
	Apply(t, store, Move("A-00000", ledger.Queued, ledger.Submitting), Move("A-00000", ledger.Submitting, ledger.Failed))
	count := ledger.Total{Count: 1, Amount: money.XOF.Of(100)}
	upon := actsUpon(at, by)
	of1 := []ledger.Act{
		{Code: ledger.ActSubmitted, Batch: "may", At: at, By: by, Count: count, Digest: "c", Text: "payrun content 1\n\u202f"},
		{Code: ledger.ActDecided, Batch: "may", At: at, By: by, Digest: "c", Text: "payrun decision 1\n", Signature: "s"},
		{Code: ledger.ActApproved, Batch: "may", At: at, Count: count, Digest: "c"},
		{Code: ledger.ActStopped, Batch: "may", At: at, Text: "balance"},
		{Code: ledger.ActAnswered, Batch: "may", At: at, By: by, Digest: "k", Text: `{"status":202}`},
	}
	for _, act := range append(upon, of1...) {
		if err := store.Record(t.Context(), act); err != nil {
			t.Fatalf("%s: %v", act.Code, err)
		}
	}
	if diff := cmp.Diff(upon, actsOf(t, store, "")); diff != "" {
		t.Errorf("the acts upon the ledger (-recorded +found):\n%s", diff)
	}
	if diff := cmp.Diff(of1, actsOf(t, store, "may")[2:]); diff != "" {
		t.Errorf("the acts upon the batch (-recorded +found):\n%s", diff)
	}
	var events []ledger.Event
	for event, err := range store.Acts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		if hash, err := store.HashAt(t.Context(), event.Sequence); err != nil || hash != event.Hash || event.Payout != "" {
			t.Errorf("event %d is %+v, %v, want no move, as the log has it", event.Sequence, event, err)
		}
		events = append(events, event)
	}
	if len(events) != 2+len(of1) || events[0].Enrolled != 2 || events[0].By != by || events[1].Act != ledger.ActSealed || events[1].By != by {
		t.Errorf("it begins with %+v, want an enrolment and a sealing by %+v", events[:2], by)
	}
	want := ledger.Submitted{At: at, By: by, Count: count, Digest: "c"}
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.State != ledger.BatchApproved || b.Submitted == nil || *b.Submitted != want {
		t.Errorf("batch %+v, %v, want it approved as it was submitted", b, err)
	}
	identity, err := store.Identity(t.Context())
	if err != nil || identity.People != 1 || identity.Policies != 1 {
		t.Errorf("identity %+v, %v, want a change of people and a policy counted", identity, err)
	}
	if none := actsOf(t, store, "ma"); len(none) > 0 {
		t.Errorf("a batch that is not there has %+v", none)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Errorf("verify: %v", err)
	}
}

// actsOf are the acts of a batch, or upon the ledger, but for those of no code.
func actsOf(t *testing.T, store ledger.Store, batch ledger.BatchID) []ledger.Act {
	t.Helper()
	var acts []ledger.Act
	for event, err := range store.Acts(t.Context(), batch) {
		if err != nil {
			t.Fatal(err)
		}
		acts = append(acts, event.AsAct())
		checkActsFrom(t, store, batch, event)
	}
	return acts
}

// checkActsFrom wants an act to be the first one from its place on, and not to be behind it.
func checkActsFrom(t *testing.T, store ledger.Store, batch ledger.BatchID, act ledger.Event) {
	t.Helper()
	for from, is := range map[uint64]bool{act.Sequence: true, act.Sequence + 1: false} {
		var first ledger.Event
		for event, err := range store.ActsFrom(t.Context(), batch, from) {
			if err != nil {
				t.Fatal(err)
			}
			first = event
			break
		}
		if (first.Sequence == act.Sequence) != is || first.Sequence != 0 && first.Sequence < from {
			t.Errorf("the first act from event %d on is at %d", from, first.Sequence)
		}
	}
}

// actsUpon are acts upon the ledger as a whole, one of each kind that names somebody or tells them.
func actsUpon(at time.Time, by ledger.Person) []ledger.Act {
	return []ledger.Act{
		{Code: ledger.ActPeople, At: at, By: by, Text: "payrun person 1\nact: add\n", Signature: "-----BEGIN\nAAAA\n"},
		{Code: ledger.ActPolicyProposed, At: at, By: by, Digest: "p", Text: "currency: XOF\n"},
		{Code: ledger.ActPolicyDecided, At: at, By: by, Digest: "p", Text: "approve\n", Signature: "s"},
		{Code: ledger.ActPolicySet, At: at, By: by, Digest: "p", Text: "currency: XOF\n"},
		{Code: ledger.ActTokenCreated, At: at, By: by, Text: `{"id":"a1"}`},
		{Code: ledger.ActTokenUsed, At: at, By: by, Text: "a1"},
		{Code: ledger.ActTokenRevoked, At: at, By: by, Text: "a1"},
		{Code: ledger.ActInvited, At: at, By: by, Text: `{"id":"b1"}`},
		{Code: ledger.ActInvitationUsed, At: at, By: by, Text: "b1"},
		{Code: ledger.ActEnrolled, At: at, By: by, Text: `{"person":"awa"}`},
		{Code: ledger.ActSignedIn, At: at, By: by, Text: `{"id":"c1"}`},
		{Code: ledger.ActSessionUsed, At: at, By: by, Text: "c1"},
		{Code: ledger.ActSignedOut, At: at, By: by, Text: "c1"},
		{Code: ledger.ActPasskeyUsed, At: at, By: by, Text: `{"key":"SHA256:x","count":7}`},
		{Code: ledger.ActLanguageChosen, At: at, By: by, Text: "fr"},
		{Code: ledger.ActHookSet, At: at, By: by, Digest: "h"},
		{Code: ledger.ActNotice, At: at, By: by, Text: `{}`},
	}
}
