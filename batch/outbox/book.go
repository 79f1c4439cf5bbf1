package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"payrun/ledger"
)

// book is one process's knowledge of facts and of who was told.
type book struct {
	store   Store
	channel string
	kinds   []ledger.ActCode
	// since is the event after which the channel is told, begun whether that is known.
	since uint64
	begun bool
	// head is how far the log was read, and seen the last act upon the ledger that was.
	head     uint64
	seen     uint64
	facts    map[uint64]ledger.Event
	tellings map[uint64]telling
	// dead is how many of the tellings are.
	dead int
	// read are the batches as they were when their acts were read, and the last of these.
	read map[ledger.BatchID]readBatch
}

// readBatch is a batch as far as its acts were read.
type readBatch struct {
	ledger.Batch
	last uint64
}

func newBook(store Store, channel string, kinds []ledger.ActCode) *book {
	return &book{
		store: store, channel: channel, kinds: kinds,
		facts: map[uint64]ledger.Event{}, tellings: map[uint64]telling{}, read: map[ledger.BatchID]readBatch{},
	}
}

// refresh reads what came since the last time. Records count in the order of the log, so that
// of two that took a fact at once the earlier has it.
func (b *book) refresh(ctx context.Context) error {
	head, _, err := b.store.Head(ctx)
	if err != nil || (b.begun && head == b.head) {
		return err
	}
	if err := b.readRecords(ctx); err != nil {
		return err
	}
	if !b.begun {
		return nil
	}
	if err := b.readFacts(ctx); err != nil {
		return err
	}
	b.head = head
	return nil
}

// readRecords reads the records of the channel behind the last one that was seen.
func (b *book) readRecords(ctx context.Context) error {
	for event, err := range b.store.ActsFrom(ctx, "", b.seen+1) {
		if err != nil {
			return fmt.Errorf("read who was told: %w", err)
		}
		if event.Act == ledger.ActNotice {
			r, err := readRecord(event)
			if err != nil {
				return err
			}
			if r.Channel == b.channel {
				b.take(r, event.At)
			}
		}
		b.seen = event.Sequence
	}
	return nil
}

// take has a record of that time change what is known of a telling.
func (b *book) take(r record, at time.Time) {
	if r.Step == began && !b.begun {
		b.since, b.begun = r.Event, true
	}
	t, known := b.tellings[r.Event]
	if !known {
		t.state = Waiting
	}
	after := t.with(r, at)
	if t.state == Dead {
		b.dead--
	}
	if after.state == Dead {
		b.dead++
	}
	b.tellings[r.Event] = after
}

// readFacts reads the acts of the batches to which something happened.
func (b *book) readFacts(ctx context.Context) error {
	batches, err := b.store.Batches(ctx)
	if err != nil {
		return fmt.Errorf("read what happened: %w", err)
	}
	for _, batch := range batches {
		before, known := b.read[batch.ID]
		if known && settled(batch.State) && before.State == batch.State && same(before.Release, batch.Release) && sameContent(before.Batch, batch) {
			continue
		}
		last := max(before.last, b.since)
		for event, err := range b.store.ActsFrom(ctx, batch.ID, last+1) {
			if err != nil {
				return fmt.Errorf("read what happened to batch %q: %w", batch.ID, err)
			}
			if slices.Contains(b.kinds, event.Act) {
				b.facts[event.Sequence] = event
			}
			last = event.Sequence
		}
		b.read[batch.ID] = readBatch{batch, last}
	}
	return nil
}

// settled reports whether a batch changes only by a new release or submission.
func settled(state ledger.BatchState) bool {
	switch state {
	case ledger.BatchClosed, ledger.BatchRejected, ledger.BatchExpired, ledger.BatchCancelled:
		return true
	case ledger.BatchDraft, ledger.BatchReady, ledger.BatchAwaitingApproval, ledger.BatchApproved, ledger.BatchPaying, ledger.BatchPaused:
	}
	return false
}

func same(a, b *ledger.Release) bool {
	return (a == nil) == (b == nil) && (a == nil || a.At.Equal(b.At))
}

func sameContent(a, b ledger.Batch) bool {
	return (a.Submitted == nil) == (b.Submitted == nil) && (a.Submitted == nil || a.Submitted.At.Equal(b.Submitted.At))
}

// telling is where telling a fact stands.
func (b *book) telling(event uint64) telling {
	if t, known := b.tellings[event]; known {
		return t
	}
	return telling{state: Waiting}
}

// events are the numbers of all facts, in order.
func (b *book) events() []uint64 {
	events := make([]uint64, 0, len(b.facts))
	for event := range b.facts {
		events = append(events, event)
	}
	slices.Sort(events)
	return events
}
