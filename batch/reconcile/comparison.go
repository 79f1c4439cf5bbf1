package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"payrun/batch/evidence"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// comparison is one reconciliation under way. The mutex guards done and records:
// payouts are compared while answers about others come in.
type comparison struct {
	client StatusClient
	store  ledger.Store
	fees   rules.FeeEstimate
	// offline is set when a statement is all there is.
	offline bool
	// trusted is set if the list's word about a payout that it agrees with is enough.
	trusted bool

	mu      sync.Mutex
	records *transferIndex
	done    Result
}

// heard is the provider's word about one attempt.
type heard struct {
	attempt ledger.Attempt
	said    provider.Outcome
	// shown is the record of the list or statement, nil for none.
	shown *transferHistory
}

// paid reports whether the attempt was paid, or may still be.
func (h heard) paid() bool {
	return !h.said.Mismatch && (h.said.Class == provider.Successful || h.said.Class == provider.Pending)
}

// list takes in the provider's list, if it has one that can be read to its end.
func (r *comparison) list(ctx context.Context, from provider.Provider) error {
	lister, ok := provider.AsLister(from)
	if !ok {
		return ErrNoList
	}
	for transaction, err := range lister.Transactions(ctx) {
		if err == nil {
			err = r.records.add(Transfer{Transaction: transaction})
		}
		if err != nil {
			err = errors.Join(err, r.records.close())
			r.records, r.done.Listed = newTransferIndex(), 0
			return fmt.Errorf("list the provider's transactions: %w", err)
		}
		r.done.Listed++
	}
	return nil
}

// begin finds the batch's prefix and counts it.
func (r *comparison) begin(ctx context.Context, batch ledger.BatchID) (payouts int, err error) {
	var prefix prefixOf
	for payout, err := range r.store.Payouts(ctx, batch) {
		if err != nil {
			return 0, fmt.Errorf("read batch %q: %w", batch, err)
		}
		payouts++
		prefix.add(payout.ID)
	}
	r.done.Prefix = prefix.prefix()
	return payouts, nil
}

// compare asks what is said of each attempt of a payout and judges it.
func (r *comparison) compare(ctx context.Context, payout ledger.Payout) error {
	var earlier []heard
	for _, attempt := range payout.Earlier {
		if attempt.NeverSent() {
			continue
		}
		one, err := r.hear(ctx, attempt, false)
		if err != nil {
			return err
		}
		earlier = append(earlier, one)
	}
	attempts := payout.Attempts()
	latest, err := r.hear(ctx, attempts[len(attempts)-1], payout.State.Open())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.decide(ctx, payout, earlier, latest)
}

// hear finds out what is said of an attempt: in the list or statement, and by look-up
// where that is not enough.
func (r *comparison) hear(ctx context.Context, attempt ledger.Attempt, open bool) (heard, error) {
	r.mu.Lock()
	shown, err := r.records.of(attempt)
	r.mu.Unlock()
	if err != nil {
		return heard{}, fmt.Errorf("look for %q in what was read: %w", attempt.Reference, err)
	}
	h := heard{attempt: attempt, shown: shown}
	if h.shown != nil {
		h.said = h.shown.outcome(attempt.Terms)
	}
	r.beside(h, attempt.State == ledger.Successful, attempt.Answer.ProviderRef)
	switch {
	case r.offline && h.shown == nil:
		h.said = provider.Outcome{Class: provider.NotFound, Code: provider.CodeNotFound}
		return h, nil
	case r.offline, h.shown != nil && r.trusted && !open && agrees(attempt, h):
		return h, nil
	}
	said, err := r.client.LookUp(ctx, provider.Query{
		Reference: string(attempt.Reference), ProviderRef: attempt.Answer.ProviderRef,
		Number: attempt.Terms.Number, Amount: attempt.Terms.Amount,
	})
	if err != nil {
		return heard{}, err
	}
	said = h.shown.unlessPaid(said, attempt.Terms)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.LookedUp++
	if h.shown != nil && said.Class == provider.Successful && !said.Mismatch {
		h.shown.beside(said.ProviderRef, attempt.Terms.Amount)
	}
	if misses := said.Class == provider.NotFound || unusable(said); h.shown == nil || !h.paid() || !misses {
		h.said = said // what the list has as paid is there, whatever a look-up misses
	}
	if h.shown == nil && h.paid() && r.done.ListError == nil {
		r.done.Lacking++
	}
	return h, nil
}

