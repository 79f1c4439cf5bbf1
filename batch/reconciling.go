package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// reconciling is one reconciliation under way. The mutex guards done and
// records: payouts are confirmed while answers about others come in.
type reconciling struct {
	store ledger.Store
	fees  FeeEstimate
	// offline is set when a statement is all there is.
	offline bool

	mu      sync.Mutex
	records *records
	done    Reconciliation
}

// list takes in the provider's list, if it has one that can be read to its end.
func (r *reconciling) list(ctx context.Context, from provider.Provider) error {
	lister, ok := from.(provider.Lister)
	if !ok {
		return ErrNoList
	}
	for transaction, err := range lister.Transactions(ctx) {
		if err != nil {
			r.records, r.done.Listed = newRecords(), 0
			return fmt.Errorf("list the provider's transactions: %w", err)
		}
		r.records.add(StatementRow{Transaction: transaction})
		r.done.Listed++
	}
	return nil
}

// begin finds the batch's prefix and looks at earlier attempts, which must not
// have been paid.
func (r *reconciling) begin(ctx context.Context, batch ledger.BatchID) (payouts int, err error) {
	var prefix prefixOf
	for payout, err := range r.store.Payouts(ctx, batch) {
		if err != nil {
			return 0, fmt.Errorf("read batch %q: %w", batch, err)
		}
		payouts++
		prefix.add(payout.ID)
		if err := r.earlierAttempts(ctx, payout); err != nil {
			return 0, err
		}
	}
	r.done.Prefix = prefix.prefix()
	return payouts, nil
}

func (r *reconciling) earlierAttempts(ctx context.Context, payout ledger.Payout) error {
	for _, reference := range earlier(payout) {
		before := r.records.byReference[string(reference)]
		if before == nil {
			continue
		}
		if owner, err := r.store.Payout(ctx, ledger.TransactionID(reference)); err == nil && owner.ID != payout.ID {
			continue
		} else if err != nil && !isUnknown(err) {
			return fmt.Errorf("look for %q in the ledger: %w", reference, err)
		}
		if before.last.Class == provider.Failed {
			continue
		}
		code := DifferencePaidThere
		if payout.State == ledger.Successful {
			code = DifferencePaidTwice
		}
		r.show(code, payout, before, before.outcome(payout))
	}
	return nil
}

// show lists a difference that a record shows.
func (r *reconciling) show(code string, payout ledger.Payout, shown *record, said provider.Outcome) {
	r.done.Differences = append(r.done.Differences, Difference{
		Code: code, Payout: payout, Reference: shown.last.Reference, Provider: said,
		AmountThere: shown.last.Amount, StatementRow: shown.last.Row,
	})
}

// confirmed takes a payout as agreed if the list says of it what the ledger does.
func (r *reconciling) confirmed(payout ledger.Payout) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	listed := r.records.of(payout)
	if listed == nil || !payout.State.Final() || listed.twice {
		return false
	}
	said := listed.outcome(payout)
	if said.Mismatch || said.Class == provider.Unknown || said.Class == provider.Pending || contradiction(payout, said.Class) != "" {
		return false
	}
	r.done.Provider.add(payout.Amount, said)
	r.agree(payout, said)
	return true
}

// stated is what the statement says of a payout.
func (r *reconciling) stated(payout ledger.Payout) provider.Outcome {
	if found := r.records.of(payout); found != nil {
		return found.outcome(payout)
	}
	return provider.Outcome{Class: provider.NotFound, Code: provider.CodeNotFound}
}

// decide compares a payout with an answer about it.
func (r *reconciling) decide(ctx context.Context, payout ledger.Payout, said provider.Outcome) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.offline {
		r.done.LookedUp++
	}
	r.done.Provider.add(r.amountThere(payout, said), said)
	if shown := r.records.of(payout); shown != nil && shown.twice {
		r.show(DifferencePaidTwice, payout, shown, said)
	}
	if said.Mismatch {
		return r.differ(ctx, payout, said, DifferenceMismatch)
	}
	switch said.Class {
	case provider.Successful, provider.Failed, provider.Pending, provider.NotFound:
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.Throttled,
		provider.Unauthorized, provider.NoBalance:
		r.done.Unanswered = append(r.done.Unanswered, payout)
		return nil
	}
	switch payout.State {
	case ledger.Submitting, ledger.Unknown, ledger.Pending:
		return r.open(ctx, payout, said)
	case ledger.Successful, ledger.Failed, ledger.Cancelled, ledger.Queued:
		if code := contradiction(payout, said.Class); code != "" {
			return r.differ(ctx, payout, said, code)
		}
		r.agree(payout, said)
	}
	return nil
}

