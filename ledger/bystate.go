package ledger

import (
	"encoding/json"

	"payrun/ledger/money"
)

// ByState divides payouts by the state they are in. The zero value has none. It is not
// safe for concurrent use.
type ByState struct {
	totals [Cancelled + 1]Total
}

// In returns the payouts in a state.
func (b ByState) In(state State) Total {
	if int(state) >= len(b.totals) {
		return Total{}
	}
	return b.totals[state]
}

// Paid returns what the successful payouts come to, in the payouts' currency even if that
// is nothing.
func (b ByState) Paid() money.Amount {
	if paid := b.In(Successful).Amount; !paid.IsZero() {
		return paid
	}
	return b.Total().Amount.Currency.Of(0)
}

// Total returns all payouts.
func (b ByState) Total() Total { return b.sum(func(State) bool { return true }) }

// Open returns the payouts that are not final.
func (b ByState) Open() Total { return b.sum(State.Open) }

// Final returns the payouts that are.
func (b ByState) Final() Total { return b.sum(State.Final) }

func (b ByState) sum(in func(State) bool) Total {
	var total Total
	for _, state := range States() {
		if in(state) {
			total = total.Plus(b.totals[state])
		}
	}
	return total
}

// Present returns the states in which there are payouts.
func (b ByState) Present() map[State]Total {
	present := map[State]Total{}
	for _, state := range States() {
		if total := b.totals[state]; total.Count > 0 {
			present[state] = total
		}
	}
	return present
}

// Add counts a payout in the state that it is in.
func (b *ByState) Add(p Payout) { b.totals[p.State].Add(p.Amount) }

// AddTotal counts so many payouts in a state.
func (b *ByState) AddTotal(state State, total Total) {
	b.totals[state] = b.totals[state].Plus(total)
}

// Remove takes a payout out of the state that it is in. Of a state in which there is none
// nothing is left, not even its currency.
func (b *ByState) Remove(p Payout) {
	left := &b.totals[p.State]
	if left.Count--; left.Count == 0 {
		*left = Total{}
		return
	}
	left.Amount = left.Amount.Minus(p.Amount)
}

// Move counts a payout in another state than the one that it was in.
func (b *ByState) Move(p Payout, to State) {
	b.Remove(p)
	b.totals[to].Add(p.Amount)
}

// MarshalJSON writes an object with a total for each state in which there are payouts.
func (b ByState) MarshalJSON() ([]byte, error) { return json.Marshal(b.Present()) }
