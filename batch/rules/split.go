package rules

import (
	"cmp"
	"slices"

	"payrun/ledger"
	"payrun/ledger/money"
)

// PartsMax bounds the parts that an amount is split into: as many as there are
// letters to tell them apart by. What would need more is rather an amount with a
// zero too many.
const PartsMax = 26

// splitSteps are the steps, in minor units, in which an amount is split, the roundest
// first.
//
//nolint:gochecknoglobals // a table that nothing writes to
var splitSteps = []int64{100_000, 50_000, 10_000, 5_000, 1_000, 500, 100, 50, 10, 5, 1}

// Split divides an amount above the operator's limit into parts that may be paid,
// as few as possible and the largest first. No two parts are equal, and none is one
// that taken reports: the same amount twice to one number looks like a payment made
// twice, to these rules and to the provider. ok is false for an unknown operator,
// an amount within the limit, and one that would need more than PartsMax parts.
func (s *Set) Split(id ledger.Operator, amount money.Amount, taken func(money.Amount) bool) (parts []money.Amount, ok bool) {
	o := s.operators[id]
	if o == nil || !o.amountMax.Less(amount) {
		return nil, false
	}
	for _, step := range splitSteps {
		found := o.split(amount, amount.Currency.Of(step), taken)
		if found != nil && (parts == nil || len(found) < len(parts)) {
			parts = found
		}
	}
	return parts, parts != nil
}

// split takes parts off an amount, each at least a step smaller than the one
// before. It returns nil if that does not come out.
func (o *operator) split(amount, step money.Amount, taken func(money.Amount) bool) []money.Amount {
	var parts []money.Amount
	for most, rest := o.amountMax, amount; rest.Minor > 0; {
		part := most
		if rest.Less(most) {
			part = rest
		}
		// What is left is nothing, or enough to be paid.
		for !part.Less(o.amountMin) && (taken(part) || part.Less(rest) && rest.Minus(part).Less(o.amountMin)) {
			part = part.Minus(step)
		}
		if part.Less(o.amountMin) || len(parts) == PartsMax {
			return nil
		}
		parts = append(parts, part)
		most, rest = part.Minus(step), rest.Minus(part)
	}
	slices.SortFunc(parts, func(a, b money.Amount) int { return cmp.Compare(b.Minor, a.Minor) })
	return parts
}