// amountThere is what the provider has for a payout, the ledger's amount where the
// answer says no more than that it is the right one, or that it is not.
func (r *reconciling) amountThere(payout ledger.Payout, said provider.Outcome) money.XOF {
	if shown := r.records.of(payout); shown != nil && said.Mismatch {
		return shown.last.Amount
	}
	return payout.Amount
}

func (r *reconciling) agree(payout ledger.Payout, said provider.Outcome) {
	switch {
	case payout.State == ledger.Queued:
		r.done.Open.Add(payout.Amount)
	case !r.charged(payout, said):
		r.done.Agreed.Add(payout.Amount)
	}
}

// charged lists a fee that is not the one expected.
func (r *reconciling) charged(payout ledger.Payout, said provider.Outcome) (differs bool) {
	expected := r.fees(payout.Operator, payout.Amount)
	if said.Class != provider.Successful || !said.FeesKnown || !feesDiffer(said.Fees, expected) {
		return false
	}
	difference := r.difference(payout, said, DifferenceFees)
	difference.FeesExpected = expected
	r.done.Differences = append(r.done.Differences, difference)
	return true
}

// open takes over the provider's word about a payout that waits for it.
func (r *reconciling) open(ctx context.Context, payout ledger.Payout, said provider.Outcome) error {
	var to ledger.State
	switch {
	case said.Class == provider.Successful:
		to = ledger.Successful
	case said.Class == provider.Failed:
		to = ledger.Failed
	case said.Class == provider.NotFound && payout.State == ledger.Pending && !r.offline:
		return r.differ(ctx, payout, said, DifferenceUnknownThere)
	default:
		// Whether what is not found may be sent again is for a run to find out.
		r.done.Open.Add(payout.Amount)
		return nil
	}
	err := r.store.Apply(ctx, []ledger.Change{{
		ID: payout.ID, From: payout.State, To: to, At: time.Now().UTC(), Actor: reconcileActor,
		Answer: ledger.Answer{
			ProviderRef: said.ProviderRef, Code: said.Code, Message: said.Message,
			Fees: said.Fees, FeesKnown: said.FeesKnown,
		},
	}})
	if err != nil {
		return fmt.Errorf("record what the provider says of %q: %w", payout.ID, err)
	}
	r.done.Settled.Add(payout.Amount)
	payout.State = to
	r.charged(payout, said)
	return nil
}

func (r *reconciling) difference(payout ledger.Payout, said provider.Outcome, code string) Difference {
	d := Difference{Code: code, Payout: payout, Reference: string(payout.Reference), Provider: said}
	if shown := r.records.of(payout); shown != nil {
		d.AmountThere, d.StatementRow = shown.last.Amount, shown.last.Row
	}
	return d
}

func (r *reconciling) differ(ctx context.Context, payout ledger.Payout, said provider.Outcome, code string) error {
	r.done.Differences = append(r.done.Differences, r.difference(payout, said, code))
	if !payout.State.Final() || r.offline && said.Class == provider.NotFound {
		// Nothing is settled yet, or said, that could be kept for the record.
		return nil
	}
	return contradict(ctx, r.store, payout, said, reconcileActor)
}

// ours reports whether a transfer was made under the batch's prefix.
func (r *reconciling) ours(row StatementRow) bool {
	return r.done.Prefix != "" && strings.HasPrefix(row.Reference, r.done.Prefix)
}

// finish lists what the provider has and the ledger does not, and what the file
// had and the ledger does not.
func (r *reconciling) finish(ctx context.Context, batch ledger.Batch, sought func(StatementRow) bool) (Reconciliation, error) {
	strays, err := r.records.strays(ctx, r.store, sought)
	if err != nil {
		return r.done, err
	}
	for _, stray := range strays {
		code := DifferenceUnmatched
		if r.ours(stray.last) {
			code = DifferenceNeverSent
			r.done.Provider.NeverSent.Add(stray.last.Amount)
		}
		r.show(code, ledger.Payout{}, stray, provider.Outcome{Class: stray.last.Class, Code: stray.last.Code})
	}
	differs, err := r.fileDiffers(ctx, batch)
	if err == nil && differs {
		r.done.Differences = append(r.done.Differences, Difference{Code: DifferenceFile})
	}
	return r.done, err
}

// fileDiffers holds the ledger against the control totals that the file was
// accepted with.
func (r *reconciling) fileDiffers(ctx context.Context, batch ledger.Batch) (bool, error) {
	var here ledger.Count
	for payout, err := range r.store.Payouts(ctx, batch.ID) {
		if err != nil {
			return false, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		here.Add(payout.Amount)
	}
	recorded := batch.Accepted.Count+batch.Rejected.Count > 0
	return recorded && here != batch.Accepted, nil
}

func isUnknown(err error) bool { return errors.Is(err, ledger.ErrNotFound) }
