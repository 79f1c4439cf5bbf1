package ledger

import "iter"

// Placed is a payout with its position in a batch: a number that grows in the order in which
// payouts entered it, and that nothing changes. A page of a list begins behind the last one
// of the page before, wherever the payouts between them have moved.
type Placed struct {
	Position uint32
	Payout
}

// Unplaced yields payouts without their positions.
func Unplaced(placed iter.Seq2[Placed, error]) iter.Seq2[Payout, error] {
	return func(yield func(Payout, error) bool) {
		for p, err := range placed {
			if !yield(p.Payout, err) {
				return
			}
		}
	}
}

// Selection names payouts of a batch by what they are read for. A store has a list for each.
type Selection int

// The selections.
const (
	// SelectAll is every payout.
	SelectAll Selection = iota
	// SelectOpen are those without an end.
	SelectOpen
	// SelectNoted are those that have one and are Notable all the same.
	SelectNoted
	// SelectNotable are those that are Notable.
	SelectNotable
	// SelectQueued are those that wait to be sent.
	SelectQueued
)

// Of yields those of some payouts that are of the selection, for a store that has no list of them.
func (s Selection) Of(payouts iter.Seq2[Payout, error]) iter.Seq2[Payout, error] {
	return func(yield func(Payout, error) bool) {
		for p, err := range payouts {
			if (err != nil || s.Has(p)) && !yield(p, err) {
				return
			}
		}
	}
}

// Has reports whether a payout is of the selection.
func (s Selection) Has(p Payout) bool {
	switch s {
	case SelectOpen:
		return p.State.Open()
	case SelectNoted:
		return !p.State.Open() && p.Notable()
	case SelectNotable:
		return p.Notable()
	case SelectQueued:
		return p.State == Queued
	case SelectAll:
	}
	return true
}
