package remote

import (
	"strings"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// payoutsOf are payouts as the ledger has them.
func payoutsOf(all []httpapi.Payout, in money.Currency) ([]ledger.Payout, error) {
	var payouts []ledger.Payout
	for _, p := range all {
		payout, err := payoutOf(p, in)
		if err != nil {
			return nil, err
		}
		payouts = append(payouts, payout)
	}
	return payouts, nil
}

func payoutOf(p httpapi.Payout, in money.Currency) (ledger.Payout, error) {
	out := ledger.Payout{
		Terms: ledger.Terms{ID: p.ID, Number: phone.E164(p.Number), Name: p.Name, Operator: ledger.Operator(p.Operator)},
		Row:   p.Row, Attempt: p.Attempt, Reference: ledger.Reference(p.Reference),
		Answer: ledger.Answer{ProviderRef: p.ProviderID, Code: p.Code, Message: p.Message},
	}
	var err error
	if out.Amount, err = p.Amount.Amount(in); err != nil {
		return out, err
	}
	if err := out.State.UnmarshalText([]byte(p.State)); err != nil {
		return out, err
	}
	for _, given := range p.Differences {
		one := ledger.Difference{
			Code: given.Code, Said: given.Said, ProviderCode: given.ProviderCode, ProviderRef: given.ProviderRef, Reference: ledger.Reference(given.Reference),
		}
		if err := one.Recorded.UnmarshalText([]byte(given.Recorded)); err != nil {
			return out, err
		}
		if given.Amount != nil {
			if one.Amount, err = given.Amount.Amount(in); err != nil {
				return out, err
			}
		}
		if given.At != nil {
			one.At = *given.At
		}
		out.Differences = append(out.Differences, one)
	}
	return out, nil
}

// attemptOf is an attempt, of a payout that has these terms now.
func attemptOf(given httpapi.Attempt, now ledger.Terms) (ledger.Attempt, error) {
	a := ledger.Attempt{
		Number: given.Attempt, Reference: ledger.Reference(given.Reference), Terms: now,
		Answer: ledger.Answer{ProviderRef: given.ProviderID, Code: given.Code, Message: given.Message},
	}
	a.Terms.Number = phone.E164(given.Number)
	var err error
	if a.Terms.Amount, err = given.Amount.Amount(now.Amount.Currency); err != nil {
		return a, err
	}
	if err := a.State.UnmarshalText([]byte(given.State)); err != nil {
		return a, err
	}
	return a, a.Said.UnmarshalText([]byte(strings.Join(given.Said, ",")))
}

// batchOf is a batch as the ledger has it, but for what only the ledger needs.
func batchOf(b httpapi.BatchSummary) ledger.Batch {
	out := ledger.Batch{
		ID: b.ID, File: b.File, SHA256: b.SHA256, Account: ledger.Account{Place: b.Account}, Currency: money.Currency(b.Currency),
		CreatedAt: b.Created, Sealed: b.Complete, By: ledger.Person{Name: b.By},
	}
	_ = out.State.UnmarshalText([]byte(b.State)) // a newer server may know others
	if rejected, err := totalIn(b.Rejected, out.Currency); err == nil {
		out.Rejected = rejected
	}
	if r := b.Released; r != nil {
		out.Release = &ledger.Release{At: r.At, By: ledger.Person{Name: r.By}}
		if r.NotBefore != nil {
			out.Release.NotBefore = *r.NotBefore
		}
	}
	return out
}

// countsOf divides a batch's payouts.
func countsOf(b httpapi.BatchSummary) (ledger.Counts, error) {
	return countsIn(b.ByOperator, money.Currency(b.Currency))
}

// countsIn divides payouts, by operator and state.
func countsIn(byOperator map[string]map[string]*httpapi.Total, in money.Currency) (ledger.Counts, error) {
	var counts ledger.Counts
	for operator, states := range byOperator {
		for name, total := range states {
			var state ledger.State
			if err := state.UnmarshalText([]byte(name)); err != nil {
				return counts, err
			}
			read, err := totalIn(total, in)
			if err != nil {
				return counts, err
			}
			counts.AddTotal(ledger.Operator(operator), state, read)
		}
	}
	return counts, nil
}

func totalIn(t *httpapi.Total, in money.Currency) (ledger.Total, error) {
	if t == nil || t.Count == 0 {
		return ledger.Total{}, nil
	}
	amount, err := t.Amount.Amount(in)
	return ledger.Total{Count: t.Count, Amount: amount}, err
}

func standingOf(b ledger.Batch, a httpapi.Approval) (clearance.Standing, error) {
	s := clearance.Standing{Batch: b, Governed: a.Asked, Text: []byte(a.Content), Uncovered: a.Uncovered, Verdict: approval.Verdict{
		State: verdictState(a.State), Tier: a.Tier, May: a.May, Reachable: a.Reachable, RejectedBy: a.RejectedBy, Because: a.Because,
	}}
	if a.Content != "" {
		content, err := approval.ParseContent([]byte(a.Content))
		if err != nil {
			return s, err
		}
		s.Content = &content
	}
	for _, n := range a.Missing {
		s.Verdict.Missing = append(s.Verdict.Missing, approval.Need{Count: n.Count, From: n.From})
	}
	for _, c := range a.Approvals {
		s.Verdict.Counted = append(s.Verdict.Counted, approval.Counted{Event: c.Event, By: c.By, Key: c.Key})
	}
	for _, i := range a.Ignored {
		s.Verdict.Ignored = append(s.Verdict.Ignored, approval.Ignored{Event: i.Event, By: i.By, Reason: approval.Reason(i.Reason)})
	}
	if a.NotBefore != nil {
		s.Verdict.NotBefore = *a.NotBefore
	}
	if a.Until != nil {
		s.Verdict.Until = *a.Until
	}
	return s, nil
}

func verdictState(name string) approval.State {
	for state := approval.Waiting; state <= approval.Unusable; state++ {
		if state.String() == name {
			return state
		}
	}
	return 0
}

// retriableOf is who would be tried again, as the ledger tells it.
func retriableOf(b ledger.Batch, found httpapi.Retriable) (service.Retriable, error) {
	out := service.Retriable{Batch: b}
	for _, list := range []struct {
		from []httpapi.Payout
		to   *[]ledger.Payout
	}{
		{found.Chosen, &out.Chosen},
		{found.Removed, &out.Removed},
		{found.Corrected, &out.Corrected},
		{found.Unresolved, &out.Unresolved},
		{found.Sent, &out.Sent},
	} {
		payouts, err := payoutsOf(list.from, b.Currency)
		if err != nil {
			return out, err
		}
		*list.to = payouts
	}
	for _, p := range found.PaidSince {
		payout, err := payoutOf(p.Payout, b.Currency)
		if err != nil {
			return out, err
		}
		by := ledger.Payout{Terms: ledger.Terms{ID: p.PaidAs}, Batch: p.PaidIn}
		out.PaidSince = append(out.PaidSince, retry.PaidSince{Payout: payout, By: by})
	}
	var err error
	if out.Waiting.Queued, err = totalIn(found.Queued, b.Currency); err != nil {
		return out, err
	}
	out.Waiting.InDoubt, err = totalIn(found.InDoubt, b.Currency)
	return out, err
}

// withdrawalOf says what would be withdrawn, as the ledger tells it.
func withdrawalOf(found httpapi.Withdrawable, in money.Currency) (out service.Withdrawal, err error) {
	if out.Never, err = payoutsOf(found.Never, in); err != nil {
		return out, err
	}
	if out.Sent, err = payoutsOf(found.Sent, in); err != nil {
		return out, err
	}
	out.Elsewhere, err = payoutsOf(found.Elsewhere, in)
	return out, err
}

// heldOf are payouts that got no new attempt, as the ledger tells them.
func heldOf(all []httpapi.HeldPayout, in money.Currency) ([]retry.Held, error) {
	var held []retry.Held
	for _, h := range all {
		payout, err := payoutOf(h.Payout, in)
		if err != nil {
			return nil, err
		}
		one := retry.Held{Payout: payout, Code: retry.HeldCode(h.Held)}
		if h.Until != nil {
			one.Until = *h.Until
		}
		held = append(held, one)
	}
	return held, nil
}
