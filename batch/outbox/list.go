package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
)

// Told is a fact and where telling it to a channel stands.
type Told struct {
	Channel  string         `json:"channel"`
	Event    uint64         `json:"event"`
	Kind     ledger.ActCode `json:"kind"`
	Batch    ledger.BatchID `json:"batch"`
	At       time.Time      `json:"at"`
	State    State          `json:"state"`
	Attempts int            `json:"attempts"`
	// Last is when it was last tried, and Next when it is tried again.
	Last   time.Time `json:"last,omitzero"`
	Next   time.Time `json:"next,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// List returns every fact of the channels that the ledger knows of, in order, or those in one
// state.
func List(ctx context.Context, store Store, state State) ([]Told, error) {
	channels, err := channelsOf(ctx, store)
	if err != nil {
		return nil, err
	}
	var all []Told
	for _, channel := range channels {
		b := newBook(store, channel, Kinds())
		if err := b.refresh(ctx); err != nil {
			return nil, err
		}
		for _, event := range b.events() {
			t, e := b.telling(event), b.facts[event]
			if _, tried := b.tellings[event]; !tried && !e.At.IsZero() && state == Dead {
				continue
			}
			if state == "" || t.state == state {
				all = append(all, Told{
					Channel: channel, Event: event, Kind: e.Act, Batch: e.Batch, At: e.At,
					State: t.state, Attempts: t.attempts, Last: t.at, Next: t.next, Reason: t.reason,
				})
			}
		}
	}
	return all, nil
}

// channelsOf are the channels that ever began.
func channelsOf(ctx context.Context, store Store) ([]string, error) {
	var names []string
	for event, err := range store.Acts(ctx, "") {
		if err != nil {
			return nil, err
		}
		if event.Act != ledger.ActNotice {
			continue
		}
		r, err := readRecord(event)
		if err != nil {
			return nil, err
		}
		if r.Step == began {
			names = append(names, r.Channel)
		}
	}
	return names, nil
}

// ErrUnknown is returned for a fact or a channel that there is not.
var ErrUnknown = errors.New("nobody is told of that")

// Again has a fact told once more to a channel, by a person.
func Again(ctx context.Context, store Store, by ledger.Person, channel string, event uint64, at time.Time) error {
	all, err := List(ctx, store, "")
	if err != nil {
		return err
	}
	for _, told := range all {
		if told.Channel == channel && told.Event == event {
			act, err := record{Step: again, Channel: channel, Event: event}.act(at, by)
			if err != nil {
				return err
			}
			return store.Record(ctx, act)
		}
	}
	return fmt.Errorf("%w: event %d, channel %q", ErrUnknown, event, channel)
}
