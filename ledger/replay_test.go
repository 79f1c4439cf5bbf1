package ledger_test

import (
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
	enter := ledger.Event{At: at, Batch: "may", Enrolled: 2, First: 1}
	move := func(id ledger.TransactionID, from, to ledger.State) ledger.Event {
		return ledger.EventOf(ledgertest.Move(id, from, to), ledger.Payout{Attempt: 1})
	}
	send := move("A-00000", ledger.Queued, ledger.Submitting)
	for says, test := range map[string]struct {
		events  []ledger.Event
		entered int
		skip    bool
	}{
		"an event is missing":         {events: []ledger.Event{enter, send}, entered: 2, skip: true},
		"a payout that never entered": {events: []ledger.Event{send}},
		"fewer entered":               {events: []ledger.Event{enter}, entered: 1},
		"more entered":                {events: []ledger.Event{enter}, entered: 3},
		"entered twice":               {events: []ledger.Event{enter, enter}, entered: 2},
		"an illegal move":             {events: []ledger.Event{enter, move("A-00000", ledger.Pending, ledger.Failed)}, entered: 2},
		"an unknown act":              {events: []ledger.Event{{Act: "tea.made"}}},
	} {
		t.Run(says, func(t *testing.T) {
			for i := range test.events {
				test.events[i].Sequence = uint64(i) + 1
			}
			if test.skip {
				test.events[1].Sequence++
			}
			_, err := ledger.Replay(pairs(test.events), func(ledger.Event) iter.Seq2[ledger.Entered, error] {
				var entered []ledger.Entered
				for _, entry := range ledgertest.Entries("A", test.entered) {
					entered = append(entered, ledger.Entered{Terms: entry.Terms, Row: entry.Row})
				}
				return pairs(entered)
			})
			if !errors.Is(err, ledger.ErrReplay) {
				t.Errorf("%v, want ErrReplay", err)
			}
		})
	}
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
