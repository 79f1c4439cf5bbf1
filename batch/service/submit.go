package service

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/intake"
	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider/policy"
)

// Submission is a checked file on its way to become a batch.
type Submission struct {
	Batch ledger.BatchID
	// File and SHA256 name the file whose rows Entries are.
	File, SHA256 string
	// Currency is that of all of them.
	Currency money.Currency
	Entries  iter.Seq2[ledger.Entry, error]
	// Warnings are those of the check, which an approver is told.
	Warnings []approval.Warning
	// Repeats is how many rows repeat a payment and shall be paid all the same, as a
	// person said; 0 if nobody was asked.
	Repeats int
	// Released is how much a person let be paid: what may be sent once the rows are in, or
	// nothing.
	Released ledger.Total
	// NotBefore is the time before which nothing of it is sent, zero for at once. Under a
	// policy it is part of what people approve.
	NotBefore time.Time
}

// Submit makes a file's rows durable as a batch, with who released it, and returns the
// batch. It sends nothing. A known batch is one that Open would return. If what may be sent
// then is not what was released, the rows are in, and the error is a *ReleaseError.
//
// Under a policy the batch waits for approval instead, unless it has that already, and the
// actor is one of the people, under their name there, or it is a *MakerError.
func (s *Service) Submit(ctx context.Context, by Actor, in Submission) (ledger.Batch, error) {
	by, err := s.maker(ctx, by)
	if err != nil {
		return ledger.Batch{}, err
	}
	if in.NotBefore, err = s.releaseTime(in.NotBefore); err != nil {
		return ledger.Batch{}, err
	}
	if err := s.AcceptKey(ctx, by, in.Batch); err != nil {
		return ledger.Batch{}, err
	}
	_, err = s.config.Ledger.Batch(ctx, in.Batch)
	fresh := errors.Is(err, ledger.ErrNotFound)
	if err != nil && !fresh {
		return ledger.Batch{}, err
	}
	entered, err := s.config.Ledger.Enrol(ctx, ledger.Batch{
		ID: in.Batch, File: in.File, SHA256: in.SHA256, By: by.person(), Account: s.account(), Currency: in.Currency, CreatedAt: s.now(),
	}, in.Entries)
	if err != nil {
		return ledger.Batch{}, fmt.Errorf("enrol batch %q: %w", in.Batch, err)
	}
	if in.Repeats > 0 {
		err := s.config.Ledger.Record(ctx, ledger.Act{
			Code: ledger.ActRepeatAnswered, Batch: in.Batch, At: s.now(), By: by.person(), Count: ledger.Total{Count: in.Repeats},
		})
		if err != nil {
			return ledger.Batch{}, err
		}
	}
	standing, err := s.enter(ctx, by, in.Batch, asked{in.Warnings, in.NotBefore})
	if err == nil && standing.Governed {
		return s.entered(ctx, by, in, standing)
	}
	if err != nil {
		return ledger.Batch{}, err
	}
	err = ledger.ErrUncovered
	if fresh && entered.Known.Count == 0 && entered.New.Count > 0 && entered.New == in.Released {
		err = s.recordRelease(ctx, by, leave{in.Batch, in.Released, in.NotBefore}, entered.List) // digested on the way
	}
	if errors.Is(err, ledger.ErrUncovered) { // or others entered more of it meanwhile
		err = s.ReleaseAt(ctx, by, in.Batch, in.Released, in.NotBefore)
	}
	if err != nil {
		return ledger.Batch{}, err
	}
	return s.config.Ledger.Batch(ctx, in.Batch)
}

// entered releases a batch under a policy if it is approved, and returns it.
func (s *Service) entered(ctx context.Context, by Actor, in Submission, standing clearance.Standing) (ledger.Batch, error) {
	if err := s.settleApproval(ctx, by, standing); err != nil {
		return ledger.Batch{}, err
	}
	if standing.Pays(atTime(standing, s.now())) {
		if err := s.ReleaseAt(ctx, by, in.Batch, in.Released, in.NotBefore); err != nil {
			return ledger.Batch{}, err
		}
	}
	return s.config.Ledger.Batch(ctx, in.Batch)
}

