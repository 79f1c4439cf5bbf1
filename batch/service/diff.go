package service

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"payrun/batch/approval/changes"
	"payrun/batch/intake"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Diff compares a file with an earlier batch. Amounts of Changes are in minor
// units of Currency.
type Diff struct {
	// Batch is the name under which the file is accepted.
	Batch    ledger.BatchID
	Currency money.Currency
	// Against is the batch that the file is compared with, nil if none is comparable;
	// Changes have the sum of the file alone then.
	Against *ledger.Batch
	changes.Changes
}

// CurrencyError is a batch that cannot be compared with, as it pays in another currency.
type CurrencyError struct {
	Batch       ledger.BatchID
	Given, Paid money.Currency
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("batch %q pays in %s, the file in %s", e.Batch, e.Paid, e.Given)
}

// comparedMax is how many earlier batches are looked at for a comparable one, the latest
// first: a ledger of many years is not read for every file.
const comparedMax = 60

// paidOften is how often a batch may pay the same people for its length to say nothing.
const paidOften = 10

// Diff says what the rows of a checked file that may be paid change against an earlier
// batch: the one that is named, or else the last one that is comparable, of which the file
// itself is none. It needs the ledger alone, and holds both lists in memory. An unknown
// name is an error that wraps ledger.ErrNotFound; a named batch in another currency is a
// *CurrencyError.
func (s *Service) Diff(ctx context.Context, c *Checked, against ledger.BatchID) (Diff, error) {
	d := Diff{Batch: c.options.Batch, Currency: c.Currency()}
	earlier, err := s.earlier(ctx, d.Batch, against)
	if err != nil {
		return d, err
	}
	now, err := c.payees(ctx)
	if err != nil {
		return d, err
	}
	err = s.compare(ctx, &d, now, earlier, against != "")
	return d, err
}

// compare compares a list with the one that is comparable among earlier batches.
func (s *Service) compare(ctx context.Context, d *Diff, now []changes.Payee, earlier []ledger.Batch, named bool) error {
	d.Now = changes.SumOf(now)
	if len(earlier) == 0 {
		return nil
	}
	list, found, err := s.comparable(ctx, d.Currency, now, earlier, named)
	if err != nil || !found {
		return err
	}
	at := slices.IndexFunc(earlier, func(b ledger.Batch) bool { return string(b.ID) == list.Batch })
	d.Against, d.Changes = &earlier[at], changes.Compare(list.Payees, now)
	return nil
}

// earlier are the batches that a file can be compared with, the latest first.
func (s *Service) earlier(ctx context.Context, id, against ledger.BatchID) ([]ledger.Batch, error) {
	if s.config.Ledger == nil {
		return nil, nil
	}
	if against != "" {
		named, err := s.config.Ledger.Batch(ctx, against)
		return []ledger.Batch{named}, err
	}
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(batches)
	return slices.DeleteFunc(batches, func(b ledger.Batch) bool { return b.ID == id || !b.Sealed }), nil
}

// comparable finds the batch to compare with. One that was named is.
func (s *Service) comparable(ctx context.Context, in money.Currency, now []changes.Payee, earlier []ledger.Batch, named bool) (changes.List, bool, error) {
	if named {
		list, err := s.listOf(ctx, earlier[0], in)
		return list, true, err
	}
	var failed error
	list, found := changes.Comparable(now, func(yield func(changes.List) bool) {
		for _, b := range fitting(earlier, changes.Numbers(now)) {
			list, err := s.listOf(ctx, b, in)
			if _, other := errors.AsType[*CurrencyError](err); other {
				continue
			}
			if failed = err; err != nil || !yield(list) {
				return
			}
		}
	})
	return list, found && failed == nil, failed
}

// fitting are the first batches into which half of so many people would fit, and that are
// not too long to be half theirs, unless each was paid ten times in one.
func fitting(batches []ledger.Batch, people int) []ledger.Batch {
	var fit []ledger.Batch
	for _, b := range batches {
		unknown := b.Accepted.Count == 0 // of a ledger of before it was kept
		if len(fit) < comparedMax && (unknown || (2*b.Accepted.Count >= people && b.Accepted.Count <= 2*paidOften*people)) {
			fit = append(fit, b)
		}
	}
	return fit
}

// listOf is the list of a batch: all that it was to pay, but for what was withdrawn before
// anything was sent.
func (s *Service) listOf(ctx context.Context, b ledger.Batch, in money.Currency) (changes.List, error) {
	list := changes.List{Batch: string(b.ID)}
	for p, err := range s.config.Ledger.Payouts(ctx, b.ID) {
		switch {
		case err != nil:
			return list, fmt.Errorf("read batch %q: %w", b.ID, err)
		case p.Amount.Currency != in:
			return list, &CurrencyError{b.ID, in, p.Amount.Currency}
		case p.State != ledger.Cancelled:
			list.Payees = append(list.Payees, payee(p.Terms))
		}
	}
	return list, nil
}

// payees are the people whom the file pays.
func (c *Checked) payees(ctx context.Context) ([]changes.Payee, error) {
	all := make([]changes.Payee, 0, c.Valid.Count)
	for entry, err := range c.payable(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, payee(entry.Terms))
	}
	return all, nil
}

// payable yields the rows that may be paid, in the file's order, whatever the ledger has of
// them by now. It reads the file once more.
func (c *Checked) payable(ctx context.Context) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for entry, err := range intake.Entries(ctx, c.File, c.rereader(), c.Overruled) {
			if (err != nil || len(entry.Rejections) == 0) && !yield(entry, err) {
				return
			}
		}
	}
}

func payee(t ledger.Terms) changes.Payee {
	return changes.Payee{ID: string(t.ID), Number: t.Number, Name: t.Name, Amount: t.Amount.Minor}
}

// Changed says what a batch changes against an earlier one: the one that is named, or else the
// last comparable one that is older. It is Diff for what was entered already.
func (s *Service) Changed(ctx context.Context, id, against ledger.BatchID) (Diff, error) {
	d := Diff{Batch: id}
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return d, err
	}
	d.Currency = b.Currency
	earlier, err := s.earlier(ctx, id, against)
	if err != nil {
		return d, err
	}
	if against == "" {
		earlier = slices.DeleteFunc(earlier, func(other ledger.Batch) bool { return !other.CreatedAt.Before(b.CreatedAt) })
	}
	list, err := s.listOf(ctx, b, d.Currency)
	if err != nil {
		return d, err
	}
	err = s.compare(ctx, &d, list.Payees, earlier, against != "")
	return d, err
}
