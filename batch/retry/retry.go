package retry

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"payrun/batch/reconcile"
	"payrun/ledger"
)

const retryActor = "retry"

// Choice says which payouts of a batch a person wants to be tried again. The zero
// Choice wants every failed one that the batch's current file still has, in the same terms.
type Choice struct {
	// Only, if it is not empty, and Except name payouts.
	Only, Except []ledger.TransactionID
	// Removed takes in those that are no longer in the file; those that Only names
	// are taken anyway.
	Removed bool
	// Cancelled takes in what was withdrawn and never sent.
	Cancelled bool
}

// Choosing is the result of a choice. Each list is in file order.
type Choosing struct {
	Chosen []ledger.Payout
	// Removed are left out because the batch's file no longer has them.
	Removed []ledger.Payout
	// Corrected are left out because the batch's file has other terms for them. To run it
	// again pays them in those; a new attempt would pay in the old ones.
	Corrected []ledger.Payout
	// Unresolved are left out because what was said of them contradicts what is
	// recorded, and no person has answered that.
	Unresolved []ledger.Payout
	// PaidSince are left out because the same person, by number or by name, was to be
	// paid the same amount under another id since.
	PaidSince []PaidSince
	// Sent are cancelled payouts of which a request may have left all the same; they
	// are left out, too.
	Sent []ledger.Payout
}

// Total returns what the chosen payouts come to.
func (c Choosing) Total() ledger.Total {
	return ledger.TotalOf(c.Chosen)
}

// NotRetriableError names a payout that was asked for and cannot be tried again.
type NotRetriableError struct {
	ID    ledger.TransactionID
	Batch ledger.BatchID
	// Known is false for what the batch does not have; State is where it stands.
	Known bool
	State ledger.State
}

func (e *NotRetriableError) Error() string {
	if !e.Known {
		return fmt.Sprintf("batch %q has no payout %q", e.Batch, e.ID)
	}
	return fmt.Sprintf("payout %q is %s, not failed", e.ID, e.State)
}

// Choose finds the payouts that a retry is about. It asks nobody. Whoever is named
// must be in the batch, and failed if named by Only: a *NotRetriableError says
// otherwise.
func Choose(ctx context.Context, store ledger.Store, batch ledger.BatchID, c Choice) (Choosing, error) {
	var done Choosing
	corrected, err := OtherTerms(ctx, store, batch)
	if err != nil {
		return done, err
	}
	named := map[ledger.TransactionID]bool{}
	for _, id := range append(slices.Clone(c.Only), c.Except...) {
		named[id] = false
	}
	for payout, err := range store.Payouts(ctx, batch) {
		if err != nil {
			return done, fmt.Errorf("read batch %q: %w", batch, err)
		}
		if _, is := named[payout.ID]; is {
			named[payout.ID] = true
		}
		only := slices.Contains(c.Only, payout.ID)
		if slices.Contains(c.Except, payout.ID) || (len(c.Only) > 0 && !only) {
			continue
		}
		wanted := payout.State == ledger.Failed || (payout.State == ledger.Cancelled && (c.Cancelled || only))
		if only && !wanted {
			return done, &NotRetriableError{ID: payout.ID, Batch: batch, Known: true, State: payout.State}
		}
		switch {
		case wanted && corrected[payout.ID] && !only:
			done.Corrected = append(done.Corrected, payout)
		case wanted:
			done.sort(payout, only || c.Removed)
		}
	}
	for _, id := range append(slices.Clone(c.Only), c.Except...) {
		if !named[id] {
			return done, &NotRetriableError{ID: id, Batch: batch}
		}
	}
	return done, done.leaveOutPaid(ctx, store, batch, c.Only)
}