// Admissible says whether a checked file may be submitted as its batch, by what the ledger
// has of that: the error is one of intake's for another file, for rows that are missing and
// for what another batch has already, or a *ledger.AccountError.
func (s *Service) Admissible(ctx context.Context, found *Checked) error {
	id := found.options.Batch
	err := intake.Admissible(ctx, s.config.Ledger, id, found.File.SHA256(), found.Inspection)
	if errors.Is(err, intake.ErrKnownElsewhere) {
		return errors.Join(s.Admits(ctx, id), err) // the other batch may be another account's
	}
	return err
}

// Correct gives rows that come back under a known id their new terms, each once the
// provider confirms that it was not paid. It comes before Submit and sends nothing. A person let
// them be paid, unless a policy asks for more than that.
func (s *Service) Correct(ctx context.Context, by Actor, id ledger.BatchID, found []ledger.Correction) (retry.Corrected, error) {
	if len(found) == 0 {
		return retry.Corrected{}, nil
	}
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil {
		return retry.Corrected{}, err
	}
	return s.correct(ctx, by, id, found, identity.Policies > 0)
}

// correct is Correct of what was let be paid, or is unreleased.
func (s *Service) correct(ctx context.Context, by Actor, id ledger.BatchID, found []ledger.Correction, unreleased bool) (retry.Corrected, error) {
	if len(found) == 0 {
		return retry.Corrected{}, nil
	}
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return retry.Corrected{}, err
	}
	asking := s.retrier(by, id, unreleased)
	return policy.While(ctx, asking.Provider, func(ctx context.Context) (retry.Corrected, error) {
		return asking.Correct(ctx, b, found)
	})
}

// BringIn makes the rows of a checked file, of this name, durable as its batch, with nothing of them
// released: a page or a call asks for that by itself. The Read of its check counts the rows here too. What comes back with other terms is corrected
// first; corrected says which was held. It sends nothing.
func (s *Service) BringIn(ctx context.Context, by Actor, c *Checked, name string) (b ledger.Batch, corrected retry.Corrected, err error) {
	if corrected, err = s.correct(ctx, by, c.options.Batch, c.Corrections, true); err != nil {
		return b, corrected, err
	}
	entering := c.Submission(ctx, name, c.options.Read)
	entering.Released = ledger.Total{}
	b, err = s.Submit(ctx, by, entering)
	return b, corrected, err
}

// Released returns how much a person who confirms the file lets be paid, once so much of its
// corrections was carried out: what is to pay, and what is in doubt and may go out again.
// A file with nothing to pay releases nothing.
func (c *Checked) Released(corrected ledger.Total) ledger.Total {
	toPay, doubt := c.ToPay(), c.InDoubt()
	if toPay.Count == 0 {
		return ledger.Total{}
	}
	return ledger.Total{
		Count:  toPay.Count - c.Corrected.Count + corrected.Count + doubt.Count,
		Amount: toPay.Amount.Minus(c.Corrected.Amount).Plus(corrected.Amount).Plus(doubt.Amount),
	}
}

// Submission is the checked file, of this name, on its way to become a batch, with all
// that may be paid of it released. The file is read once more; read counts its rows, nil
// counts nothing.
func (c *Checked) Submission(ctx context.Context, name string, read *atomic.Int64) Submission {
	in := Submission{
		Batch: c.options.Batch, File: name, SHA256: c.File.SHA256(), Currency: c.Currency(), Released: c.Released(c.Corrected),
		Entries: intake.Entries(ctx, countedFile{c.File, read}, c.rereader(), c.Overruled), Warnings: c.warned(),
	}
	if c.options.Repeats != nil {
		in.Repeats = c.Repeats
	}
	return in
}
