package evidence

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"payrun/ledger"
)

// Place is a position in the order in which requests were begun. A clock would tell it at
// once, but clocks are set; the order of the audit log cannot be.
type Place uint64

// Try names an attempt in the audit log.
type Try struct {
	ID      ledger.TransactionID
	Attempt int
}

// Begun is the order in which requests were begun, by the intents of the audit log.
type Begun struct {
	// First and Last are the first and the last intents of the attempts that were asked
	// for, as far as they have any.
	First, Last map[Try]Place
	// Paid are the payments of the whole ledger that were begun last, the youngest last,
	// and Places where each was begun.
	Paid   []Try
	Places map[Try]Place
}

// ReadBegun walks the audit log. It keeps the attempts of the payouts that are wanted,
// what was open at once, and the given number of payments.
func ReadBegun(ctx context.Context, log ledger.Log, wanted func(ledger.TransactionID) bool, payments int) (Begun, error) {
	b := Begun{First: map[Try]Place{}, Last: map[Try]Place{}, Places: map[Try]Place{}}
	open := map[Try]Place{}
	for event, err := range log.Events(ctx, 0) {
		if err != nil {
			return Begun{}, fmt.Errorf("read the order of what was sent: %w", err)
		}
		key, at := Try{event.Payout, event.Attempt}, Place(event.Sequence)
		switch {
		case event.From == ledger.Queued && event.To == ledger.Submitting:
			if wanted(event.Payout) {
				b.Last[key] = at
				keepFirst(b.First, key, at)
			}
			keepFirst(open, key, at)
		case event.From == event.To || !event.To.Final():
		default:
			if at, is := open[key]; is && event.To == ledger.Successful && event.Resolution == nil && payments > 0 {
				b.Paid, b.Places[key] = append(b.Paid, key), at
			}
			delete(open, key)
			if len(b.Paid) > 2*payments {
				b.youngest(payments)
			}
		}
	}
	b.youngest(payments)
	return b, nil
}

func keepFirst(places map[Try]Place, key Try, at Place) {
	if _, again := places[key]; !again {
		places[key] = at
	}
}

// youngest keeps the payments that were begun last.
func (b *Begun) youngest(most int) {
	slices.SortFunc(b.Paid, func(x, y Try) int { return cmp.Compare(b.Places[x], b.Places[y]) })
	more := max(0, len(b.Paid)-most)
	for _, key := range b.Paid[:more] {
		delete(b.Places, key)
	}
	b.Paid = b.Paid[more:]
}
