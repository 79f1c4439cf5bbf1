package ledger

import (
	"iter"
	"maps"
)

// Counts divides payouts by operator and by the state they are in. The zero value has none.
// It is not safe for concurrent use.
type Counts struct {
	operators map[Operator]*ByState
}

// CountsOf counts payouts one by one, for a store that keeps no counts.
func CountsOf(payouts iter.Seq2[Payout, error]) (Counts, error) {
	var counts Counts
	for p, err := range payouts {
		if err != nil {
			return Counts{}, err
		}
		counts.Add(p)
	}
	return counts, nil
}

// Add counts a payout as it stands.
func (c *Counts) Add(p Payout) { c.AddTotal(p.Operator, p.State, Total{Count: 1, Amount: p.Amount}) }

// Remove takes a payout out that was counted as it stands.
func (c *Counts) Remove(p Payout) {
	c.change(p.Operator, func(states *ByState) { states.Remove(p) })
}

// AddTotal counts so many payouts of an operator in a state.
func (c *Counts) AddTotal(operator Operator, state State, total Total) {
	c.change(operator, func(states *ByState) { states.AddTotal(state, total) })
}

// change changes the counts of an operator, of whom nothing is kept once there is nobody.
func (c *Counts) change(operator Operator, change func(*ByState)) {
	states := c.operators[operator]
	if states == nil {
		states = &ByState{}
		if c.operators == nil {
			c.operators = map[Operator]*ByState{}
		}
		c.operators[operator] = states
	}
	change(states)
	if *states == (ByState{}) {
		delete(c.operators, operator)
	}
}

// ByState returns the counts of all operators together.
func (c Counts) ByState() ByState {
	var all ByState
	for _, states := range c.operators {
		for state, total := range states.totals {
			all.totals[state] = all.totals[state].Plus(total)
		}
	}
	return all
}

// ByOperator returns the counts of each operator.
func (c Counts) ByOperator() map[Operator]ByState {
	all := make(map[Operator]ByState, len(c.operators))
	for operator, states := range c.operators {
		all[operator] = *states
	}
	return all
}

// Equal reports whether others are the same.
func (c Counts) Equal(other Counts) bool {
	return maps.EqualFunc(c.operators, other.operators, func(a, b *ByState) bool { return *a == *b })
}

// Notable reports whether a person has to know of a payout: it has no end, it was not paid,
// or the provider disagrees about it and nobody has resolved that.
func (p Payout) Notable() bool {
	return p.State.Open() || p.State == Failed || len(p.Unresolved()) > 0
}
