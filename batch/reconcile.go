package batch

import (
	"context"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// The kinds of difference between ledger and provider. Codes are stable.
const (
	// DifferencePaidThere: the provider paid, or is paying, what is failed here.
	DifferencePaidThere = "paid_there"
	// DifferenceReversed: the provider took back what is successful here.
	DifferenceReversed = "reversed"
	// DifferenceUnknownThere: the provider does not know what is successful or
	// pending here.
	DifferenceUnknownThere = "unknown_there"
	// DifferenceNotFinal: successful here, still pending there.
	DifferenceNotFinal = "not_final_there"
	// DifferenceNeverSent: the provider has what was never sent from here.
	DifferenceNeverSent = "never_sent"
	// DifferenceMismatch: the provider speaks of another amount or number.
	DifferenceMismatch = "mismatch"
)

// Difference is one payout about which ledger and provider disagree.
type Difference struct {
	Payout ledger.Payout
	// Code is one of the Difference constants; Provider is what the provider
	// says, its class and code.
	Code     string
	Provider provider.Outcome
}

// Reconciliation is what asking the provider about a whole batch brought.
type Reconciliation struct {
	// Agreed payouts are the same on both sides.
	Agreed ledger.Count
	// Settled payouts were open here; the provider's word was recorded.
	Settled ledger.Count
	// Open payouts are open on both sides.
	Open ledger.Count
	// Differences are recorded beside the states, which are not rewritten.
	Differences []Difference
	// Unanswered payouts got no answer that can be trusted.
	Unanswered []ledger.Payout
}

const reconcileActor = "reconcile"

// Reconcile looks up every payout of the batch and compares. It mends what is
// safe to mend, an open payout that the provider has settled, and nothing else;
// what contradicts a final state is recorded as an event and listed. It sends
// nothing. It stops with the first error of the ledger or the context.
func (q Inquiry) Reconcile(ctx context.Context, batch ledger.BatchID) (Reconciliation, error) {
	r := reconciling{store: q.Store}
	all := func(ledger.Payout) bool { return true }
	err := q.each(ctx, batch, all, r.decide)
	return r.done, err
}

type reconciling struct {
	store ledger.Store
	done  Reconciliation
}

func (r *reconciling) decide(ctx context.Context, payout ledger.Payout, outcome provider.Outcome) error {
	if outcome.Mismatch {
		return r.differ(ctx, payout, outcome, DifferenceMismatch)
	}
	switch outcome.Class {
	case provider.Successful, provider.Failed, provider.Pending, provider.NotFound:
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.Throttled,
		provider.Unauthorized, provider.NoBalance:
		r.done.Unanswered = append(r.done.Unanswered, payout)
		return nil
	}
	switch payout.State {
	case ledger.Submitting, ledger.Unknown, ledger.Pending:
		return r.open(ctx, payout, outcome)
	case ledger.Successful, ledger.Failed, ledger.Cancelled, ledger.Queued:
		if code := contradiction(payout, outcome.Class); code != "" {
			return r.differ(ctx, payout, outcome, code)
		}
		r.agree(payout)
	}
	return nil
}

func (r *reconciling) agree(payout ledger.Payout) {
	if payout.State == ledger.Queued {
		r.done.Open.Add(payout.Amount)
		return
	}
	r.done.Agreed.Add(payout.Amount)
}

// contradiction returns the code of what is wrong between a state that a look-up
// does not change and the provider's word, empty if nothing is.
func contradiction(payout ledger.Payout, said provider.Class) string {
	switch {
	case payout.State == ledger.Successful && said == provider.Failed:
		return DifferenceReversed
	case payout.State == ledger.Successful && said == provider.Pending:
		return DifferenceNotFinal
	case payout.State == ledger.Successful && said == provider.NotFound:
		return DifferenceUnknownThere
	case payout.State == ledger.Failed && (said == provider.Successful || said == provider.Pending):
		return DifferencePaidThere
	case (payout.State == ledger.Cancelled || payout.State == ledger.Queued) && said != provider.NotFound:
		return DifferenceNeverSent
	default:
		return ""
	}
}

// open takes over the provider's word about a payout that waits for it.
func (r *reconciling) open(ctx context.Context, payout ledger.Payout, outcome provider.Outcome) error {
	var to ledger.State
	switch outcome.Class {
	case provider.Successful:
		to = ledger.Successful
	case provider.Failed:
		to = ledger.Failed
	case provider.NotFound:
		if payout.State == ledger.Pending {
			return r.differ(ctx, payout, outcome, DifferenceUnknownThere)
		}
		// Whether it may be sent again is for a run to find out.
		r.done.Open.Add(payout.Amount)
		return nil
	case provider.Pending, provider.Unknown, provider.NotSent, provider.Refused, provider.Exists,
		provider.Throttled, provider.Unauthorized, provider.NoBalance:
		r.done.Open.Add(payout.Amount)
		return nil
	}
	err := r.store.Apply(ctx, []ledger.Change{{
		ID: payout.ID, From: payout.State, To: to, At: time.Now().UTC(), Actor: reconcileActor,
		Answer: ledger.Answer{
			ProviderRef: outcome.ProviderRef, Code: outcome.Code, Message: outcome.Message,
			Fees: outcome.Fees, FeesKnown: outcome.FeesKnown,
		},
	}})
	if err == nil {
		r.done.Settled.Add(payout.Amount)
	}
	return wrap(err, "record what the provider says of %q", payout.ID)
}

func (r *reconciling) differ(ctx context.Context, payout ledger.Payout, outcome provider.Outcome, code string) error {
	r.done.Differences = append(r.done.Differences, Difference{Payout: payout, Code: code, Provider: outcome})
	if !payout.State.Final() {
		// Nothing is settled yet that could be contradicted for the record.
		return nil
	}
	return contradict(ctx, r.store, payout, outcome, reconcileActor)
}
