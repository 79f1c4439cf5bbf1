package service

import (
	"context"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Plan foretells the payment of a checked file.
type Plan struct {
	*Checked

	Batch ledger.BatchID
	// Place is that of the account that would pay.
	Place string
	// Balance is the account's, nil if the provider does not tell.
	Balance *money.Amount
	// Changes are those against an earlier batch, nil if nobody asked for them.
	Changes *Diff
	// Written is the plan as it was written into files, nil if it was not.
	Written *WrittenPlan
}

// Plan asks the provider for the balance, which is all that a plan adds to a check and to
// what changed, nil for nothing that was asked. Its error is the provider's.
func (s *Service) Plan(ctx context.Context, c *Checked, changed *Diff) (Plan, error) {
	balance, err := s.balance(ctx)
	if err != nil {
		return Plan{}, err
	}
	return Plan{Checked: c, Batch: c.options.Batch, Place: s.config.Account.Place(), Balance: balance, Changes: changed}, nil
}

// BalanceAfter returns the account's balance after paying, by the estimate of fees; nil
// if the provider does not tell what it holds.
func (p Plan) BalanceAfter() *money.Fine {
	if p.Balance == nil {
		return nil
	}
	after := p.Balance.Fine().Minus(p.ToPay().Amount.Fine()).Minus(p.Fees)
	return &after
}