// OtherTerms are the payouts for which the batch's file has other terms than the ledger:
// rows that came back corrected and were held back.
func OtherTerms(ctx context.Context, store ledger.Reader, batch ledger.BatchID) (map[ledger.TransactionID]bool, error) {
	corrected := map[ledger.TransactionID]bool{}
	for row, err := range store.RejectedRows(ctx, batch, 0) {
		if err != nil {
			return nil, fmt.Errorf("read the rejected rows of batch %q: %w", batch, err)
		}
		if slices.ContainsFunc(row.Rejections, func(r ledger.Rejection) bool { return r.Code == ledger.CodeIDConflict }) {
			corrected[row.ID] = true
		}
	}
	return corrected, nil
}

// sort puts a payout where it belongs.
func (c *Choosing) sort(payout ledger.Payout, removed bool) {
	switch {
	case payout.Contradicted():
		c.Unresolved = append(c.Unresolved, payout)
	case payout.State == ledger.Cancelled && !payout.NeverSent():
		c.Sent = append(c.Sent, payout)
	case payout.Row == 0 && !removed:
		c.Removed = append(c.Removed, payout)
	default:
		c.Chosen = append(c.Chosen, payout)
	}
}

// Retried is the result of a retry.
type Retried struct {
	// Queued payouts got a new attempt; running the batch sends them.
	Queued ledger.Total
	// Held payouts got none, in file order.
	Held []Held
}

// Retrier gives payouts new attempts, once the provider has confirmed that none before
// paid. It must not be used beside a run of the same ledger.
type Retrier struct {
	reconcile.StatusClient
	// Grace is how long after a request was last under way the provider may still take
	// it, or not show it yet. Until then no "not found" counts.
	Grace time.Duration
	// UsedElsewhere is set if another ledger paid from the account lately, so that an
	// empty list proves nothing.
	UsedElsewhere bool
	// By is the person who asked for new attempts.
	By ledger.Person
	// Before is called ahead of each new attempt, one at a time; its error ends it all. May be nil.
	Before func(ctx context.Context) error
}

// Retry gives each chosen payout of the batch a new attempt, under a new reference,
// once the provider has confirmed by look-ups that no attempt before paid: that it
// failed, or, of what it never named and once the grace has passed, that it is not
// known there, beside a younger payment that is. It sends nothing. It stops with the first error of the ledger or the
// context; what was done by then is durable.
func (q Retrier) Retry(ctx context.Context, batch ledger.Batch, chosen []ledger.Payout) (Retried, error) {
	ids := map[ledger.TransactionID]bool{}
	for _, payout := range chosen {
		ids[payout.ID] = true
	}
	r := retrying{door: newDoor(q, batch, retryActor, ids)}
	again := func(p ledger.Payout) bool {
		return ids[p.ID] && (p.State == ledger.Failed || p.State == ledger.Cancelled)
	}
	err := q.Each(ctx, batch.ID, again, r.decide)
	slices.SortFunc(r.done.Held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.Payout.Row, b.Payout.Row), cmp.Compare(a.Payout.ID, b.Payout.ID))
	})
	return r.done, err
}

// retrying is one retry under way. The mutex guards done.
type retrying struct {
	door *door
	// terms are those of the new attempts, nil if all stay.
	terms map[ledger.TransactionID]ledger.Terms
	mu    sync.Mutex
	done  Retried
}

func (r *retrying) decide(ctx context.Context, payout ledger.Payout) error {
	held, err := r.door.pass(ctx, payout)
	amount := payout.Amount
	var corrected *ledger.Terms
	if terms, is := r.terms[payout.ID]; is {
		corrected, amount = &terms, terms.Amount
	}
	if err == nil && held.Code == HeldNot {
		err = r.begin(ctx, payout, corrected)
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if held.Code == HeldNot {
		r.done.Queued.Add(amount)
	} else {
		r.done.Held = append(r.done.Held, held)
	}
	return nil
}

// begin starts a new attempt of a payout.
func (r *retrying) begin(ctx context.Context, payout ledger.Payout, corrected *ledger.Terms) error {
	if before := r.door.retrier.Before; before != nil {
		r.mu.Lock()
		err := before(ctx)
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return r.door.begin(ctx, payout, corrected)
}
