package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/internal/placeindex"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Transfer is a transfer as the provider's list or statement has it.
type Transfer struct {
	provider.Transaction
	// Row is its row in the statement, 0 in a list.
	Row int
	// Returned is set for money that came in under the transfer's name. By itself it
	// is no transfer of anybody's: a deposit has a reference, too.
	Returned bool
}

// transferHistory is all that a list or a statement has under one reference.
type transferHistory struct {
	// last is the latest word.
	last Transfer
	// payments under it, by the provider's names: one at most, if
	// all is well.
	payments map[string]money.Amount
	// named is set if every payment is called by the provider's own name for it.
	named bool
	// left is set if money left under the reference, or may have.
	left bool
	// paid is the last payment of a list under it, which calls it by the provider's name.
	paid Transfer
	// contrary is set if it ended in two ways and nothing tells which is the latest.
	contrary bool
}

// transferIndex holds the transfers of a list or a statement. Those that it has many of are
// on disk, with the names that they are found by.
type transferIndex struct {
	rows  transferFile
	names *placeindex.Index
	// recent counts the rows whose names are in memory.
	recent int
	// used has a bit for each row of which some attempt was told.
	used bitSet
}

// namesMax is how many rows have their names in memory.
const namesMax = 64 << 10

func newTransferIndex() *transferIndex {
	r := &transferIndex{}
	r.names = placeindex.New(&r.rows)
	return r
}

func (r *transferIndex) close() error { return errors.Join(r.rows.Close(), r.names.Close()) }

// nameOf returns the name to find a row by: our reference, or if it has none the provider's.
func nameOf(row Transfer) string {
	if row.Reference != "" {
		return referenceNamed(row.Reference)
	}
	return providerRefNamed(row.ProviderRef)
}

func referenceNamed(reference string) string     { return "reference " + reference }
func providerRefNamed(providerRef string) string { return "provider " + providerRef }

func (r *transferIndex) add(row Transfer) error {
	place, err := r.rows.add(kept{Transfer: row})
	if err != nil {
		return err
	}
	r.names.Add(nameOf(row), place)
	if r.recent++; r.recent < namesMax {
		return nil
	}
	r.recent = 0
	return r.names.PutAway(placeindex.Mark{Covered: r.rows.Size(), Count: int64(r.rows.Count())})
}

// named is all that there is under a name, nil for nothing.
func (r *transferIndex) named(name string) (*transferHistory, error) {
	places, err := r.names.Find(name)
	if err != nil {
		return nil, err
	}
	var all *transferHistory
	for _, place := range places {
		row, err := r.rows.at(place)
		if err != nil {
			return nil, err
		}
		if nameOf(row.Transfer) != name {
			continue
		}
		r.used.set(row.ordinal)
		if all == nil {
			all = &transferHistory{last: row.Transfer}
		} else {
			all.update(row.Transfer)
		}
		all.take(row.Transfer)
	}
	return all, nil
}

// take counts what a row, which the history has heard of, says of payments.
func (r *transferHistory) take(row Transfer) {
	r.left = r.left || !row.Returned
	if row.Class == provider.Successful {
		r.named = row.ProviderRef != "" && (r.named || len(r.payments) == 0)
		r.pay(paymentName(row), row.Amount)
	}
	if row.Class == provider.Successful && row.ProviderRef != "" && row.Row == 0 {
		r.paid = row
	}
}

// bitSet is a set of small numbers. The zero value is empty.
type bitSet []uint64

const bitsPerWord = 64

func (b *bitSet) set(n int) {
	if need := n/bitsPerWord + 1; need > len(*b) {
		*b = append(*b, make([]uint64, need-len(*b))...)
	}
	(*b)[n/bitsPerWord] |= 1 << (n % bitsPerWord)
}

func (b bitSet) has(n int) bool {
	return n/bitsPerWord < len(b) && b[n/bitsPerWord]&(1<<(n%bitsPerWord)) != 0
}

func (r *transferHistory) pay(payment string, amount money.Amount) {
	if r.payments == nil {
		r.payments = map[string]money.Amount{}
	}
	r.payments[payment] = amount
}

// beside takes in a payment that is known from elsewhere than the list, by the provider's
// name for it. A list may end early, or show one payment for each reference: where it
// names another one than the ledger or a look-up does, there are two.
func (r *transferHistory) beside(providerRef string, amount money.Amount) {
	if providerRef != "" && r.named {
		r.pay(providerRef, amount)
	}
}

// twice reports whether more than one payment was made under the reference.
func (r *transferHistory) twice() bool { return len(r.payments) > 1 }

