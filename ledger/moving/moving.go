// Package moving moves a ledger from one store into another, so that at no moment it is paid
// from both.
package moving

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"payrun/ledger"
)

// Incoming is a store into which a ledger is copied. Nobody can open it before Activate.
type Incoming interface {
	// Destination names the store, as the ledger is marked with it.
	Destination() ledger.Destination
	// Done reports whether the ledger is there already, and in use.
	Done() bool
	// Copy copies all of a ledger, each event with its hash, in place of what an earlier try
	// copied.
	Copy(ctx context.Context, from ledger.Reader) error
	// Store reads the copy.
	Store() ledger.Reader
	// Activate copies what was recorded since Copy, and has the ledger opened.
	Activate(ctx context.Context, from ledger.Reader) error
}

// ErrTwice is returned for a ledger that is in use in the other store and was never marked as
// moved: one of the two is a copy that nobody knows of.
var ErrTwice = errors.New("the ledger is in use in both places")

// Move moves a ledger that nobody else has open. It is verified, copied, held against the
// copy, marked as moved, and only then goes on in the other store; from the mark on the first
// refuses with a *ledger.MovedError. A move that ended early is begun again: until the
// mark the first ledger goes on as if nothing had happened. It reports false if the ledger had
// been moved there before.
func Move(ctx context.Context, from ledger.Store, to Incoming, by ledger.Person, now time.Time) (found ledger.Verification, moved bool, err error) {
	identity, err := from.Identity(ctx)
	if err != nil {
		return found, false, err
	}
	marked := identity.Moved != ""
	switch there := ledger.ParseDestination(identity.Moved); {
	case marked && there.Place != to.Destination().Place:
		return found, false, &ledger.MovedError{Path: fmt.Sprint(from), To: there}
	case to.Done() && !marked:
		return found, false, ErrTwice
	}
	if found, err = from.Verify(ctx); err != nil || to.Done() {
		return found, false, err
	}
	if err := to.Copy(ctx, from); err != nil {
		return found, false, fmt.Errorf("copy the ledger: %w", err)
	}
	if err := Compare(ctx, from, to.Store()); err != nil {
		return found, false, err
	}
	if !marked {
		act := ledger.Act{Code: ledger.ActMoved, At: now, By: by, Text: to.Destination().String()}
		if err := from.Record(ctx, act); err != nil {
			return found, false, fmt.Errorf("mark the ledger as moved: %w", err)
		}
	}
	if err := to.Activate(ctx, from); err != nil {
		return found, false, fmt.Errorf("have the ledger go on: %w", err)
	}
	return found, true, nil
}

// ErrDifferent is returned for a copy that is not the same.
var ErrDifferent = errors.New("the copy is not the same as the ledger")

// Compare holds all that two stores say against each other. Memory does not grow with them.
func Compare(ctx context.Context, a, b ledger.Reader) error {
	if err := same("events", lines(a.Events(ctx, 0)), lines(b.Events(ctx, 0))); err != nil {
		return err
	}
	first, err := a.Batches(ctx)
	if err != nil {
		return err
	}
	second, err := b.Batches(ctx)
	if err != nil {
		return err
	}
	if err := sameText("batches", first, second); err != nil {
		return err
	}
	for _, batch := range first {
		if err := compareBatch(ctx, a, b, batch.ID); err != nil {
			return err
		}
	}
	one, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	other, err := b.Identity(ctx)
	if err != nil {
		return err
	}
	return sameText("identity", one, other)
}

func compareBatch(ctx context.Context, a, b ledger.Reader, id ledger.BatchID) error {
	where := fmt.Sprintf("batch %q", id)
	if err := same(where, payouts(a.Payouts(ctx, id)), payouts(b.Payouts(ctx, id))); err != nil {
		return err
	}
	if err := same(where, texts(a.RejectedRows(ctx, id, 0)), texts(b.RejectedRows(ctx, id, 0))); err != nil {
		return err
	}
	one, err := a.Counts(ctx, id)
	if err != nil {
		return err
	}
	other, err := b.Counts(ctx, id)
	if err != nil {
		return err
	}
	return sameText(where, one.ByState(), other.ByState())
}

// lines yields the lines of events, without the one before, and their hashes.
func lines(events iter.Seq2[ledger.Event, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for event, err := range events {
			line := append(event.AppendLine(nil, [sha256.Size]byte{}), event.Hash...)
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// payouts yields payouts as JSON, with their numbers in full behind it.
func payouts(all iter.Seq2[ledger.Payout, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for p, err := range all {
			var text []byte
			if err == nil {
				text, err = json.Marshal(p)
			}
			for _, attempt := range p.Attempts() {
				text = attempt.Terms.AppendLine(text)
			}
			if !yield(text, err) || err != nil {
				return
			}
		}
	}
}

// texts yields things as JSON.
func texts[T any](things iter.Seq2[T, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for thing, err := range things {
			var text []byte
			if err == nil {
				text, err = json.Marshal(thing)
			}
			if !yield(text, err) || err != nil {
				return
			}
		}
	}
}

// same holds two sequences against each other.
func same(where string, a, b iter.Seq2[[]byte, error]) error {
	next, stop := iter.Pull2(b)
	defer stop()
	count := 0
	for one, err := range a {
		if err != nil {
			return err
		}
		count++
		other, err, has := next()
		if err != nil {
			return err
		}
		if !has || !bytes.Equal(one, other) {
			return fmt.Errorf("%w: %s: number %d", ErrDifferent, where, count)
		}
	}
	if _, err, more := next(); more {
		return errors.Join(fmt.Errorf("%w: %s: more than %d", ErrDifferent, where, count), err)
	}
	return nil
}

func sameText(where string, a, b any) error {
	one, err := json.Marshal(a)
	if err != nil {
		return err
	}
	other, err := json.Marshal(b)
	if err == nil && !bytes.Equal(one, other) {
		err = fmt.Errorf("%w: %s", ErrDifferent, where)
	}
	return err
}
