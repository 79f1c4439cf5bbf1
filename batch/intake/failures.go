package intake

import (
	"context"
	"fmt"
	"slices"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// failures are the retriable payouts among the latest, by the person that each was for.
type failures map[rules.Payee][]ledger.Payout

// failuresLatest bounds the latest payouts that are looked at for them. Those of the
// batch itself that the file still has are found with their rows.
const failuresLatest = 4_000

// failed reads the failures once.
func (h *History) failed(ctx context.Context) (failures, error) {
	if h.failures != nil {
		return h.failures, nil
	}
	h.failures = failures{}
	for payout, err := range h.Ledger.LatestNoted(ctx, failuresLatest) {
		if err != nil {
			return nil, fmt.Errorf("look for what failed before: %w", err)
		}
		h.failures.add(payout)
	}
	return h.failures, nil
}

// note takes in a payout that a row of the file is about.
func (h *History) note(known ledger.Payout) {
	if known.Batch != h.Batch {
		return
	}
	if h.noted == nil {
		h.noted = failures{}
	}
	h.noted.add(known)
}

// add takes a payout in if it is retriable and names somebody.
func (f failures) add(p ledger.Payout) {
	if !p.Retriable() || p.Name == "" {
		return
	}
	who := rules.PayeeOf(p.Terms)
	if len(f[who]) < lookedAt {
		f[who] = append(f[who], p)
	}
}

// namesake tells of a row that pays somebody, by name and amount, of whom another payout
// failed on another number.
func (h *History) namesake(ctx context.Context, row table.Row, v *verdict) error {
	failed, err := h.failed(ctx)
	if err != nil {
		return err
	}
	who := rules.PayeeOf(v.judged.Entry.Terms)
	for _, p := range slices.Concat(failed[who], h.noted[who]) {
		if p.Number != v.judged.Entry.Number {
			h.failedBefore(v, row, p)
		}
	}
	return nil
}

// failedBefore tells of a row that pays under a new id what failed under another, and can
// be tried again under that.
func (h *History) failedBefore(v *verdict, row table.Row, payout ledger.Payout) {
	if payout.ID == v.judged.Entry.ID {
		return
	}
	if payout.Batch == h.Batch {
		// A repetition within the file is asked about already.
		if !v.has(rules.CodeIDRenamed) && !v.has(rules.CodeRepeated) {
			h.add(v, row, table.FieldTransactionID, rules.CodeIDRenamed, map[string]string{
				"id": string(payout.ID), "state": payout.State.String(),
			})
		}
		return
	}
	if h.Now.Sub(payout.QueuedAt) > nearAlways || v.has(rules.CodeFailedBefore) {
		return
	}
	repeatsIt := !v.has(rules.CodeRepeated) && !v.has(rules.CodeRepeatedRecently)
	h.add(v, row, table.FieldTransactionID, rules.CodeFailedBefore, map[string]string{
		"date": day(payout.QueuedAt), "batch": string(payout.Batch), "id": string(payout.ID),
	})
	if repeatsIt && len(v.judged.Entry.Rejections) == 0 {
		h.repeats.add(payout)
	}
}
