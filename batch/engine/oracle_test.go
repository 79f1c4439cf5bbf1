package engine_test

import (
	"errors"
	"fmt"

	"payrun/ledger"
	"payrun/provider/sandbox"
)

// judge holds a ledger against the provider's own books, which are the truth. It
// returns everything that is wrong:
//
//   - a payout credited more than once;
//   - one recorded as successful that was not credited with that amount to that
//     number, or credited but recorded as failed, queued or cancelled;
//   - totals that do not add up;
//   - an audit log that does not hold.
//
// A payout that is still open must be unknown, pending or queued, and a queued
// one must not be in the books, unless the run left it to a person and said so.
func judge(w *world, store ledger.Store, tally ledger.ByState) error {
	credits := map[ledger.TransactionID][]sandbox.Transfer{}
	for _, transfer := range w.sandbox.Books().Transfers {
		id := ledger.TransactionID(transfer.TransactionID)
		if transfer.Credited || transfer.SettledAt == nil {
			credits[id] = append(credits[id], transfer)
		}
	}
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }

	var seen ledger.ByState
	for payout, err := range store.Payouts(w.ctx(), simBatch) {
		if err != nil {
			complain("read the ledger: %w", err)
			break
		}
		seen.Add(payout)
		shown := w.shown && payout.State == ledger.Queued && len(credits[payout.ID]) == 1
		if complaint := judgePayout(payout, credits[payout.ID]); complaint != "" && !shown {
			complain("%s (%s): %s", payout.ID, payout.State, complaint)
		}
	}
	if seen != tally {
		complain("the run counted %+v, the ledger holds %+v", tally, seen)
	}
	if got, want := seen.Total(), sum(w.entries); got != want {
		complain("the ledger holds %+v, the file %+v", got, want)
	}
	if _, err := store.Verify(w.ctx()); err != nil {
		complain("verify: %w", err)
	}
	return errors.Join(wrong...)
}

func judgePayout(payout ledger.Payout, transfers []sandbox.Transfer) string {
	if len(transfers) > 1 {
		return fmt.Sprintf("the provider has %d transfers that are paid or may be", len(transfers))
	}
	if len(transfers) == 1 && transfers[0].ReversedAt != nil && payout.State.Final() {
		// Credited and taken back: either word was true when it was given.
		return ""
	}
	paid := len(transfers) == 1 && transfers[0].Credited
	switch payout.State {
	case ledger.Successful:
		if !paid {
			return "the provider did not credit it"
		}
		if transfers[0].Amount.Money() != payout.Amount || transfers[0].Number != payout.Number.National() {
			return "the provider credited another amount or number"
		}
	case ledger.Failed, ledger.Queued, ledger.Cancelled:
		if len(transfers) > 0 {
			return "the provider has it"
		}
	case ledger.Submitting:
		return "left half-way by a run that ended by itself"
	case ledger.Unknown, ledger.Pending:
	}
	return ""
}

func sum(entries []ledger.Entry) ledger.Total {
	var total ledger.Total
	for _, entry := range entries {
		total.Add(entry.Amount)
	}
	return total
}
