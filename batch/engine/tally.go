package engine

import (
	"payrun/ledger"
	"payrun/ledger/money"
)

// Tally counts the payouts of a batch, and what they come to, by state.
type Tally struct {
	counts [ledger.Cancelled + 1]ledger.Total
}

// In returns how many payouts are in the state and their amount.
func (t Tally) In(state ledger.State) ledger.Total {
	if int(state) >= len(t.counts) {
		return ledger.Total{}
	}
	return t.counts[state]
}

// Paid returns what the successful payouts come to, in the batch's currency even if that
// is nothing.
func (t Tally) Paid() money.Amount {
	if paid := t.In(ledger.Successful).Amount; !paid.IsZero() {
		return paid
	}
	return t.Total().Amount.Currency.Of(0)
}

// Total returns all payouts.
func (t Tally) Total() ledger.Total { return t.sum(func(ledger.State) bool { return true }) }

// Open returns the payouts that are not final.
func (t Tally) Open() ledger.Total { return t.sum(ledger.State.Open) }

// Final returns the payouts that are.
func (t Tally) Final() ledger.Total { return t.sum(ledger.State.Final) }

func (t Tally) sum(in func(ledger.State) bool) ledger.Total {
	var total ledger.Total
	for _, state := range ledger.States() {
		if in(state) {
			total.Count += t.counts[state].Count
			total.Amount = total.Amount.Plus(t.counts[state].Amount)
		}
	}
	return total
}

// Add counts a payout.
func (t *Tally) Add(p ledger.Payout) { t.counts[p.State].Add(p.Amount) }

func (t *Tally) move(p ledger.Payout, to ledger.State) {
	t.counts[p.State].Count--
	t.counts[p.State].Amount = t.counts[p.State].Amount.Minus(p.Amount)
	t.counts[to].Add(p.Amount)
}
