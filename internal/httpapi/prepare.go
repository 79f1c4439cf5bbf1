package httpapi

import (
	"context"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
)

// retryQuery says which payouts would be tried again.
type retryQuery struct {
	BatchPath

	Only      []string `query:"only" doc:"these alone"`
	Except    []string `query:"except" doc:"all but these"`
	Removed   bool     `query:"removed" doc:"rows that the file has no longer, too"`
	Cancelled bool     `query:"cancelled" doc:"what was withdrawn and never sent, too"`
}

func (q retryQuery) again() Again {
	return Again{Only: idsOf(q.Only), Except: idsOf(q.Except), Removed: q.Removed, Cancelled: q.Cancelled}
}

func idsOf(words []string) []ledger.TransactionID {
	var ids []ledger.TransactionID
	for _, word := range words {
		ids = append(ids, ledger.TransactionID(word))
	}
	return ids
}

// Retriable is who would be tried again, and who is left out, each list in file order.
type Retriable struct {
	// ToConfirm is the total that a call to retry has to name: the chosen, and what is queued.
	ToConfirm  *Total      `json:"to_confirm" doc:"what would be sent, and a call to retry has to name"`
	Queued     *Total      `json:"queued" doc:"those of to_confirm that were never sent"`
	InDoubt    *Total      `json:"in_doubt" doc:"those of to_confirm that go out again if the provider does not know them"`
	Chosen     []Payout    `json:"chosen" doc:"those that would get a new attempt"`
	PaidSince  []PaidSince `json:"paid_since" doc:"left out: the same person was paid the same amount under another id"`
	Removed    []Payout    `json:"removed" doc:"left out: the file has them no longer"`
	Corrected  []Payout    `json:"corrected" doc:"left out: the file has other terms for them"`
	Unresolved []Payout    `json:"unresolved" doc:"left out: the provider contradicts the ledger"`
	Sent       []Payout    `json:"sent" doc:"left out: withdrawn, and perhaps sent all the same"`
}

// PaidSince is a failed payout whose beneficiary was paid under another id.
type PaidSince struct {
	Payout

	PaidAs ledger.TransactionID `json:"paid_as"`
	PaidIn ledger.BatchID       `json:"paid_in"`
}

// showRetry asks nobody: at the retry itself the provider is asked about each.
func (s *server) showRetry(ctx context.Context, in *retryQuery) (*struct{ Body Retriable }, error) {
	to := s.Service()
	b, err := s.Store.Batch(ctx, ledger.BatchID(in.ID))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	found, err := to.PrepareRetry(ctx, b, in.again().choice())
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := Retriable{
		ToConfirm: totalOf(found.Released()), Queued: totalOf(found.Waiting.Queued), InDoubt: totalOf(found.Waiting.InDoubt),
		Chosen: listOf(found.Chosen), PaidSince: []PaidSince{}, Removed: listOf(found.Removed), Corrected: listOf(found.Corrected),
		Unresolved: listOf(found.Unresolved), Sent: listOf(found.Sent),
	}
	for _, p := range found.PaidSince {
		out.PaidSince = append(out.PaidSince, PaidSince{payoutOf(p.Payout), p.By.ID, p.By.Batch})
	}
	return &struct{ Body Retriable }{out}, nil
}

// Withdrawable divides the queued payouts by whether they would be withdrawn.
type Withdrawable struct {
	Never     []Payout `json:"never" doc:"never sent: they would be withdrawn"`
	Sent      []Payout `json:"sent" doc:"they stay: a request may have reached the provider"`
	Elsewhere []Payout `json:"elsewhere" doc:"they stay: another batch brought them in"`
}

func (s *server) showCancel(ctx context.Context, in *BatchPath) (*struct{ Body Withdrawable }, error) {
	found, err := s.Service().PrepareCancel(ctx, ledger.BatchID(in.ID))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := Withdrawable{Never: listOf(found.Never), Sent: listOf(found.Sent), Elsewhere: listOf(found.Elsewhere)}
	return &struct{ Body Withdrawable }{out}, nil
}

func listOf(payouts []ledger.Payout) []Payout {
	all := []Payout{}
	for _, p := range payouts {
		all = append(all, payoutOf(p))
	}
	return all
}

// HeldPayout is a payout that got no new attempt, and why.
type HeldPayout struct {
	Payout

	Held  string     `json:"held" doc:"why, in a word that stays"`
	Until *time.Time `json:"until,omitempty" doc:"from then on another try may end otherwise"`
}

func heldOf(held []retry.Held) []HeldPayout {
	var all []HeldPayout
	for _, h := range held {
		all = append(all, HeldPayout{payoutOf(h.Payout), string(h.Code), moment(h.Until)})
	}
	return all
}
