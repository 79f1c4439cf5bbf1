package service

import (
	"context"
	"slices"

	"payrun/ledger"
)

// PayoutFilter says which payouts of a batch a list shows. The zero value shows all.
type PayoutFilter struct {
	// States are those to show, none for all.
	States []ledger.State
	// Disputed shows those only about which the provider disagrees and nobody has resolved that.
	Disputed bool
}

// PayoutPage is a page of a list of payouts, in file order.
type PayoutPage struct {
	Payouts []ledger.Placed
	// More is set if there may be more, from position Next on.
	More bool
	Next uint32
}

// searchedMax is how many payouts are read for a page: the rest of a long search is another
// page, however few were found.
const searchedMax = 10_000

// Payouts returns a page of a batch's payouts from a position on, with so many at most. What it
// costs depends on that, not on the length of the batch: a page may have fewer, or none, although
// there are more. It needs the ledger alone.
func (s *Service) Payouts(ctx context.Context, id ledger.BatchID, filter PayoutFilter, from uint32, most int) (PayoutPage, error) {
	var page PayoutPage
	searched := 0
	for p, err := range s.config.Ledger.PayoutsFrom(ctx, id, from, filter.selection()) {
		if err != nil {
			return PayoutPage{}, err
		}
		if len(page.Payouts) == most || searched == searchedMax {
			page.More, page.Next = true, p.Position
			return page, nil
		}
		searched++
		if filter.has(p.Payout) {
			page.Payouts = append(page.Payouts, p)
		}
	}
	return page, nil
}

// selection is the shortest list that has all of them.
func (f PayoutFilter) selection() ledger.Selection {
	final := slices.ContainsFunc(f.States, ledger.State.Final)
	switch {
	case len(f.States) > 0 && !final:
		return ledger.SelectOpen
	case len(f.States) == 1 && f.States[0] == ledger.Failed:
		return ledger.SelectNoted
	case f.Disputed:
		return ledger.SelectNotable
	default:
		return ledger.SelectAll
	}
}

func (f PayoutFilter) has(p ledger.Payout) bool {
	return (len(f.States) == 0 || slices.Contains(f.States, p.State)) && (!f.Disputed || len(p.Unresolved()) > 0)
}
