package service

import (
	"context"
	"iter"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/retry"
	"payrun/batch/rules"
	"payrun/ledger"
)

// Mended is a row as a person wants it instead, written as they would in the file.
type Mended struct {
	Number, Name, Operator, Amount string
}

// Amendment is a payout of a batch that gets other terms in place, without a file.
type Amendment struct {
	// Headline is where its batch stands.
	Batch  ledger.Batch
	Payout ledger.Payout
	// Terms are the new ones, which mean nothing while Problems has an error.
	Terms ledger.Terms
	// Unchanged is set if they are the old ones.
	Unchanged bool
	// Problems are those that a check of such a row finds.
	Problems []rules.Problem
	// Waiting goes out together with it.
	Waiting Sendable
}

// Allowed reports whether nothing speaks against the new terms.
func (a Amendment) Allowed() bool {
	for _, p := range a.Problems {
		if p.Severity == rules.Error {
			return false
		}
	}
	return !a.Unchanged
}

// Released returns how much a person is asked to release.
func (a Amendment) Released() ledger.Total {
	total := a.Waiting.Total()
	total.Add(a.Terms.Amount)
	return total
}

// PrepareAmend checks what a person wrote about a payout, as if it had come back in the batch's
// file with it: the same rules say what is a correction, and what another payment. It asks
// nobody. A payout that the batch has not is a *ledger.NotFoundError.
func (s *Service) PrepareAmend(ctx context.Context, id ledger.BatchID, wanted ledger.TransactionID, m Mended) (Amendment, error) {
	var a Amendment
	var err error
	if a.Batch, err = s.config.Ledger.Batch(ctx, id); err != nil {
		return a, err
	}
	if a.Payout, err = s.member(ctx, id, wanted); err != nil {
		return a, err
	}
	if a.Waiting, err = s.sendable(ctx, id); err != nil {
		return a, err
	}
	row := oneRow{
		Number: max(1, a.Payout.Row), TransactionID: table.Cell{Text: string(wanted)},
		Beneficiary: table.Cell{Text: m.Number}, Name: table.Cell{Text: m.Name}, Amount: table.Cell{Text: m.Amount},
		Operator: table.Cell{Text: m.Operator}, Note: table.Cell{Text: a.Payout.Note},
	}
	found, err := s.inspectRow(ctx, id, row, &a.Problems)
	if err != nil {
		return a, err
	}
	if len(found.Corrections) == 1 {
		a.Terms = found.Corrections[0].Terms
		return a, nil
	}
	a.Unchanged = a.Allowed() // nothing is wrong with it, and it is no correction
	return a, nil
}

// member returns a payout of a batch, or a *ledger.NotFoundError.
func (s *Service) member(ctx context.Context, id ledger.BatchID, wanted ledger.TransactionID) (ledger.Payout, error) {
	p, err := s.config.Ledger.Payout(ctx, wanted)
	if err == nil && p.Batch != id {
		err = &ledger.NotFoundError{ID: wanted}
	}
	return p, err
}

// oneRow is a file of one row.
type oneRow table.Row

// Rows implements intake.File.
func (r oneRow) Rows(context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) { yield(table.Row(r), nil) }
}

// inspectRow holds a row against the rules and the ledger.
func (s *Service) inspectRow(ctx context.Context, id ledger.BatchID, row oneRow, problems *[]rules.Problem) (found intake.Inspection, err error) {
	reserved, err := intake.ReservedIDs(ctx, s.config.Ledger)
	if err != nil {
		return found, err
	}
	err = s.config.Ledger.View(ctx, func(at ledger.View) (err error) {
		found, err = intake.Inspect(ctx, intake.InspectOptions{
			File: row, Checker: rules.NewValidator(s.config.Rules, rules.Options{}), Fees: s.config.Rules.Fee,
			History: &intake.History{Ledger: at, Rules: s.config.Rules, Batch: id, Now: s.now(), Reserved: reserved},
			Problem: func(p rules.Problem) { *problems = append(*problems, p) },
		})
		return err
	})
	return found, err
}

// Amend gives the payout its new terms and a new attempt, once the provider confirms that it
// was not paid, and releases it with what waits. It sends nothing: Pay does. If the ledger is
// not as it was prepared, the error is a *ReleaseError. Held says why it stays as it is.
//
// Under a policy it is submitted for approval instead of released.
func (s *Service) Amend(ctx context.Context, by Actor, a Amendment) (retry.Corrected, error) {
	by, err := s.maker(ctx, by)
	if err != nil {
		return retry.Corrected{}, err
	}
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil {
		return retry.Corrected{}, err
	}
	id := a.Batch.ID
	if identity.Policies == 0 {
		if err := s.releaseAmended(ctx, by, a); err != nil {
			return retry.Corrected{}, err
		}
	}
	done, err := s.Correct(ctx, by, id, []ledger.Correction{{Row: a.Payout.Row, Payout: a.Payout, Terms: a.Terms}})
	if err != nil || identity.Policies == 0 || len(done.Held) > 0 {
		return done, err
	}
	_, err = s.enter(ctx, by, id, asked{})
	return done, err
}

// releaseAmended is Release of what waits together with the payout in its new terms.
func (s *Service) releaseAmended(ctx context.Context, by Actor, a Amendment) error {
	amended := func(yield func(ledger.Payout, error) bool) {
		for p, err := range s.config.Ledger.Payouts(ctx, a.Batch.ID) {
			if err == nil && p.ID == a.Payout.ID && p.Correctable(a.Batch.ID) {
				p.Terms = a.Terms
			}
			if !yield(p, err) {
				return
			}
		}
	}
	return s.releaseOf(ctx, by, leave{batch: a.Batch.ID, confirmed: a.Released()}, amended, func(p ledger.Payout) bool {
		return maySend(p) || p.ID == a.Payout.ID && p.Correctable(a.Batch.ID)
	})
}
