package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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

// Register tells which facts the channels of a ledger were told, or are to be. It keeps what it read:
// asking again costs what happened since. It is safe for concurrent use.
type Register struct {
	store Store

	mu       sync.Mutex
	channels []listed
	// seen is the last act upon the ledger of which it is known which channel began.
	seen uint64
}

// listed is a channel that began, with the kinds of facts of which it is told.
type listed struct {
	*book

	told []ledger.ActCode
}

// NewRegister returns the register of a ledger, of which nothing is read yet.
func NewRegister(store Store) *Register { return &Register{store: store} }

// List returns every fact of the channels that the ledger knows of, in the order of the log, or
// those in one state.
func (r *Register) List(ctx context.Context, state State) ([]Told, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refresh(ctx); err != nil {
		return nil, err
	}
	var all []Told
	for _, b := range r.channels {
		if err := b.refresh(ctx); err != nil {
			return nil, err
		}
		for _, event := range b.events() {
			t, e := b.telling(event), b.facts[event]
			if _, tried := b.tellings[event]; !tried && !slices.Contains(b.told, e.Act) {
				continue // the channel is not told of such
			}
			if state == "" || t.state == state {
				all = append(all, Told{
					Channel: b.channel, Event: event, Kind: e.Act, Batch: e.Batch, At: e.At,
					State: t.state, Attempts: t.attempts, Last: t.at, Next: t.next, Reason: t.reason,
				})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Told) int { return cmp.Compare(a.Event, b.Event) })
	return all, nil
}

// Dead counts what nobody took in and waits for a person. It reads no batch: asking again costs what was
// recorded of the ledger since, and not what was ever told.
func (r *Register) Dead(ctx context.Context) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refresh(ctx); err != nil {
		return 0, err
	}
	dead := 0
	for _, b := range r.channels {
		if err := b.readRecords(ctx); err != nil {
			return 0, err
		}
		dead += b.dead
	}
	return dead, nil
}

// refresh has a book for each channel that ever began.
func (r *Register) refresh(ctx context.Context) error {
	for event, err := range r.store.ActsFrom(ctx, "", r.seen+1) {
		if err != nil {
			return err
		}
		r.seen = event.Sequence
		if event.Act != ledger.ActNotice {
			continue
		}
		said, err := readRecord(event)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(r.channels, func(b listed) bool { return b.channel == said.Channel })
		if said.Step == began && !known {
			r.channels = append(r.channels, listed{newBook(r.store, said.Channel, Kinds()), said.Kinds})
		}
	}
	return nil
}

// ErrUnknown is returned for a fact or a channel that there is not.
var ErrUnknown = errors.New("nobody is told of that")

// Again has a fact told once more to a channel, by a person.
func (r *Register) Again(ctx context.Context, by ledger.Person, channel string, event uint64, at time.Time) error {
	all, err := r.List(ctx, "")
	if err != nil {
		return err
	}
	for _, told := range all {
		if told.Channel == channel && told.Event == event {
			act, err := record{Step: again, Channel: channel, Event: event}.act(at, by)
			if err != nil {
				return err
			}
			return r.store.Record(ctx, act)
		}
	}
	return fmt.Errorf("%w: event %d, channel %q", ErrUnknown, event, channel)
}
