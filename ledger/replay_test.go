package ledger_test

import (
	"encoding/hex"
	"errors"
	"iter"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
)

// TestALogThatLeadsNowhereIsNotReplayed: an event is missing, something happens to what
// never entered or twice, or a move is none.
func TestALogThatLeadsNowhereIsNotReplayed(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	both := listOf(ledgertest.Entries("A", 2))
	enter := ledger.Event{At: at, Batch: "may", Enrolled: 2, First: 1, Digest: both}
	move := func(id ledger.TransactionID, from, to ledger.State) ledger.Event {
		return ledger.EventOf(ledgertest.Move(id, from, to), ledger.Payout{Attempt: 1, Batch: "may"})
	}
	send := move("A-00000", ledger.Queued, ledger.Submitting)
	for says, test := range map[string]struct {
		events  []ledger.Event
		entered int
		spoil   func(events []ledger.Event)
	}{
		"nothing wrong": {events: []ledger.Event{enter, send}, entered: 2},
		"an event is missing": {
			events: []ledger.Event{enter, send, move("A-00001", ledger.Queued, ledger.Cancelled)}, entered: 2,
			spoil: func(events []ledger.Event) { copy(events[1:], events[2:]) },
		},
		"another time":                {events: []ledger.Event{enter, send}, entered: 2, spoil: func(events []ledger.Event) { events[1].At = at }},
		"another place":               {events: []ledger.Event{enter, send}, entered: 2, spoil: func(events []ledger.Event) { events[1].Place++ }},
		"another hash":                {events: []ledger.Event{enter, send}, entered: 2, spoil: func(events []ledger.Event) { events[1].Hash = events[0].Hash }},
		"a payout that never entered": {events: []ledger.Event{send}},
		"fewer entered":               {events: []ledger.Event{enter}, entered: 1},
		"more entered":                {events: []ledger.Event{enter}, entered: 3},
		"others entered":              {events: []ledger.Event{{At: at, Batch: "may", Enrolled: 2, First: 1, Digest: listOf(ledgertest.Entries("B", 2))}}, entered: 2},
		"entered twice":               {events: []ledger.Event{enter, enter}, entered: 2},
		"an illegal move":             {events: []ledger.Event{enter, move("A-00000", ledger.Pending, ledger.Failed)}, entered: 2},
		"an unknown act":              {events: []ledger.Event{{Act: "tea.made"}}},
	} {
		t.Run(says, func(t *testing.T) {
			chained(test.events)
			if test.spoil != nil {
				test.spoil(test.events)
			}
			_, err := ledger.Replay(pairs(test.events), func(ledger.Event) iter.Seq2[ledger.Entered, error] {
				var entered []ledger.Entered
				for _, entry := range ledgertest.Entries("A", test.entered) {
					entered = append(entered, ledger.Entered{Terms: entry.Terms, Row: entry.Row})
				}
				return pairs(entered)
			})
			if says == "nothing wrong" && err != nil || says != "nothing wrong" && !errors.Is(err, ledger.ErrReplay) {
				t.Errorf("%v, want ErrReplay unless nothing is wrong", err)
			}
		})
	}
}

// chained links events to their chains.
func chained(events []ledger.Event) {
	var linker ledger.Linker
	chains := map[ledger.BatchID]*ledger.Chain{}
	for i := range events {
		if chains[events[i].Batch] == nil {
			chains[events[i].Batch] = &ledger.Chain{}
		}
		linker.Link(&events[i], chains[events[i].Batch])
		events[i].Hash = hex.EncodeToString(linker.Heads.Hash[:])
	}
}

// listOf is the digest of the canonical list of entries.
func listOf(entries []ledger.Entry) string {
	list := ledger.NewListDigest()
	for _, entry := range entries {
		list.Add(&entry.Terms)
	}
	return list.Hex()
}

func pairs[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}
