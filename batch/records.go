package batch

import (
	"context"
	"fmt"

	"payrun/ledger"
	"payrun/provider"
)

// StatementRow is a transfer as the provider's list or statement has it.
type StatementRow struct {
	provider.Transaction
	// Row is its row in the statement, 0 in a list.
	Row int
}

// record is all that a list or a statement has under one reference.
type record struct {
	// last is the latest word.
	last StatementRow
	// payment names the first payment, if there was one; twice is set if there was
	// another.
	payment string
	twice   bool
	used    bool
	// contrary is set if it ended in two ways and nothing tells which is the latest.
	contrary bool
}

// records are the transfers of a list or a statement.
type records struct {
	all []*record
	// byReference finds those that name our reference, byProviderRef the others.
	byReference, byProviderRef map[string]*record
}

func newRecords() *records {
	return &records{byReference: map[string]*record{}, byProviderRef: map[string]*record{}}
}

func (r *records) add(row StatementRow) {
	by, key := r.byReference, row.Reference
	if key == "" {
		by, key = r.byProviderRef, row.ProviderRef
	}
	known := by[key]
	if known == nil {
		known = &record{last: row}
		by[key] = known
		r.all = append(r.all, known)
	} else {
		known.update(row)
	}
	if row.Class == provider.Successful {
		known.pay(paymentName(row))
	}
}

func (r *record) pay(payment string) {
	if r.payment == "" {
		r.payment = payment
	}
	r.twice = r.twice || r.payment != payment
}

// paymentName tells two payments apart: by the provider's own name for them, and
// where it gives none by where they stand.
func paymentName(row StatementRow) string {
	if row.ProviderRef != "" {
		return row.ProviderRef
	}
	return fmt.Sprintf("%d %s", row.Row, row.At)
}

// update takes in a further row about the transfer. The later one counts, or, where
// the times do not tell, one that is final. Of two ends nobody can say then which
// came last.
func (r *record) update(row StatementRow) {
	before := r.last
	switch {
	case !row.At.IsZero() && !before.At.IsZero() && !row.At.Equal(before.At):
		if row.At.After(before.At) {
			r.last, r.contrary = row, false
		}
	case row.Class == provider.Pending && before.Class != provider.Pending:
	default:
		r.contrary = r.contrary || (before.Class != provider.Pending && row.Class != before.Class)
		r.last = row
	}
}

// of returns what there is about a payout's present attempt, nil for nothing.
func (r *records) of(payout ledger.Payout) *record {
	found := r.byReference[string(payout.Reference)]
	if found == nil && payout.Answer.ProviderRef != "" {
		found = r.byProviderRef[payout.Answer.ProviderRef]
	}
	if found != nil {
		found.used = true
	}
	return found
}

// outcome words a record as an answer about the payout.
func (r *record) outcome(payout ledger.Payout) provider.Outcome {
	if r.contrary {
		return provider.Outcome{Code: CodeContrary, Message: "it ended in two ways, and nothing tells which came last"}
	}
	said := provider.Outcome{
		Class: r.last.Class, Code: r.last.Code, ProviderRef: r.last.ProviderRef,
		Fees: r.last.Fees, FeesKnown: r.last.FeesKnown,
	}
	if r.last.Row > 0 {
		said.Message = fmt.Sprintf("row %d of the provider's statement", r.last.Row)
	}
	if r.last.Amount != payout.Amount || r.last.Number != "" && r.last.Number != payout.Number {
		said = provider.Outcome{Class: provider.Unknown, Mismatch: true, Code: provider.CodeMismatch, Message: said.Message}
	}
	return said
}

// CodeContrary is what is said of a transfer that a statement or a list ends in two
// ways, without times that tell which came last.
const CodeContrary = "CONTRARY"

// saltsSought is how many names of an earlier attempt are tried. A second one was
// needed only if somebody's id was the first.
const saltsSought = 3

// earlier returns the references that earlier attempts of the payout may have
// had. One may be another payout's id.
func earlier(payout ledger.Payout) []ledger.Reference {
	if payout.Attempt < 2 {
		return nil
	}
	references := []ledger.Reference{ledger.Reference(payout.ID)}
	for attempt := 2; attempt < payout.Attempt; attempt++ {
		for salt := range saltsSought {
			references = append(references, ledger.DeriveReference(payout.ID, attempt, salt))
		}
	}
	return references
}

// strays returns the records under the prefix, or all, that no payout used and
// that the whole ledger does not know.
func (r *records) strays(ctx context.Context, store ledger.Store, under func(StatementRow) bool) ([]*record, error) {
	var found []*record
	for _, one := range r.all {
		if one.used || !under(one.last) {
			continue
		}
		_, err := store.Payout(ctx, ledger.TransactionID(one.last.Reference))
		switch {
		case err == nil:
		case isUnknown(err):
			found = append(found, one)
		default:
			return nil, fmt.Errorf("look for %q in the ledger: %w", one.last.Reference, err)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return withoutLaterAttempts(ctx, store, found)
}

// withoutLaterAttempts leaves out what is a payout's later attempt, or known by
// the provider's name only, in any batch of the ledger.
func withoutLaterAttempts(ctx context.Context, store ledger.Store, found []*record) ([]*record, error) {
	byReference, byProviderRef := map[string]*record{}, map[string]*record{}
	for _, one := range found {
		if one.last.Reference == "" {
			byProviderRef[one.last.ProviderRef] = one
		} else {
			byReference[one.last.Reference] = one
		}
	}
	batches, err := store.Batches(ctx)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	for _, batch := range batches {
		for payout, err := range store.Payouts(ctx, batch.ID) {
			if err != nil {
				return nil, fmt.Errorf("read batch %q: %w", batch.ID, err)
			}
			delete(byReference, string(payout.Reference))
			delete(byProviderRef, payout.Answer.ProviderRef)
			for _, reference := range earlier(payout) {
				delete(byReference, string(reference))
			}
		}
	}
	var left []*record
	for _, one := range found {
		if byReference[one.last.Reference] == one || byProviderRef[one.last.ProviderRef] == one {
			left = append(left, one)
		}
	}
	return left, nil
}