// beside holds the payment that the ledger has of an attempt against those that the
// provider's list shows. A statement may call them otherwise.
func (r *comparison) beside(h heard, paid bool, providerRef string) {
	if h.shown == nil || r.offline || !paid {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h.shown.beside(providerRef, h.attempt.Terms.Amount)
}

// agrees reports whether the list says of a final attempt what the ledger does.
func agrees(attempt ledger.Attempt, h heard) bool {
	switch {
	case h.said.Mismatch, h.shown.twice():
		return false
	case h.said.Class == provider.Successful:
		return attempt.State == ledger.Successful
	case h.said.Class == provider.Failed:
		return attempt.State == ledger.Failed
	default:
		return false
	}
}

// decide compares a payout with what was said of all its attempts.
func (r *comparison) decide(ctx context.Context, payout ledger.Payout, earlier []heard, latest heard) error {
	r.count(payout, earlier, latest)
	payout, settled, err := r.settle(ctx, payout, latest)
	if err != nil {
		return err
	}
	found := r.differences(payout, earlier, latest)
	for _, f := range found {
		if err := r.differ(ctx, payout, f); err != nil {
			return err
		}
	}
	kept, err := r.recall(payout, found)
	if err != nil {
		return err
	}
	switch {
	case unusable(latest.said) || slices.ContainsFunc(earlier, func(h heard) bool { return unusable(h.said) }):
		r.done.Unanswered++
	case len(found) > 0, kept:
	case settled:
		r.done.Settled.Add(payout.Amount)
		_, err = r.charged(payout, latest.said)
	case payout.State.Open():
		r.done.Open.Add(payout.Amount)
	default:
		var differs bool
		if differs, err = r.charged(payout, latest.said); !differs {
			r.done.Agreed.Add(payout.Amount)
		}
	}
	return err
}

// unusable reports whether an answer says nothing about the payout. A mismatch does.
func unusable(said provider.Outcome) bool {
	switch said.Class {
	case provider.Successful, provider.Failed, provider.Pending, provider.NotFound:
		return false
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.Throttled,
		provider.Unauthorized, provider.NoBalance, provider.Expired, provider.Forbidden:
		return !said.Mismatch
	}
	return true
}

// count adds a payout's transfers to the provider's side.
func (r *comparison) count(payout ledger.Payout, earlier []heard, latest heard) {
	for _, h := range earlier {
		if h.paid() {
			r.done.Provider.add(h.attempt.Terms.Amount, h.said)
		}
	}
	r.done.Provider.add(amountThere(payout.Amount, latest), latest.said)
	for _, h := range append(slices.Clone(earlier), latest) {
		if h.shown != nil && h.shown.twice() && h.said.Class == provider.Successful {
			more := h.shown.beyond()
			r.done.Provider.Successful.Count += more.Count
			r.done.Provider.Successful.Amount = r.done.Provider.Successful.Amount.Plus(more.Amount)
		}
	}
}

// amountThere is the provider's amount for a payout, the ledger's amount where the
// answer says no more than that it is the right one, or that it is not.
func amountThere(here money.Amount, h heard) money.Amount {
	switch {
	case h.said.Mismatch && h.shown != nil:
		return h.shown.last.Amount
	case h.said.Mismatch && h.said.Described.AmountKnown:
		return h.said.Described.Amount
	default:
		return here
	}
}

// settle takes over the provider's word about a payout that waits for it, and returns
// the payout as it is then.
func (r *comparison) settle(ctx context.Context, payout ledger.Payout, latest heard) (ledger.Payout, bool, error) {
	var to ledger.State
	switch said := latest.said; {
	case payout.State != ledger.Submitting && payout.State != ledger.Unknown && payout.State != ledger.Pending:
		return payout, false, nil
	case said.Class == provider.Successful:
		to = ledger.Successful
	case said.Class == provider.Failed:
		to = ledger.Failed
	default:
		// Whether what is not found may be sent again is for a run to find out.
		return payout, false, nil
	}
	_, err := r.store.Apply(ctx, []ledger.Change{{
		ID: payout.ID, From: payout.State, To: to, At: time.Now().UTC(), Actor: actor,
		Answer: ledger.Answer{
			ProviderRef: latest.said.ProviderRef, Code: latest.said.Code, Message: latest.said.Message,
			Fees: latest.said.Fees, FeesKnown: latest.said.FeesKnown,
		},
	}})
	if err != nil {
		return payout, false, fmt.Errorf("record what the provider says of %q: %w", payout.ID, err)
	}
	payout.State = to
	return payout, true, nil
}

// finding is a difference of one attempt.
type finding struct {
	heard
	code string
}

// differences lists what is wrong between a payout and what was said of its attempts.
// The person who resolved a payout as paid knew that one attempt was: any one of them
// then agrees.
func (r *comparison) differences(payout ledger.Payout, earlier []heard, latest heard) []finding {
	var found []finding
	spare := payout.State == ledger.Successful && payout.Resolution != nil && payout.Resolution.Paid && !latest.paid()
	for _, h := range earlier {
		switch {
		case h.said.Mismatch:
			found = append(found, finding{h, ledger.DifferenceMismatch})
		case !h.paid():
		case spare && h.said.Class == provider.Successful:
			spare = false
			latest.said = h.said
		case payout.State == ledger.Successful:
			found = append(found, finding{h, ledger.DifferencePaidTwice})
		default:
			found = append(found, finding{h, ledger.DifferencePaidThere})
		}
	}
	for _, h := range append(slices.Clone(earlier), latest) {
		if h.shown != nil && h.shown.twice() {
			found = append(found, finding{h, ledger.DifferencePaidTwice})
		}
	}
	if code := r.contradiction(payout, latest.said); code != "" {
		found = append(found, finding{latest, code})
	}
	return found
}

// contradiction returns the code of what is wrong between a payout and the word about
// its current attempt, empty if nothing is.
func (r *comparison) contradiction(payout ledger.Payout, said provider.Outcome) string {
	switch {
	case said.Mismatch:
		return ledger.DifferenceMismatch
	case unusable(said):
		return ""
	case payout.State == ledger.Pending && said.Class == provider.NotFound && !r.offline:
		return ledger.DifferenceUnknownThere
	default:
		return contradiction(payout, said.Class)
	}
}

// charged lists a fee that is not the one expected.
func (r *comparison) charged(payout ledger.Payout, said provider.Outcome) (differs bool, err error) {
	expected := r.fees(payout.Operator, payout.Amount)
	if said.Class != provider.Successful || !said.FeesKnown || !feesDiffer(said.Fees, expected) {
		return false, nil
	}
	return true, r.done.Differences.Add(Difference{
		Code: ledger.DifferenceFees, Reference: string(payout.Reference), Said: said.Class, ProviderCode: said.Code,
		Fees: said.Fees, FeesExpected: expected,
	}.of(payout))
}

// differ lists a difference and keeps it beside the payout, where it stays until a
// person resolves it.
func (r *comparison) differ(ctx context.Context, payout ledger.Payout, f finding) error {
	d := Difference{
		Code: f.code, Reference: string(f.attempt.Reference), Said: f.said.Class, ProviderCode: f.said.Code,
		Answered: answered(payout, f),
	}.of(payout)
	if f.shown != nil {
		d.AmountThere, d.StatementRow = f.shown.last.Amount, f.shown.last.Row
	} else if f.said.Described.AmountKnown {
		d.AmountThere = f.said.Described.Amount
	}
	if err := r.done.Differences.Add(d); err != nil || !r.keeps(payout, f) {
		return err
	}
	return Observe(ctx, r.store, Observation{
		Payout: payout, Attempt: f.attempt, Said: f.said, Code: f.code, Actor: actor,
	})
}

// recall lists what was found against a payout before, is not found now, and was
// never answered.
func (r *comparison) recall(payout ledger.Payout, found []finding) (stands bool, err error) {
	for _, d := range payout.Unresolved() {
		if slices.ContainsFunc(found, func(f finding) bool { return f.code == d.Code && f.attempt.Reference == d.Reference }) {
			continue
		}
		stands = true
		was := Difference{
			Code: d.Code, Reference: string(d.Reference), ProviderCode: d.ProviderCode, AmountThere: d.Amount, Before: true,
		}.of(payout)
		for _, class := range provider.Classes() {
			if class.String() == d.Said {
				was.Said = class
			}
		}
		if err := r.done.Differences.Add(was); err != nil {
			return stands, err
		}
	}
	return stands, nil
}

// keeps reports whether a difference is recorded: not what a statement lacks, which
// may cover fewer days, nor what a run will look up again because it is still open.
func (r *comparison) keeps(payout ledger.Payout, f finding) bool {
	switch {
	case r.offline && f.said.Class == provider.NotFound, payout.State == ledger.Submitting:
		return false
	case f.code == ledger.DifferencePaidTwice, f.code == ledger.DifferencePaidThere, f.code == ledger.DifferenceNeverSent:
		return true
	default:
		return payout.State.Final()
	}
}

// answered reports whether a person resolved the payout after the same was found.
func answered(payout ledger.Payout, f finding) bool {
	if payout.Resolution == nil {
		return false
	}
	given := evidence.Difference(f.code, payout, f.attempt.Reference, f.said, time.Time{})
	return slices.ContainsFunc(payout.Differences, func(d ledger.Difference) bool {
		return !d.At.After(payout.Resolution.At) && sameFinding(d, *given)
	})
}

// ours reports whether a transfer was made under the batch's prefix.
func (r *comparison) ours(row Transfer) bool {
	return r.done.Prefix != "" && strings.HasPrefix(row.Reference, r.done.Prefix)
}

// finish lists what the provider has and the ledger does not, and what the file
// had and the ledger does not.
func (r *comparison) finish(ctx context.Context, batch ledger.Batch, sought func(Transfer) bool) (Result, error) {
	for stray, err := range r.records.strays(ctx, r.store, sought) {
		if err != nil {
			return r.done, err
		}
		code := ledger.DifferenceUnmatched
		if r.ours(stray) {
			code = ledger.DifferenceNeverSent
			r.done.Provider.NeverSent.Add(stray.Amount)
		}
		err := r.done.Differences.Add(Difference{
			Code: code, Reference: stray.Reference, AmountThere: stray.Amount, StatementRow: stray.Row,
			Said: stray.Class, ProviderCode: stray.Code,
		})
		if err != nil {
			return r.done, err
		}
	}
	differs, err := r.fileDiffers(ctx, batch)
	if err == nil && differs {
		err = r.done.Differences.Add(Difference{Code: ledger.DifferenceFile})
	}
	return r.done, err
}

// fileDiffers holds the ledger against the control totals that the file was
// accepted with. What is no longer in the file, and was not paid, does not count.
func (r *comparison) fileDiffers(ctx context.Context, batch ledger.Batch) (bool, error) {
	var here ledger.Total
	for payout, err := range r.store.Payouts(ctx, batch.ID) {
		if err != nil {
			return false, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		left := payout.Row == 0 && (payout.State == ledger.Failed || payout.State == ledger.Cancelled)
		if !left {
			here.Add(payout.Amount)
		}
	}
	recorded := batch.Accepted.Count+batch.Rejected.Count > 0
	return recorded && here != batch.Accepted, nil
}