// beyond returns the payments but one.
func (r *transferHistory) beyond() ledger.Total {
	var more ledger.Total
	for _, amount := range r.payments {
		more.Add(amount)
	}
	more.Count--
	more.Amount = more.Amount.Minus(r.last.Amount)
	return more
}

// paymentName tells two payments apart: by the provider's own name for them, and
// where it gives none by where they stand.
func paymentName(row Transfer) string {
	if row.ProviderRef != "" {
		return row.ProviderRef
	}
	return fmt.Sprintf("%d %s", row.Row, row.At)
}

// update takes in a further row about the transfer. The later one counts, or, where
// the times do not tell, one that is final. Of two ends nobody can say then which
// came last.
func (r *transferHistory) update(row Transfer) {
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

// of returns what there is about an attempt, nil for nothing.
func (r *transferIndex) of(attempt ledger.Attempt) (*transferHistory, error) {
	found, err := r.named(referenceNamed(string(attempt.Reference)))
	if found != nil || err != nil || attempt.Answer.ProviderRef == "" {
		return found, err
	}
	return r.named(providerRefNamed(attempt.Answer.ProviderRef))
}

// outcome words a record as an answer about an attempt with those terms.
func (r *transferHistory) outcome(terms ledger.Terms) provider.Outcome {
	if r.contrary {
		return provider.Outcome{Code: CodeContrary}
	}
	return r.unlessPaid(r.last.about(terms), terms)
}

// unlessPaid returns what is said of an attempt, unless that is a transfer that failed and
// the list has another one under the reference, which is paid. Its word is then that.
func (r *transferHistory) unlessPaid(said provider.Outcome, terms ledger.Terms) provider.Outcome {
	if r != nil && said.Class == provider.Failed && r.paid.Class == provider.Successful && r.paid.Beside(said) {
		return r.paid.about(terms)
	}
	return said
}

// about words a transfer as an answer about an attempt with those terms.
func (t Transfer) about(terms ledger.Terms) provider.Outcome {
	if t.Amount != terms.Amount || t.Number != "" && t.Number != terms.Number {
		return provider.Outcome{Class: provider.Unknown, Mismatch: true, Code: provider.CodeMismatch}
	}
	return t.Outcome()
}

// CodeContrary is the code of a transfer that a statement or a list ends in two
// ways, without times that tell which came last.
const CodeContrary = "CONTRARY"

// strays yields what no payout of the batch used and the whole ledger does not know, of
// the records under the prefix, or of all.
func (r *transferIndex) strays(ctx context.Context, store ledger.Store, under func(Transfer) bool) iter.Seq2[Transfer, error] {
	return func(yield func(Transfer, error) bool) {
		if err := r.useProviderRefs(ctx, store); err != nil {
			yield(Transfer{}, err)
			return
		}
		for row, err := range r.rows.all() {
			if err == nil && r.used.has(row.ordinal) {
				continue
			}
			var one *transferHistory
			if err == nil {
				one, err = r.named(nameOf(row.Transfer))
			}
			if err != nil {
				yield(Transfer{}, err)
				return
			}
			if !one.left || !under(one.last) {
				continue
			}
			_, err = store.ByReference(ctx, ledger.Reference(one.last.Reference))
			switch {
			case err == nil:
				continue
			case !errors.Is(err, ledger.ErrNotFound):
				yield(Transfer{}, fmt.Errorf("look for %q in the ledger: %w", one.last.Reference, err))
				return
			case !yield(one.last, nil):
				return
			}
		}
	}
}

// useProviderRefs uses what names no reference and is known by the provider's name for it
// in any batch of the ledger.
func (r *transferIndex) useProviderRefs(ctx context.Context, store ledger.Store) error {
	if some, err := r.unnamed(); !some || err != nil {
		return err
	}
	batches, err := store.Batches(ctx)
	if err != nil {
		return fmt.Errorf("list batches: %w", err)
	}
	for _, batch := range batches {
		for payout, err := range store.Payouts(ctx, batch.ID) {
			if err != nil {
				return fmt.Errorf("read batch %q: %w", batch.ID, err)
			}
			for _, attempt := range payout.Attempts() {
				if attempt.Answer.ProviderRef == "" {
					continue
				}
				if _, err := r.named(providerRefNamed(attempt.Answer.ProviderRef)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unnamed reports whether there is a record that names no reference and was not used.
func (r *transferIndex) unnamed() (bool, error) {
	for row, err := range r.rows.all() {
		if err != nil {
			return false, err
		}
		if row.Reference == "" && !r.used.has(row.ordinal) {
			return true, nil
		}
	}
	return false, nil
}
